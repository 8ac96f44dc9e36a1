"""The method `posterior`: a network whose precision its training learns, of a given size, then refined."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from codesign._keras import keras
from codesign.errors import BudgetError
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.layers import PosteriorDense
from codesign.methods.networks import EpochLog, Report, build_network, fit_network
from codesign.methods.refine_to_aim import refine_to_aim
from codesign.methods.settings import MethodSettings
from codesign.methods.task import Task
from codesign.methods.trained import Place, Trained
from codesign.network import Network
from codesign.posterior import CollapseSchedule, CollapseToBudget, LutBudget
from codesign.posterior.graph_budget import GraphBudget
from codesign.train import CostSchedule
from codesign.train.cosine_fit import CosineFit

METHOD = "posterior"
_NOISY_DONE, _ROUNDED_DONE = 0.45, 0.8  # shares of the time
# Where a network becomes a constant: rounded less, then larger; refinement makes it small. (factor of the aim, whether
# the width of the rounding is found)
_ATTEMPTS = ((1, False), (1, True), (8, True))


@dataclass(frozen=True, eq=False)
class PosteriorTraining:
    """Trains a network towards an adder cost, or at a cost weight, rounds it, and refines it.

    Args:
        task: with the teacher's probabilities as targets, or labels.
        aim: adder cost and levels that are not to be exceeded, until which it is refined; None: see `cost_weight`.
        settings: sizes and epochs.
        seed: of weights, order and noise.
        method: that the networks are said to be of.
        hidden: units of each hidden layer; None takes those of the settings.
        start: kernel and bias of each layer to start from, or None.
        cost_weight: of a bit product, without an aim; see :class:`codesign.CostSchedule`.
    """

    task: Task
    aim: GraphBudget | None
    settings: MethodSettings
    seed: int
    method: str = METHOD
    hidden: tuple[int, ...] | None = None
    start: Sequence[np.ndarray] | None = None
    cost_weight: float | None = None

    @property
    def label(self) -> str:
        """What tells it apart from others."""
        if self.aim is not None:
            return f"aim {self.aim.adder_cost:.0f}"
        return f"{'-'.join(map(str, self.hidden or self.settings.hidden))} cost weight {self.cost_weight:g}"

    def run(self, place: Place, report: Report) -> Trained:
        """Train what the place does not hold yet; `report` takes the share that is done.

        Raises:
            TrainingError: if the training diverges.
        """
        found = place.trained()
        if found is not None:
            return found
        begun, history = time.process_time(), []
        for factor, fits_width in _ATTEMPTS if self.aim else _ATTEMPTS[:1]:
            larger = self.aim and replace(self.aim, adder_cost=factor * self.aim.adder_cost)
            stage = _Stage(replace(self, aim=larger), place, report, factor, fits_width)
            network, price = stage.network()
            history += stage.history
            if not trace_circuit(network).is_constant:
                break
        refined = refine_to_aim(network, self, price=price)
        return place.keep_trained(
            Trained(
                self.method,
                None if self.aim is None else float(self.aim.adder_cost),
                tuple(map(self.task.finished, refined)),
                tuple(history),
                time.process_time() - begun,
                self.label,
            )
        )


@dataclass(eq=False)
class _Stage:
    """One training up to the rounded network.

    Args:
        training: whose aim counts.
        place: where it is kept.
        report: takes the share that is done.
        factor: of the aim, for the names of what is kept.
        fits_width: whether weights are rounded as little as the aim allows, or as their noise says.
    """

    training: PosteriorTraining
    place: Place
    report: Report
    factor: int
    fits_width: bool
    history: list[dict] = field(default_factory=list)

    def network(self) -> tuple[Network, float]:
        """Train and round, and return the network, and the cost weight at the end of the training with noise."""
        training = self.training
        hidden = training.hidden or training.settings.hidden
        model = build_network(training.task, hidden, PosteriorDense, seed=training.seed)
        price = self._train(model)
        self._round(model)
        return Network.from_keras(model), price

    def _train(self, model: keras.Model) -> float:
        """Train with noise, and return the cost weight at the end."""
        training, place, name = self.training, self.place, f"noisy_{self.factor}"
        kept = place.arrays(name)
        if kept is not None:
            *weights, price = kept
            model.set_weights(weights)
            self.history += place.entries(name)
            return float(price)
        if training.start is not None:
            for layer, (kernel, bias) in zip(_dense_layers(model), training.start, strict=True):
                layer.kernel.assign(kernel)
                layer.bias.assign(bias)
        task, settings, steer = training.task, training.settings, self._steer()
        log = EpochLog("training", lambda share: self.report(_NOISY_DONE * share), lambda: _reached(steer))
        course = CosineFit(settings.epochs, settings.batch_size, settings.learning_rate)
        options = {"callbacks": (steer, log), "seed": training.seed, "restart_directory": place.restart(name)}
        fit_network(model, task, course, **options)
        price = _dense_layers(model)[0].cost_weight
        self._keep(name, log, [*model.get_weights(), np.array(price)])
        return price

    def _steer(self) -> LutBudget | CostSchedule:
        """What sets the cost weight."""
        training, aim = self.training, self.training.aim
        if aim is None:
            return CostSchedule(training.cost_weight)
        limits = {"adder_levels": aim.adder_levels, "measurements": training.settings.measurements}
        return LutBudget(aim.adder_cost, training.task.x, **limits)

    def _round(self, model: keras.Model) -> None:
        """Round part by part; of a budget that is not met the least network stays."""
        training, place, name = self.training, self.place, f"rounded_{self.factor}_{int(self.fits_width)}"
        kept = place.arrays(name)
        if kept is not None:
            model.set_weights(kept)
            self.history += place.entries(name)
            return
        task, aim, settings = training.task, training.aim, training.settings
        collapse = CollapseSchedule(task.x)
        if aim is not None and (self.fits_width or aim.adder_levels is not None):
            collapse = CollapseToBudget(aim.adder_cost, task.x, adder_levels=aim.adder_levels)
        log = EpochLog("rounding", lambda share: self.report(_NOISY_DONE + (_ROUNDED_DONE - _NOISY_DONE) * share))
        course = CosineFit(
            settings.collapse_epochs,
            settings.collapse_batch_size,
            settings.collapse_rate,
            cycles=len(collapse.parts),
        )
        options = {"callbacks": (collapse, log), "seed": training.seed + 1, "restart_directory": place.restart(name)}
        with contextlib.suppress(BudgetError):
            fit_network(model, task, course, **options)
        self._keep(name, log, model.get_weights())

    def _keep(self, name: str, log: EpochLog, arrays: Sequence[np.ndarray]) -> None:
        """Keep a stage that is over; its arrays come last, so that they are there only with its history."""
        self.history += log.entries
        self.place.keep_entries(name, log.entries)
        self.place.keep_arrays(name, arrays)


def _reached(steer: LutBudget | CostSchedule) -> dict[str, float]:
    """The adder cost that was measured last."""
    measured = getattr(steer, "history", ())
    return {"adder_cost": measured[-1][1]} if measured else {}


def _dense_layers(model: keras.Model) -> list[PosteriorDense]:
    return [layer for layer in model.layers if isinstance(layer, PosteriorDense)]
