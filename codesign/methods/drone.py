"""The method `drone`: a student that grows until it imitates the teacher; its precision is then learnt."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.drone import as_teacher, train_drone
from codesign.errors import ConfigError
from codesign.methods.networks import Report
from codesign.methods.task import VALUES, Task
from codesign.methods.trained import Place, Trained
from codesign.network import Network

METHOD = "drone"
_HIDDEN, _MOST_UNITS = (8, 8), 32
_MOST_EVENTS, _STEPS, _BATCH_SIZE, _FINE_TUNE_ITERATIONS = 40_000, 8000, 512, 200


@dataclass(frozen=True, eq=False)
class DroneTraining:
    """Grows one student of what a teacher says, in floating point.

    Args:
        task: with the teacher's probabilities or values as targets.
        hidden: units of each hidden layer, at first; None chooses.
        seed: of weights and order.
    """

    task: Task
    hidden: tuple[int, ...] | None
    seed: int
    method = METHOD

    def run(self, place: Place, report: Report) -> Trained:
        """Train it if the place does not hold it yet."""
        found = place.trained()
        if found is not None:
            return found
        begun, x = time.process_time(), self.task.x[:_MOST_EVENTS]
        output = "value" if self.task.kind == VALUES else "probability"
        hidden = self.hidden or _HIDDEN
        drone = train_drone(
            as_teacher(_Said(x, self.task.targets[:_MOST_EVENTS]), output=output),
            x,
            hidden=hidden,
            max_units=max(_MOST_UNITS, *hidden),
            activation="relu",
            max_epochs=max(10, _STEPS * _BATCH_SIZE // len(x)),
            batch_size=_BATCH_SIZE,
            fine_tune_iterations=_FINE_TUNE_ITERATIONS,
            seed=self.seed,
            progress=False,
        )
        report(1.0)
        history = tuple(
            {"stage": one["stage"], "epoch": epoch, "loss": float(one["loss"])}
            for epoch, one in enumerate(drone.history)
        )
        network = Network.from_keras(drone.model)
        spent = time.process_time() - begun
        return place.keep_trained(Trained(METHOD, None, (network,), history, spent, f"sizes {drone.sizes}"))


class _Said:
    """The teacher of training events alone: it gives what it has said of them, block after block.

    Args:
        x: the events.
        targets: what was said.
    """

    def __init__(self, x: np.ndarray, targets: np.ndarray) -> None:
        self._x, self._targets, self._next = x, targets, 0

    def __call__(self, block: np.ndarray) -> np.ndarray:
        rows = slice(self._next, self._next + len(block))
        if not np.array_equal(self._x[rows], block):
            raise ConfigError("x: expected the training events, in their order. Received: others")
        self._next = rows.stop % len(self._x)
        return self._targets[rows]


def start_of(drone: Network, task: Task) -> Sequence[tuple[np.ndarray, np.ndarray]]:
    """Return kernel and bias of each layer of a drone, as a network of the task starts from them.

    The drone's standardisation goes into its first layer, as does the offset of words.

    Args:
        drone: as :class:`DroneTraining` gives it.
        task: whose networks take events as they come, behind the words' offset.
    """
    offset = 0.0 if task.words is None else task.words.offset
    layers = [(layer.kernel, layer.bias) for layer in drone.layers]
    (kernel, bias), *others = layers
    return [(kernel, bias + np.broadcast_to(offset, len(kernel)) @ kernel), *others]
