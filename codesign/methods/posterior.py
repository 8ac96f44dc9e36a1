"""The method `posterior`: a network whose precision its training learns, of a given size, then refined."""

from dataclasses import dataclass

from codesign._keras import keras
from codesign.layers import PosteriorDense
from codesign.methods.networks import build_network, fit_network
from codesign.methods.settings import MethodSettings
from codesign.methods.task import Task
from codesign.network import Network
from codesign.posterior import CollapseToBudget, LutBudget
from codesign.posterior.graph_budget import GraphBudget
from codesign.refine import refine_network
from codesign.train.cosine_fit import CosineFit

_STEPS_PER_CALL = 16


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives.

    Args:
        method: its name.
        networks: with every type set.
        history: one entry of numbers for each epoch: ``stage``, ``loss``, and ``adder_cost`` where it was measured.
    """

    method: str
    networks: tuple[Network, ...]
    history: tuple[dict, ...]


def train_posterior(task: Task, aim: GraphBudget, settings: MethodSettings, seed: int) -> Trained:
    """Train a network towards an adder cost, round it within that, and refine it.

    Args:
        task: with the teacher's probabilities as targets, or labels.
        aim: adder cost and levels that are not to be exceeded.
        settings: sizes and epochs.
        seed: of weights, order and noise.

    Raises:
        BudgetError: for an aim that no network of this shape meets.
        TrainingError: if the training diverges.
    """
    model = build_network(task, settings.hidden, PosteriorDense, seed=seed)
    steer = LutBudget(aim.adder_cost, task.x, adder_levels=aim.adder_levels)
    course = CosineFit(settings.epochs, settings.batch_size, settings.learning_rate, steps_per_call=_STEPS_PER_CALL)
    history = _History("training")
    fit_network(model, task, course, seed=seed, callbacks=[steer, history])
    collapse = CollapseToBudget(aim.adder_cost, task.x, adder_levels=aim.adder_levels)
    course = CosineFit(
        settings.collapse_epochs,
        settings.collapse_batch_size,
        settings.collapse_rate,
        cycles=len(collapse.parts),
        steps_per_call=_STEPS_PER_CALL,
    )
    rounding = _History("rounding")
    fit_network(model, task, course, seed=seed + 1, callbacks=[collapse, rounding])
    collapsed = Network.from_keras(model)
    some = slice(settings.refine_events)
    refined = refine_network(
        collapsed,
        task.x[some],
        task.targets[some],
        loss=task.refine_loss,
        sweeps=settings.refine_sweeps,
        seed=seed,
    )
    return Trained("posterior", (collapsed, refined), (*history.epochs, *rounding.epochs))


class _History(keras.callbacks.Callback):
    """Notes the loss of each epoch."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage
        self.epochs: list[dict] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        self.epochs.append({"stage": self._stage, "epoch": epoch, **numbers})
