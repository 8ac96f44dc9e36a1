"""The teacher of the paper: a locally connected network of 4,111 parameters for 6 features, 7,081 for 17.

Benson, Gizdov 2019, arXiv:1712.09114: LocallyConnected1D, GlobalMaxPooling1D, Dense 30, Dense 1.
"""

import numpy as np

from codesign._keras import keras
from codesign.errors import ConfigError, DataError
from codesign.train.cosine_fit import CosineFit, fit_along_cosine
from codesign.train.progress import EpochProgress

_FILTERS, _KERNEL_SIZE, _UNITS = 90, 2, 30  # the only whole numbers that give both of the paper's counts


def paper_teacher(n_inputs: int, *, weight_decay: float = 0.0, seed: int = 0) -> keras.Model:
    """Return the network, uncompiled: 90 filters over 2 neighbouring features, their maxima, 30 units, 1 output.

    Set the standardisation with :func:`train_paper_teacher`.

    Args:
        n_inputs: features, at least 2.
        weight_decay: of every kernel (L2).
        seed: of the initial weights.

    Raises:
        ConfigError: for fewer than 2 features, or a negative decay.
    """
    if n_inputs < _KERNEL_SIZE or weight_decay < 0:
        raise ConfigError(
            f"n_inputs, weight_decay: expected at least {_KERNEL_SIZE}, and 0. Received: {n_inputs}, {weight_decay}"
        )
    return _build(np.zeros(n_inputs), np.ones(n_inputs), weight_decay, seed)


def train_paper_teacher(
    x: np.ndarray,
    y: np.ndarray,
    *,
    weight_decay: float = 0.0,
    epochs: int = 30,
    batch_size: int = 256,
    learning_rate: float = 3e-3,
    seed: int = 0,
    progress: bool = True,
) -> keras.Model:
    """Train the paper's teacher with cross-entropy and Adam; the rate falls to zero along a cosine.

    Args:
        x: (n_events, n_inputs), not standardised: the model does that.
        y: (n_events,) labels 0 and 1.
        weight_decay: see :func:`paper_teacher`.
        epochs, batch_size, learning_rate, seed, progress: of the training.

    Returns:
        The model: (n_events, n_inputs) -> (n_events, 1), the probability of label 1.

    Raises:
        DataError: for labels other than 0 and 1, or events that do not fit.
        TrainingError: if the training diverges.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y)
    if x.ndim != 2 or y.shape != x.shape[:1] or not np.isfinite(x).all():
        raise DataError(
            f"x, y: expected finite events (n_events, n_inputs) and a label each. Received: shapes {x.shape}, "
            f"{y.shape}, or NaN"
        )
    if set(np.unique(y)) != {0, 1}:
        raise DataError(f"y: expected labels 0 and 1. Received: {np.unique(y)[:5].tolist()}")
    std = x.std(0, dtype=np.float64)
    keras.utils.set_random_seed(seed)
    model = _build(x.mean(0, dtype=np.float64), np.where(std > 0, std, 1.0), weight_decay, seed)
    course = CosineFit(epochs, batch_size, learning_rate, steps_per_call=max(1, len(x) // batch_size))
    with EpochProgress("teacher", shown=progress) as bar:
        fit_along_cosine(model, (x, y), "binary_crossentropy", course, callbacks=[bar])
    return model


def _build(mean: np.ndarray, std: np.ndarray, weight_decay: float, seed: int) -> keras.Model:
    layers = keras.layers

    def options(index: int) -> dict:
        decay = keras.regularizers.L2(weight_decay) if weight_decay else None
        return {"kernel_initializer": keras.initializers.GlorotUniform(100 * seed + index), "kernel_regularizer": decay}

    return keras.Sequential(
        [
            keras.Input((len(mean),)),
            layers.Normalization(mean=mean, variance=std**2, name="standardisation"),
            layers.Reshape((len(mean), 1)),
            layers.LocallyConnected1D(_FILTERS, _KERNEL_SIZE, activation="relu", **options(0)),
            layers.GlobalMaxPooling1D(),
            layers.Dense(_UNITS, activation="relu", **options(1)),
            layers.Dense(1, activation="sigmoid", **options(2)),
        ],
        name="paper_teacher",
    )
