"""Read a Keras or QKeras chain of layers into a Network that computes the same.

Layers are recognised by the name of their class, so that tf_keras and Keras 3 models are read alike.
"""

import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign._layer_graph import INERT
from codesign._layer_walk import chain_layers
from codesign.errors import HalfPrecisionWarning, UnsupportedLayerError
from codesign.network import FixedPoint, LayerPrecision, Network, constant_type, exact_type
from codesign.network.ends import with_affines, with_softmax
from codesign.network.ops import Affine
from codesign.network.same_function import SINGLE, check_same_function
from codesign.read.chain_builder import ChainBuilder
from codesign.read.keras_arithmetic import read_affine, split_standardisation, straight_sigmoid
from codesign.read.keras_model import count_features, keras_model, rounding_error
from codesign.read.qkeras_types import activation_of, kernel_and_type

_WIDEST_COLLAPSED = 48  # single precision holds each value, and they differ by a dozen powers of two at most
_CLIPS = {"relu6": (0.0, 6.0), "hard_tanh": (-1.0, 1.0)}
_RESHAPING = ("Flatten", "Reshape")
_PACKAGES = ("keras", "tf_keras", "tensorflow", "qkeras")
_STRAIGHT = ("hard_sigmoid", "smooth_sigmoid")
_CURE = (
    "a Network holds chains of Dense, QDense or QDenseBatchnorm, batch normalisation, Normalization, Rescaling, ReLU, the activations relu, relu6, "
    "sigmoid, tanh, hard_sigmoid, QActivation and a final softmax; replace it, or cut the model before it"
)


def read_keras(
    model: object, x: np.ndarray | None = None, *, softmax: bool = False, standardisation: bool = False
) -> Network:
    """Read a Sequential or functional chain of layers, or a file that holds one.

    The network's `predict` is the model's: QKeras quantizers round and saturate in it, and where they are, designs
    take their types. Batch normalisation, Normalization and Rescaling are folded into the dense layer before or
    behind them, TFMOT's pruning wrappers are opened, dropout and noise left out. A final softmax is cut off, since
    argmax needs none. What was read is compared with the model's own outputs on events that are drawn to reach every
    saturation.

    Args:
        model: a Keras model, a :class:`codesign.drone.Drone`, a :class:`codesign.compress.ShrunkModel`, or the path
            of the file of one of them.
        x: (n_events, n_inputs) events of the user's to compare on too; None: drawn ones only.
        softmax: keep a final softmax, as a node of its own; without, the network gives logits.
        standardisation: keep what standardises the inputs as an affine node, as exports want it; without, it is
            folded into what comes next.

    Raises:
        UnsupportedLayerError: for any other layer; it names the layer and says what to do.
        AgreementError: if the network's outputs are not the model's.
        DataError: for a file that is missing or cannot be read.

    Warns:
        HalfPrecisionWarning: for a model with mixed_float16 or the like.
    """
    model = keras_model(model)
    layers, n_features = plain_layers(model), count_features(model)
    scaling, layers = split_standardisation(layers, n_features) if standardisation else (None, layers)
    network, has_softmax = read_layers(layers, n_features)
    if has_softmax and softmax:
        network = with_softmax(network)
    if scaling is not None:
        network = with_affines(network, {network.inputs[0].name: Affine(*scaling)})
    for events in (None,) if x is None else (None, x):
        options = {"x": events, "epsilon": rounding_error(model)}
        whole = with_softmax(network) if has_softmax and not softmax else network
        check_same_function(whole, lambda x: np.asarray(model(x, training=False)), **options)
    if rounding_error(model) > SINGLE:
        said = "the model computes in half precision: the network has its weights, and not its rounding errors"
        warnings.warn(said, HalfPrecisionWarning, stacklevel=3)
    return network


