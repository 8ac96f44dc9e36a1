"""The method `posterior`: a network whose precision its training learns, of a given size, then refined."""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._keras import keras
from codesign.errors import BudgetError
from codesign.layers import PosteriorDense
from codesign.methods.networks import EpochLog, Report, build_network, fit_network
from codesign.methods.refine_to_aim import refine_to_aim
from codesign.methods.settings import MethodSettings
from codesign.methods.task import Task
from codesign.methods.trained import Place, Trained
from codesign.network import Network
from codesign.posterior import CollapseSchedule, CollapseToBudget, LutBudget
from codesign.posterior.graph_budget import GraphBudget
from codesign.train.cosine_fit import CosineFit

METHOD = "posterior"
_NOISY_DONE, _ROUNDED_DONE = 0.45, 0.8  # shares of the time


@dataclass(frozen=True, eq=False)
class PosteriorTraining:
    """Trains a network towards an adder cost, rounds it, and refines it until it is within.

    Args:
        task: with the teacher's probabilities as targets, or labels.
        aim: adder cost and levels that are not to be exceeded.
        settings: sizes and epochs.
        seed: of weights, order and noise.
        method: that the networks are said to be of.
        hidden: units of each hidden layer; None takes those of the settings.
        start: kernel and bias of each layer to start from, or None.
    """

    task: Task
    aim: GraphBudget
    settings: MethodSettings
    seed: int
    method: str = METHOD
    hidden: tuple[int, ...] | None = None
    start: Sequence[np.ndarray] | None = None

    def run(self, place: Place, report: Report) -> Trained:
        """Train what the place does not hold yet; `report` takes the share that is done.

        Raises:
            TrainingError: if the training diverges.
        """
        found = place.trained()
        if found is not None:
            return found
        begun = time.process_time()
        model = build_network(self.task, self.hidden or self.settings.hidden, PosteriorDense, seed=self.seed)
        history, price = self._train(model, place, lambda share: report(_NOISY_DONE * share))
        span = _ROUNDED_DONE - _NOISY_DONE
        history += self._round(model, place, lambda share: report(_NOISY_DONE + span * share))
        refined = refine_to_aim(Network.from_keras(model), self, price=price)
        return place.keep_trained(
            Trained(
                self.method,
                float(self.aim.adder_cost),
                tuple(map(self.task.finished, refined)),
                tuple(history),
                time.process_time() - begun,
                f"aim {self.aim.adder_cost:.0f}",
            )
        )

    def _train(self, model: keras.Model, place: Place, report: Report) -> tuple[list[dict], float]:
        """Train with noise, and return the history, and the cost weight at its end."""
        kept = place.arrays("noisy")
        if kept is not None:
            *weights, price = kept
            model.set_weights(weights)
            return place.entries("noisy"), float(price)
        if self.start is not None:
            for layer, (kernel, bias) in zip(_dense_layers(model), self.start, strict=True):
                layer.kernel.assign(kernel)
                layer.bias.assign(bias)
        aim, settings = self.aim, self.settings
        steer = LutBudget(
            aim.adder_cost, self.task.x, adder_levels=aim.adder_levels, measurements=settings.measurements
        )
        log = EpochLog("training", report, lambda: {"adder_cost": steer.history[-1][1]} if steer.history else {})
        course = CosineFit(settings.epochs, settings.batch_size, settings.learning_rate)
        restart = place.restart("noisy")
        fit_network(model, self.task, course, seed=self.seed, callbacks=(steer, log), restart_directory=restart)
        price = _dense_layers(model)[0].cost_weight
        place.keep_entries("noisy", log.entries)
        place.keep_arrays("noisy", [*model.get_weights(), np.array(price)])
        return log.entries, price

    def _round(self, model: keras.Model, place: Place, report: Report) -> list[dict]:
        """Round part by part; of a budget that is not met the least network stays."""
        kept = place.arrays("rounded")
        if kept is not None:
            model.set_weights(kept)
            return place.entries("rounded")
        aim, settings = self.aim, self.settings
        collapse = CollapseSchedule(self.task.x)
        if aim.adder_levels is not None:
            collapse = CollapseToBudget(aim.adder_cost, self.task.x, adder_levels=aim.adder_levels)
        log = EpochLog("rounding", report)
        course = CosineFit(
            settings.collapse_epochs,
            settings.collapse_batch_size,
            settings.collapse_rate,
            cycles=len(collapse.parts),
        )
        with contextlib.suppress(BudgetError):
            restart = place.restart("rounded")
            fit_network(
                model, self.task, course, seed=self.seed + 1, callbacks=(collapse, log), restart_directory=restart
            )
        place.keep_entries("rounded", log.entries)
        place.keep_arrays("rounded", model.get_weights())
        return log.entries


def _dense_layers(model: keras.Model) -> list[PosteriorDense]:
    return [layer for layer in model.layers if isinstance(layer, PosteriorDense)]
