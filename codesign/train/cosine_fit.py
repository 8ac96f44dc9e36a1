"""The training loop: Adam along cosines, ended where it diverges."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike

import numpy as np

from codesign._keras import keras, tf
from codesign.train.restart import fit_resumable
from codesign.train.stop_at_divergence import StopAtDivergence

Data = tuple[np.ndarray | tf.Tensor, np.ndarray | tf.Tensor]
Loss = str | keras.losses.Loss | Callable


@dataclass(frozen=True)
class CosineFit:
    """The course of a training.

    Args:
        epochs: passes over the training events, those of all cycles together.
        batch_size: events per step.
        learning_rate: of Adam at the start; it falls to zero along a cosine.
        cycles: cosines in a row, each from the full rate.
        hold: share of the steps before the rate begins to fall; of one cycle.
        steps_per_call: steps in one call of TensorFlow, which saves a third of a small network's time; 1 where a
            callback acts within an epoch.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    cycles: int = 1
    hold: float = 0.0
    steps_per_call: int = 1

    def slower(self, factor: float) -> "CosineFit":
        """Return the course at this share of the learning rate."""
        return replace(self, learning_rate=factor * self.learning_rate)

    def rate(self, n_events: int) -> keras.optimizers.schedules.LearningRateSchedule:
        """Return the learning rate step by step, for so many events."""
        schedules, steps = keras.optimizers.schedules, self.epochs * math.ceil(n_events / self.batch_size)
        if self.hold:
            return HeldCosine(self.learning_rate, steps, self.hold)
        if self.cycles == 1:
            return schedules.CosineDecay(self.learning_rate, steps)
        return schedules.CosineDecayRestarts(self.learning_rate, max(1, steps // self.cycles), t_mul=1.0, m_mul=1.0)


@keras.utils.register_keras_serializable(package="codesign")
class HeldCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that stays at `rate` until the share `hold` of `steps`, then falls to zero along a cosine."""

    def __init__(self, rate: float, steps: int, hold: float) -> None:
        self.rate, self.steps, self.hold = rate, steps, hold

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        share = (tf.cast(step, tf.float32) / self.steps - self.hold) / (1.0 - self.hold)
        return 0.5 * self.rate * (1.0 + tf.cos(math.pi * tf.clip_by_value(share, 0.0, 1.0)))

    def get_config(self) -> dict:
        return {"rate": self.rate, "steps": self.steps, "hold": self.hold}


def fit_along_cosine(
    model: keras.Model,
    data: Data,
    loss: Loss,
    course: CosineFit,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    metrics: Sequence[str] = (),
    seed: int | None = None,
    restart_directory: str | PathLike | None = None,
) -> float:
    """Compile and train a model in place, and return the CPU seconds that it took.

    Args:
        data: events and labels.
        loss, metrics: as `compile` takes them.
        course: epochs and rates.
        callbacks: behind :class:`codesign.train.StopAtDivergence`; a progress bar is one of them.
        seed: of the order of events and of noise, epoch by epoch, see :func:`codesign.train.restart.fit_resumable`;
            None leaves both to Keras.
        restart_directory: where a training with a seed that was stopped goes on.

    Raises:
        TrainingError: if the training diverges; it names the epoch and the cause, and the model holds the last good
            weights.
    """
    optimizer = keras.optimizers.Adam(course.rate(len(data[0])))
    model.compile(optimizer, loss, metrics=list(metrics), steps_per_execution=course.steps_per_call)
    used = [StopAtDivergence(), *callbacks]
    options = {"batch_size": course.batch_size, "epochs": course.epochs, "callbacks": used}
    if seed is not None:
        return fit_resumable(model, data, **options, seed=seed, restart_directory=restart_directory)
    start = time.process_time()
    model.fit(*data, **options, verbose=0)
    return time.process_time() - start
