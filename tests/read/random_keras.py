"""Random chains of Keras and QKeras layers, with weights drawn so that every quantizer saturates now and then."""

from collections.abc import Callable

import numpy as np
from qkeras import QActivation, QBatchNormalization, QDense

from codesign._keras import keras

_KERNELS = (
    "quantized_bits({bits},0,alpha=1)",
    "quantized_bits({bits},1,1,alpha=1)",
    "quantized_bits({bits},0,alpha='auto_po2')",
    "quantized_bits({bits},0,alpha='auto')",
    "ternary(alpha=1)",
    "ternary(alpha='auto')",
    "binary(alpha=1)",
    "binary(alpha='auto_po2')",
    "quantized_po2({bits})",
    None,
)
_BIASES = ("quantized_bits({bits},1,alpha=1)", "quantized_bits(12,3,alpha=1)", None)
_QUANTISED = (
    "quantized_relu({bits})",
    "quantized_relu({bits},2)",
    "quantized_bits({bits},1,alpha=1)",
    "quantized_bits({bits},0,1,alpha=1)",
    "quantized_tanh({bits})",
    "quantized_tanh({bits},0,0,1)",
    "quantized_sigmoid({bits})",
    "quantized_sigmoid({bits},0,1)",
)
_FLOAT = ("relu", "sigmoid", "tanh", "hard_sigmoid", "linear")


def random_model(rng: np.random.Generator, *, quantised: bool) -> keras.Model:
    """Return a chain of 1 to 3 dense layers, and whatever may stand between them."""
    widths = [int(n) for n in rng.integers(2, 8, rng.integers(2, 5))]
    layers = [keras.Input((widths[0],)), *_beginning(rng, quantised)]
    for index, units in enumerate(widths[1:]):
        dense = _quantised_dense if quantised and rng.random() < 0.8 else _float_dense
        layers += [dense(rng, units), *_between(rng, quantised, is_last=index == len(widths) - 2)]
    model = keras.Sequential(layers)
    _draw_weights(rng, model)
    return model


def _beginning(rng: np.random.Generator, quantised: bool) -> list[keras.layers.Layer]:
    choices: list[Callable] = [
        list,
        lambda: [keras.layers.BatchNormalization()],
        lambda: [keras.layers.Normalization(mean=float(rng.normal()), variance=float(rng.uniform(0.1, 4)))],
        lambda: [keras.layers.Rescaling(float(rng.uniform(0.1, 2)), offset=float(rng.normal()))],
    ]
    if quantised:
        choices += [lambda: [QActivation("quantized_bits(8,2,alpha=1)")]] * 2
    return choices[rng.integers(len(choices))]()


def _between(rng: np.random.Generator, quantised: bool, *, is_last: bool) -> list[keras.layers.Layer]:
    """Batch normalisation before, behind or without an activation, dropout, and a softmax at the end."""
    found = []
    if rng.random() < 0.4:
        found.append(_normalisation(rng, quantised))
    found += _activations(rng, quantised)
    if rng.random() < 0.3:
        found.append(_normalisation(rng, quantised))
    if rng.random() < 0.3:
        found.append(keras.layers.Dropout(0.2))
    if is_last and rng.random() < 0.3:
        found.append(keras.layers.Activation("softmax"))
    return found


def _activations(rng: np.random.Generator, quantised: bool) -> list[keras.layers.Layer]:
    if quantised and rng.random() < 0.8:
        return [QActivation(_text(rng, _QUANTISED))]
    if rng.random() < 0.2:
        return [keras.layers.ReLU(max_value=float(rng.choice([1.0, 2.5])) if rng.random() < 0.7 else None)]
    return [keras.layers.Activation(str(rng.choice(_FLOAT)))]


def _normalisation(rng: np.random.Generator, quantised: bool) -> keras.layers.Layer:
    if quantised and rng.random() < 0.3:
        return QBatchNormalization()
    return keras.layers.BatchNormalization(center=bool(rng.random() < 0.8), scale=bool(rng.random() < 0.8))


def _quantised_dense(rng: np.random.Generator, units: int) -> keras.layers.Layer:
    activation = _text(rng, _QUANTISED) if rng.random() < 0.2 else None
    quantizers = {"kernel_quantizer": _text(rng, _KERNELS), "bias_quantizer": _text(rng, _BIASES)}
    quantizers["kernel_initializer"] = "zeros"  # QKeras draws those of some quantizers twice from one seed
    return QDense(units, activation=activation, use_bias=bool(rng.random() < 0.9), **quantizers)


def _float_dense(rng: np.random.Generator, units: int) -> keras.layers.Layer:
    activation = str(rng.choice(("linear", "relu", "tanh")))
    return keras.layers.Dense(units, activation=activation, use_bias=bool(rng.random() < 0.9))


def _text(rng: np.random.Generator, texts: tuple[str | None, ...]) -> str | None:
    text = texts[rng.integers(len(texts))]
    return text if text is None else text.format(bits=rng.integers(3, 8))


def _draw_weights(rng: np.random.Generator, model: keras.Model) -> None:
    for layer in model.layers:
        drawn = [rng.uniform(0.3, 2, array.shape) if _is_positive(weight) else rng.normal(0, 0.7, array.shape)
                 for array, weight in zip(layer.get_weights(), layer.weights)]  # fmt: skip
        if type(layer).__name__ != "Normalization":
            layer.set_weights(drawn)


def _is_positive(weight: object) -> bool:
    return any(word in weight.name for word in ("variance", "gamma"))
