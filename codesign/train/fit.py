"""One call that trains and prunes a classifier with `model.fit`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

from codesign._keras import keras
from codesign.data import Dataset
from codesign.errors import ConfigError
from codesign.train.cosine_fit import CosineFit, fit_along_cosine
from codesign.train.magnitude_pruning import prune_by_magnitude, strip_pruning
from codesign.train.progress import EpochProgress


@dataclass(frozen=True)
class FitSettings:
    """How to train.

    Args:
        epochs: passes over the training events.
        batch_size: events per step.
        learning_rate: of Adam at the start; it falls to zero along a cosine.
        sparsity: share of each kernel that TFMOT prunes away, 0 for none. It rises over the middle of the training:
            from 10 % to 60 % of the steps, by TFMOT's cubic schedule; then the mask is kept.
        seed: of the order of the events and of noise.

    Raises:
        ConfigError: for values outside their range.
    """

    epochs: int = 30
    batch_size: int = 512
    learning_rate: float = 3e-3
    sparsity: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise ConfigError(f"epochs, batch_size: expected at least 1. Received: {self.epochs}, {self.batch_size}")
        if not self.learning_rate > 0:
            raise ConfigError(f"learning_rate: expected a positive number. Received: {self.learning_rate}")
        if not 0 <= self.sparsity < 1:
            raise ConfigError(f"sparsity: expected a share from 0 to below 1. Received: {self.sparsity}")


def fit_classifier(
    model: keras.Model,
    data: Dataset,
    settings: FitSettings,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    restart_directory: str | PathLike | None = None,
    progress: bool = True,
    label: str = "network",
) -> keras.Model:
    """Train with cross-entropy on the labels, pruning on the way, and return the model without pruning wrappers.

    Args:
        model: classifier with a softmax, uncompiled.
        data: standardised events.
        settings: how to train.
        callbacks: more of them, such as KLSchedule or GateSchedule.
        restart_directory: a training that was stopped goes on here at the epoch it had reached, and ends with the same
            weights to the bit, see :func:`codesign.train.restart.fit_resumable`.
        progress: show a progress bar.
        label: what the bar is called.

    Raises:
        TrainingError: if the training diverges; it names the epoch and the cause, and the model holds the last good
            weights.
    """
    keras.utils.set_random_seed(settings.seed)
    steps = settings.epochs * math.ceil(len(data.x_train) / settings.batch_size)
    bar = EpochProgress(label, shown=progress)
    used = [*callbacks, bar]
    if settings.sparsity:
        model, pruning = prune_by_magnitude(model, settings.sparsity, steps=steps)
        used += pruning
    course = CosineFit(settings.epochs, settings.batch_size, settings.learning_rate)
    options = {
        "callbacks": used,
        "metrics": ["accuracy"],
        "seed": settings.seed,
        "restart_directory": restart_directory,
    }
    with bar:
        fit_along_cosine(model, (data.x_train, data.y_train), "sparse_categorical_crossentropy", course, **options)
    return strip_pruning(model) if settings.sparsity else model
