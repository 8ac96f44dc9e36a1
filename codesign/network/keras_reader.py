"""Read a Keras or QKeras chain of dense layers into a Network.

Layers are recognised by the name of their class, so that tf_keras and Keras 3 models are read alike.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from codesign._chain import chain_layers
from codesign.errors import UnsupportedLayerError
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import ACTIVATIONS, DenseLayer, LayerPrecision
from codesign.network.network import Network
from codesign.network.qkeras_types import activation_of, exact_type, kernel_and_type

_WIDEST_COLLAPSED = 48  # single precision holds each value, and they differ by a dozen powers of two at most
_INERT = ("InputLayer", "Dropout", "GaussianNoise", "GaussianDropout", "ActivityRegularization")
_CURE = "a Network holds Dense or QDense, Activation, ReLU, QActivation, BatchNormalization and a final Softmax; remove or replace it"


def read_keras(model: object) -> Network:
    """Read a Sequential or functional chain of dense layers.

    A final softmax is cut off (argmax needs none), dropout is left out, batch normalisation is folded into the dense
    layer before it, TFMOT's pruning wrappers are opened. QKeras quantizers become fixed-point types; a layer without a
    quantizer has none until :func:`quantize_network` gives it one. A QActivation before the first dense layer is
    the input's type. A PosteriorDense that is collapsed brings the type of each input, weight and bias.

    Raises:
        UnsupportedLayerError: for any other layer; it names the layer and says what to do.
    """
    chain = _Chain()
    for layer in _plain_layers(model):
        chain.add(layer)
    if not chain.layers:
        raise UnsupportedLayerError("model: expected at least one Dense layer. Received: none")
    return Network(tuple(chain.layers), chain.input_precision)


@dataclass
class _Chain:
    """The layers read so far; `is_open` while the last one has no activation yet."""

    layers: list[DenseLayer] = field(default_factory=list)
    input_precision: FixedPoint | None = None
    is_open: bool = False
    softmax: str = ""

    def add(self, layer: object) -> None:
        kind = type(layer).__name__
        if kind in _INERT:
            return
        if self.softmax:
            raise UnsupportedLayerError(f"layer '{layer.name}': expected nothing after the softmax '{self.softmax}'. Received: {kind}; {_CURE}")
        if kind in ("Dense", "QDense"):
            self._add_dense(layer)
        elif kind == "PosteriorDense":
            self._add_collapsed(layer)
        elif kind == "BatchNormalization" and self.is_open and not _is_quantised(self.layers[-1]):
            self.layers[-1] = _fold_batch_normalization(self.layers[-1], layer)
        elif kind == "QActivation":
            self._add_activation(*activation_of(layer.quantizer, layer.name), layer.name)
        elif kind == "ReLU" and layer.max_value is None and not layer.negative_slope and not layer.threshold:
            self._add_activation("relu", None, layer.name)
        elif kind in ("Activation", "Softmax"):
            self._add_activation("softmax" if kind == "Softmax" else _name_of(layer.activation), None, layer.name)
        else:
            raise UnsupportedLayerError(f"layer '{layer.name}': expected a layer that a Network can hold. Received: {kind}; {_CURE}")

    def _add_dense(self, layer: object) -> None:
        quantised = type(layer).__name__ == "QDense"
        quantizers = (layer.kernel_quantizer_internal, layer.bias_quantizer_internal) if quantised else (None, None)
        bias = layer.bias if layer.use_bias else np.zeros(layer.units, np.float32)
        kernel, weight_type = kernel_and_type(layer.kernel, quantizers[0], layer.name)
        bias, bias_type = kernel_and_type(bias, quantizers[1], layer.name)
        if weight_type is not None and bias_type is None:
            bias_type = FixedPoint.covering(bias, 16, signed=True, rounding="RND", overflow="SAT")
        precision = LayerPrecision(weight_type, bias_type) if weight_type is not None else None
        self._append(DenseLayer(layer.name, kernel, bias, precision=precision), layer)

    def _add_collapsed(self, layer: object) -> None:
        source = layer.input_format
        if source is not None:
            precision = FixedPoint(source.width, source.integer, source.signed, source.rounding, source.overflow)
            self._set_input_type(precision)
        kernel = layer.inference_kernel.astype(np.float64)
        bias = layer.fixed_bias.numpy().astype(np.float64)
        precision = LayerPrecision(*(exact_type(values, widest=_WIDEST_COLLAPSED) for values in (kernel, bias)))
        self._append(DenseLayer(layer.name, kernel, bias, precision=precision), layer)

    def _set_input_type(self, precision: FixedPoint) -> None:
        """Let the values that reach the next layer have a type; those of a layer without types stay open."""
        if not self.layers:
            self.input_precision = precision
        elif _is_quantised(self.layers[-1]):
            self.layers[-1] = replace(self.layers[-1], precision=replace(self.layers[-1].precision, output=precision))

    def _append(self, dense: DenseLayer, layer: object) -> None:
        self.layers.append(dense)
        self.is_open = True
        if callable(layer.activation) and type(layer.activation).__module__.startswith("qkeras"):
            self._add_activation(*activation_of(layer.activation, layer.name), layer.name)
        elif _name_of(layer.activation) != "linear":
            self._add_activation(_name_of(layer.activation), None, layer.name)

    def _add_activation(self, activation: str, output: FixedPoint | None, name: str) -> None:
        if activation == "softmax" and self.layers:
            self.softmax = name
            return
        if activation == "linear" and output is None:
            return
        if not self.layers and activation == "linear":
            self.input_precision = output
            return
        if activation not in ACTIVATIONS:
            raise UnsupportedLayerError(f"layer '{name}': expected {', '.join(ACTIVATIONS)} or a final softmax. Received: {activation}; {_CURE}")
        if not self.is_open:
            raise UnsupportedLayerError(f"layer '{name}': expected one activation behind each Dense. Received: {activation} in excess; {_CURE}")
        last = self.layers[-1]
        precision = replace(last.precision, output=output) if last.precision and output else last.precision
        self.layers[-1] = replace(last, activation=activation, precision=precision)
        self.is_open = False


def _plain_layers(model: object) -> list[object]:
    """Return the chain's layers; a model with training layers is stripped first, unless they are all collapsed."""
    layers = chain_layers(model)
    training = [layer for layer in layers if type(layer).__module__.partition(".")[0] == "codesign"]
    if all(getattr(layer, "is_collapsed", False) for layer in training):
        return layers
    from codesign.compress import strip

    return chain_layers(strip(model))


def read_batch_normalization(layer: object) -> tuple[np.ndarray, np.ndarray | float, np.ndarray | float]:
    """Return mean, factor and beta of a trained layer, in float64: ``y = (x - mean) factor + beta``."""
    mean, variance = (weight.numpy().astype(np.float64) for weight in (layer.moving_mean, layer.moving_variance))
    gamma = layer.gamma.numpy() if layer.scale else 1.0
    beta = layer.beta.numpy().astype(np.float64) if layer.center else 0.0
    return mean, gamma / np.sqrt(variance + layer.epsilon), beta


def _fold_batch_normalization(dense: DenseLayer, layer: object) -> DenseLayer:
    mean, factor, beta = read_batch_normalization(layer)
    return replace(dense, kernel=dense.kernel * factor, bias=(dense.bias - mean) * factor + beta)


def _is_quantised(layer: DenseLayer) -> bool:
    return layer.precision is not None


def _name_of(activation: object) -> str:
    if activation is None:
        return "linear"
    return activation if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)
