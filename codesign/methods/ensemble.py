"""The teacher that is trained first: dense nets, whose mean probabilities are labels with less noise."""

import numpy as np

from codesign._keras import keras
from codesign.methods.networks import build_network, fit_network, outputs_of
from codesign.methods.settings import MethodSettings
from codesign.methods.task import Task
from codesign.train.cosine_fit import CosineFit

_STEPS_PER_CALL = 16


def train_member(task: Task, others: tuple[np.ndarray, ...], settings: MethodSettings, seed: int) -> list[np.ndarray]:
    """Train one net, and return what it says of the training events, and of others.

    Args:
        task: with labels as targets.
        others: more events, (any number, n_features) each.
        settings: of the ensemble.
        seed: its own.
    """
    model = build_network(task, settings.teacher_hidden, keras.layers.Dense, seed=seed)
    course = CosineFit(
        settings.teacher_epochs, settings.teacher_batch_size, settings.teacher_rate, steps_per_call=_STEPS_PER_CALL
    )
    fit_network(model, task, course, seed=seed)
    return [task.activate(outputs_of(model, x)) for x in (task.x, *others)]
