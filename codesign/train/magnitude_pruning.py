"""TFMOT's gradual magnitude pruning: the baseline of every other way of making a network sparse."""

from codesign._arguments import checked
from codesign._keras import keras
from codesign.errors import ConfigError


@checked
def prune_by_magnitude(
    model: keras.Model, sparsity: float, *, steps: int, begin: float = 0.1, end: float = 0.6, frequency: int = 50
) -> tuple[keras.Model, list[keras.callbacks.Callback]]:
    """Return the model with its kernels under TFMOT's pruning, and the callbacks that `fit` needs.

    Compile it afterwards. The share of zeros in each kernel rises by TFMOT's cubic schedule (Zhu, Gupta 2017,
    arXiv:1710.01878), then the mask is kept. Dense, QDense and every layer of :mod:`codesign.layers` can be pruned;
    :func:`codesign.compress.strip` opens the wrappers.

    Args:
        model: built, uncompiled; its weights are kept.
        sparsity: final share of zeros in each kernel.
        steps: of the whole training: epochs times steps per epoch.
        begin, end: shares of the training between which the sparsity rises.
        frequency: steps between two updates of the masks, about: the last update falls on the final sparsity.

    Raises:
        ConfigError: for shares outside their range, or no steps.

    Example:
        >>> import numpy as np
        >>> from codesign import keras, prune_by_magnitude, strip
        >>> x = np.random.default_rng(0).normal(size=(640, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10, "relu"), keras.layers.Dense(1)])
        >>> pruned, callbacks = prune_by_magnitude(model, 0.5, steps=100, frequency=5)
        >>> pruned.compile("adam", "mse")
        >>> _ = pruned.fit(x, x[:, :1], batch_size=64, epochs=10, verbose=0, callbacks=callbacks)
        >>> int((strip(pruned).layers[0].kernel.numpy() == 0).sum())
        20
    """
    from tensorflow_model_optimization.sparsity import keras as tfmot

    if not 0 <= sparsity < 1:
        raise ConfigError(f"sparsity: expected a share from 0 to below 1. Received: {sparsity}")
    if not 0 <= begin < end <= 1 or steps < 1:
        raise ConfigError(
            f"begin, end, steps: expected shares with 0 <= begin < end <= 1 and at least one step. Received: {begin}, "
            f"{end}, {steps}"
        )
    first, length = int(steps * begin), max(1, int(steps * end) - int(steps * begin))
    updates = max(1, length // frequency)
    spacing = length // updates
    schedule = tfmot.PolynomialDecay(
        0.0, sparsity, begin_step=first, end_step=first + updates * spacing, frequency=spacing
    )
    return tfmot.prune_low_magnitude(model, pruning_schedule=schedule), [tfmot.UpdatePruningStep()]


def strip_pruning(model: keras.Model) -> keras.Model:
    """Return the model without TFMOT's pruning wrappers; training layers stay what they are."""
    from tensorflow_model_optimization.sparsity import keras as tfmot

    return tfmot.strip_pruning(model)
