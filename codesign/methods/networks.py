"""Dense networks of a task, and their training; a network is compiled once, whatever is trained in it one by one."""

import json
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from os import PathLike

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import TrainingError
from codesign.layers import DetectorWords
from codesign.methods.task import Task, loss_function
from codesign.train.cosine_fit import CosineFit
from codesign.train.restart import fit_resumable
from codesign.train.stop_at_divergence import StopAtDivergence

_STEPS_PER_CALL, _MANY_EVENTS = 16, 4096  # an epoch of fewer events has few steps, and compiles in half the time
_SLOWER, _ATTEMPTS = 0.25, 3
Report = Callable[[float], None]
LayerKind = type[keras.layers.Layer]


def build_network(task: Task, hidden: Sequence[int], layer: LayerKind, *, seed: int) -> keras.Model:
    """Return a chain of dense layers with ReLU between them, behind the words if there are any.

    Its outputs are logits or values.

    It is the one that was built before for a task of this shape, with new weights: TensorFlow takes seconds to compile
    a network, which is as long as a small one trains.

    Args:
        hidden: units of each hidden layer.
        layer: kind of the layers.
        seed: of the weights.
    """
    shape = (task.n_features, *hidden, task.n_outputs)
    words = None if task.words is None else json.dumps(task.words.as_dict())
    steps_per_call = _STEPS_PER_CALL if len(task.x) >= _MANY_EVENTS else 1
    model = _compiled(shape, layer, words, (task.kind, task.weights is not None), steps_per_call)
    keras.utils.set_random_seed(seed)
    model.set_weights(_chain(shape, layer, words).get_weights())
    return model


def fit_network(
    model: keras.Model,
    task: Task,
    course: CosineFit,
    *,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    restart_directory: str | PathLike | None = None,
) -> None:
    """Train in place with the task's loss, by an optimizer that begins anew.

    A training that diverges begins anew at a quarter of the rate, twice at most.

    Args:
        model: from :func:`build_network`.
    """
    start, data = model.get_weights(), task.tensors()
    options = {"batch_size": course.batch_size, "epochs": course.epochs, "seed": seed}
    options |= {"callbacks": [StopAtDivergence(), *callbacks], "restart_directory": restart_directory}
    for attempt in range(_ATTEMPTS):
        for variable in model.optimizer.variables:
            variable.assign(tf.zeros_like(variable))
        model.optimizer._learning_rate.set(course.slower(_SLOWER**attempt), len(task.x))
        try:
            fit_resumable(model, data, **options)
            return
        except TrainingError:
            if attempt == _ATTEMPTS - 1:
                raise
            model.set_weights(start)


class EpochLog(keras.callbacks.Callback):
    """Notes the numbers of each epoch in `entries`, and reports how far the training is.

    Args:
        stage: of the training.
        report: takes the share of this `fit` that is done.
        more: gives more numbers.
    """

    def __init__(self, stage: str, report: Report, more: Callable[[], dict[str, float]] = dict) -> None:
        super().__init__()
        self._stage, self._report, self._more = stage, report, more
        self.entries: list[dict] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.entries = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        numbers = {**(logs or {}), **self._more()}
        kept = {name: float(value) for name, value in numbers.items() if math.isfinite(value)}
        self.entries.append({"stage": self._stage, "epoch": epoch, **kept})
        self._report((epoch + 1) / self.params["epochs"])


@lru_cache(maxsize=2)
def _compiled(
    shape: tuple[int, ...], layer: LayerKind, words: str | None, loss: tuple[str, bool], steps_per_call: int
) -> keras.Model:
    """One network of a shape, which trainings one after the other set anew; `loss` is a kind, and whether weighted."""
    model = _chain(shape, layer, words)
    model.compile(
        keras.optimizers.Adam(_MovedCosine()),
        loss_function(loss[0], shape[-1], loss[1]),
        steps_per_execution=steps_per_call,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def _chain(shape: tuple[int, ...], layer: LayerKind, words: str | None) -> keras.Model:
    first = [] if words is None else [DetectorWords(json.loads(words))]
    layers = [one for units in shape[1:-1] for one in (layer(units), keras.layers.ReLU())]
    return keras.Sequential([keras.Input(shape[:1]), *first, *layers, layer(shape[-1])])


class _MovedCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Cosines in a row from a rate to zero, in variables, so that a compiled step follows another course."""

    def __init__(self) -> None:
        self._rate, self._steps = (tf.Variable(1.0, trainable=False) for _ in range(2))

    def set(self, course: CosineFit, n_events: int) -> None:
        """Follow a course from step 0 on."""
        self._rate.assign(course.learning_rate)
        steps = course.epochs * math.ceil(n_events / course.batch_size)
        self._steps.assign(max(1, steps // course.cycles))

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        share = tf.math.floormod(tf.cast(step, tf.float32), self._steps) / self._steps
        return 0.5 * self._rate * (1.0 + tf.cos(np.float32(np.pi) * share))

    def get_config(self) -> dict:
        return {"rate": float(self._rate), "steps": float(self._steps)}
