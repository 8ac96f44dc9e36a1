"""Start one network from another's weights."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign._layer_graph import is_dense
from codesign._layer_walk import read_layer_graph
from codesign.errors import ConfigError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import NOISY

_LEAST_LOG_NOISE = -20.0


@checked
def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Copy kernels and biases of the dense layers: Dense, QDense and every training layer, in any mixture.

    Layers correspond in the order of their first calls, from the first output up: that of a chain, and in two
    functional models of one build the same, whatever is added between.

    Trained ternary scales are set anew from the copied kernel; gates and noise keep what they had, but for the noise of
    PosteriorDense: it starts no larger than each weight, so that none is drowned and the target computes at first what
    the source does.

    Args:
        source: trained network; a layer that is shared counts once.
        target: network with dense layers of the same shapes, built.

    Raises:
        ConfigError: for another number of dense layers, another shape, or a PosteriorDense whose collapse has begun.

    Example:
        >>> from codesign import TernaryDense, copy_weights, keras
        >>> pretrained = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
        >>> ternary = keras.Sequential([keras.Input((4,)), TernaryDense(8, activation="relu"), keras.layers.Dense(1)])
        >>> copy_weights(pretrained, ternary)
        >>> bool((ternary.layers[-1].kernel == pretrained.layers[-1].kernel).numpy().all())
        True
    """
    pairs = [[layer for layer in read_layer_graph(model).layers if is_dense(layer)] for model in (source, target)]
    shapes = [[tuple(layer.kernel.shape) for layer in layers] for layers in pairs]
    if shapes[0] != shapes[1]:
        raise ConfigError(f"target: expected dense layers {shapes[0]} as in the source. Received: {shapes[1]}")
    for old, new in zip(*pairs):
        if (old.bias is None) != (new.bias is None):
            raise ConfigError(
                f"target: expected a bias in layer '{new.name}' as in '{old.name}'. Received: use_bias={new.use_bias}"
            )
        if isinstance(new, PosteriorDense) and new.stage != NOISY:
            raise ConfigError(
                f"target: expected layer '{new.name}' before its collapse. Received: fixed weights; build the target "
                "anew"
            )
    for old, new in zip(*pairs):
        new.kernel.assign(old.kernel)
        if new.bias is not None:
            new.bias.assign(old.bias)
        if hasattr(new, "reset_scales"):
            new.reset_scales()
        if isinstance(new, PosteriorDense):
            log_power = 2 * np.log(np.maximum(np.abs(new.kernel.numpy()), np.exp(0.5 * _LEAST_LOG_NOISE)))
            new.log_sigma2.assign(np.minimum(new.log_sigma2.numpy(), log_power))
