"""A quantised multilayer perceptron of QKeras layers."""

from collections.abc import Sequence

from codesign._keras import keras
from codesign.errors import ConfigError


def build_qmlp(
    n_features: int,
    hidden: Sequence[int],
    n_classes: int,
    *,
    weight_bits: int = 8,
    activation_bits: int = 8,
    seed: int = 0,
) -> keras.Model:
    """Return an uncompiled QKeras classifier: QDense and quantised ReLU, then QDense and a softmax.

    Weights are ``quantized_bits(weight_bits, 1, alpha=1)``, in (-2, 2); hidden activations are
    ``quantized_relu(activation_bits, 3)``, in [0, 8).

    Args:
        n_features: inputs.
        hidden: units of each hidden layer.
        n_classes: outputs.
        weight_bits, activation_bits: total bits, 2 to 16.
        seed: of the initial weights.

    Raises:
        ConfigError: for no or non-positive sizes, or widths outside 2 to 16.
    """
    from qkeras import QActivation, QDense

    check_bits(weight_bits=weight_bits, activation_bits=activation_bits)
    if min(n_features, n_classes, *hidden) < 1:
        raise ConfigError(f"hidden: expected positive numbers of units. Received: {list(hidden)}")
    kernel = f"quantized_bits({weight_bits},1,alpha=1)"
    bias = f"quantized_bits({max(weight_bits, 8)},1,alpha=1)"

    def dense(units: int, name: str, offset: int) -> keras.layers.Layer:
        initializer = keras.initializers.HeNormal(seed=seed * 100 + offset)
        return QDense(units, name=name, kernel_quantizer=kernel, bias_quantizer=bias, kernel_initializer=initializer)

    model = keras.Sequential([keras.Input((n_features,), name="inputs")], name="tagger")
    for index, units in enumerate(hidden):
        model.add(dense(units, f"fc{index + 1}", index))
        model.add(QActivation(f"quantized_relu({activation_bits},{min(3, activation_bits)})", name=f"relu{index + 1}"))
    model.add(dense(n_classes, "output", len(hidden)))
    model.add(keras.layers.Activation("softmax", name="softmax"))
    return model


def check_bits(**widths: int) -> None:
    """Check the widths of QKeras quantizers.

    Raises:
        ConfigError: for a width outside 2 to 16, by its keyword.
    """
    for name, bits in widths.items():
        if not 2 <= bits <= 16:
            raise ConfigError(f"{name}: expected 2 to 16 bits. Received: {bits}")
