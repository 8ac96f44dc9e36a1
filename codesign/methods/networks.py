"""Dense networks of a task, and their training."""

from collections.abc import Callable, Sequence
from os import PathLike

import numpy as np

from codesign._keras import keras
from codesign.methods.task import Task
from codesign.train.cosine_fit import CosineFit, fit_along_cosine

_BLOCK = 20_000


def build_network(
    task: Task, hidden: Sequence[int], layer: Callable[[int], keras.layers.Layer], *, seed: int
) -> keras.Model:
    """Return a chain of dense layers with ReLU between them, its outputs logits or values.

    Args:
        hidden: units of each hidden layer.
        layer: makes a layer of so many units.
        seed: of its weights, and of the layers' noise.
    """
    keras.utils.set_random_seed(seed)
    layers = [one for units in hidden for one in (layer(units), keras.layers.ReLU())]
    return keras.Sequential([keras.Input((task.n_features,)), *layers, layer(task.n_outputs)])


def fit_network(
    model: keras.Model,
    task: Task,
    course: CosineFit,
    *,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    restart_directory: str | PathLike | None = None,
) -> float:
    """Train in place with the task's loss, and return its CPU s."""
    options = {"callbacks": callbacks, "seed": seed, "restart_directory": restart_directory}
    return fit_along_cosine(model, task.tensors(), task.loss, course, **options)


def outputs_of(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Return (n_events, n_outputs) float32."""
    return model.predict(x, batch_size=_BLOCK, verbose=0)
