"""Start one network from another's weights."""

from codesign._chain import chain_layers
from codesign._keras import keras
from codesign.errors import ConfigError


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Copy kernels and biases of the dense layers, in order: Dense, QDense and every training layer, in any mixture.

    Trained ternary scales are set anew from the copied kernel; gates and noise keep what they had.

    Args:
        source: trained network.
        target: network with dense layers of the same shapes, built.

    Raises:
        ConfigError: for another number of dense layers, or another shape.
    """
    pairs = [[layer for layer in chain_layers(model) if hasattr(layer, "units") and hasattr(layer, "kernel")] for model in (source, target)]
    shapes = [[tuple(layer.kernel.shape) for layer in layers] for layers in pairs]
    if shapes[0] != shapes[1]:
        raise ConfigError(f"target: expected dense layers {shapes[0]} as in the source. Received: {shapes[1]}")
    for old, new in zip(*pairs):
        if (old.bias is None) != (new.bias is None):
            raise ConfigError(f"target: expected a bias in layer '{new.name}' as in '{old.name}'. Received: use_bias={new.use_bias}")
        new.kernel.assign(old.kernel)
        if new.bias is not None:
            new.bias.assign(old.bias)
        if hasattr(new, "reset_scales"):
            new.reset_scales()