def read_layers(layers: list[object], n_features: int) -> tuple[Network, bool]:
    """Read the layers of a chain, and say whether a softmax follows the network; nothing is compared.

    Raises:
        UnsupportedLayerError: as :func:`read_keras`.
    """
    reader = _Reader(ChainBuilder(n_features))
    for layer in layers:
        reader.add(layer)
    if not reader.has_dense:
        raise UnsupportedLayerError("model: expected at least one Dense layer. Received: none")
    return reader.chain.build(), bool(reader.softmax)


class _Reader:
    """Hands what each layer does to a ChainBuilder."""

    def __init__(self, chain: ChainBuilder) -> None:
        self.chain = chain
        self.softmax = ""
        self.has_dense = False

    def add(self, layer: object) -> None:
        kind = type(layer).__name__
        if kind in INERT or kind in _RESHAPING:
            return
        if self.softmax:
            received = f"{kind}; {_CURE}"
            raise UnsupportedLayerError(
                f"layer '{layer.name}': expected nothing after the softmax '{self.softmax}'. Received: {received}"
            )
        _ADD[kind](self, layer)

    def add_dense(self, layer: object) -> None:
        bias = layer.bias if layer.use_bias else np.zeros(layer.units, np.float32)
        self._add_quantised(layer, layer.kernel, bias, has_bias=layer.use_bias)

    def add_dense_batchnorm(self, layer: object) -> None:
        self._add_quantised(layer, *layer.get_folded_weights(), has_bias=True)

    def _add_quantised(self, layer: object, kernel: np.ndarray, bias: np.ndarray, *, has_bias: bool) -> None:
        kernel_quantizer = getattr(layer, "kernel_quantizer_internal", None)
        bias_quantizer = getattr(layer, "bias_quantizer_internal", None) if has_bias else None
        kernel, weight_type = kernel_and_type(kernel, kernel_quantizer, layer.name)
        bias, bias_type = kernel_and_type(bias, bias_quantizer, layer.name)
        precision = None if weight_type is None else LayerPrecision(weight_type, bias_type or constant_type(bias))
        self._append(layer, kernel, bias, precision)

    def add_collapsed(self, layer: object) -> None:
        if layer.input_format is not None:
            self.chain.add_quantizer(layer.name, layer.input_format)
        kernel, bias = layer.inference_kernel.astype(np.float64), layer.fixed_bias.numpy().astype(np.float64)
        types = [exact_type(values, widest=_WIDEST_COLLAPSED) for values in (kernel, bias)]
        self._append(layer, kernel, bias, LayerPrecision(*types))

    def add_quantizer(self, layer: object) -> None:
        modes = (layer.signed, layer.rounding, layer.overflow)
        self.chain.add_quantizer(layer.name, FixedPoint(_bits(layer.width), _bits(layer.integer), *modes))

    def add_affine(self, layer: object) -> None:
        self.chain.add_affine(*read_affine(layer))

    def add_relu(self, layer: object) -> None:
        if layer.negative_slope or layer.threshold:
            received = f"negative_slope={layer.negative_slope}, threshold={layer.threshold}; {_CURE}"
            raise UnsupportedLayerError(
                f"layer '{layer.name}': expected a ReLU with at most max_value. Received: {received}"
            )
        if layer.max_value is None:
            self.chain.add_activation(layer.name, "relu")
        else:
            self.chain.add_clip(layer.name, 0.0, float(layer.max_value))

    def add_activation(self, layer: object) -> None:
        self._activate(getattr(layer, "quantizer", None) or layer.activation, layer.name)

    def add_softmax(self, layer: object) -> None:
        if layer.axis not in (-1, 1):
            raise UnsupportedLayerError(
                f"layer '{layer.name}': expected a softmax over the outputs. Received: axis={layer.axis}; use axis=-1"
            )
        self.softmax = layer.name

    def _append(self, layer: object, kernel: np.ndarray, bias: np.ndarray, precision: LayerPrecision | None) -> None:
        self.has_dense = True
        self.chain.add_dense(layer.name, kernel, bias, precision)
        self._activate(layer.activation, layer.name)

    def _activate(self, activation: object, layer: str) -> None:
        name = _name_of(activation)
        if name == "linear":
            return
        if _package_of(activation) not in _PACKAGES:
            raise UnsupportedLayerError(
                f"layer '{layer}': expected an activation of Keras or QKeras. Received: a function '{name}'; {_CURE}"
            )
        if name == "softmax":
            self.softmax = layer
        elif name in _CLIPS:
            self.chain.add_clip(layer, *_CLIPS[name])
        elif name in _STRAIGHT:
            self.chain.add_affine(*straight_sigmoid(activation))
            self.chain.add_clip(layer, 0.0, 1.0)
        elif name in ("relu", "sigmoid", "tanh"):
            self.chain.add_activation(layer, name)
        elif type(activation).__module__.startswith("qkeras"):
            self._quantise(activation, layer)
        else:
            received = f"{name}; {_CURE}"
            raise UnsupportedLayerError(
                f"layer '{layer}': expected relu, relu6, sigmoid, tanh, hard_sigmoid or a final softmax. Received: {received}"
            )

    def _quantise(self, quantizer: object, layer: str) -> None:
        found = activation_of(quantizer, layer)
        if (found.factor, found.offset) != (1.0, 0.0):
            self.chain.add_affine(found.factor, found.offset)
        if found.activation != "linear":
            self.chain.add_activation(layer, found.activation)
        self.chain.add_quantizer(layer, found.quantizer)


_ADD: Mapping[str, Callable[[_Reader, object], None]] = MappingProxyType(
    {
        "Dense": _Reader.add_dense,
        "QDense": _Reader.add_dense,
        "QDenseBatchnorm": _Reader.add_dense_batchnorm,
        "PosteriorDense": _Reader.add_collapsed,
        "FixedPointQuantizer": _Reader.add_quantizer,
        "BatchNormalization": _Reader.add_affine,
        "QBatchNormalization": _Reader.add_affine,
        "Normalization": _Reader.add_affine,
        "Rescaling": _Reader.add_affine,
        "ReLU": _Reader.add_relu,
        "Activation": _Reader.add_activation,
        "QActivation": _Reader.add_activation,
        "Softmax": _Reader.add_softmax,
    }
)


def plain_layers(model: object) -> list[object]:
    """Return the chain's layers; a model with training layers is stripped first, unless they are collapsed or plain.

    Raises:
        UnsupportedLayerError: naming the first layer that has no place in a Network.
    """
    layers = chain_layers(model)
    training = [layer for layer in layers if type(layer).__module__.partition(".")[0] == "codesign"]
    if not all(getattr(layer, "is_collapsed", type(layer).__name__ in _ADD) for layer in training):
        from codesign.compress import strip

        layers = chain_layers(strip(model))
    _check_kinds(layers)
    return layers


def _bits(value: int | list) -> int | np.ndarray:
    return np.asarray(value) if isinstance(value, list) else value


def _check_kinds(layers: list[object]) -> None:
    """Name the first layer that has no place in a Network; Flatten and Reshape of what is flat already do nothing."""
    for layer in layers:
        kind = type(layer).__name__
        if kind in _RESHAPING:
            shapes = [tuple(getattr(layer, name).shape) for name in ("input", "output")]
            if shapes[0] == shapes[1] and len(shapes[0]) == 2:
                continue
        elif kind in INERT or kind in _ADD:
            continue
        raise UnsupportedLayerError(
            f"layer '{layer.name}': expected a layer that a Network can hold. Received: {kind}; {_CURE}"
        )


def _package_of(activation: object) -> str:
    """The package that a function or an object's class is from; of a name, Keras."""
    module = (
        "keras"
        if isinstance(activation, str)
        else getattr(activation, "__module__", None) or type(activation).__module__
    )
    return str(module).partition(".")[0]


def _name_of(activation: object) -> str:
    if activation is None:
        return "linear"
    return activation if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)
