"""A Keras layer taken apart: arrays, and the configuration to build a plain layer around them again."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from codesign._keras import keras
from codesign._layer_graph import INERT
from codesign.errors import TrainingError, UnsupportedLayerError
from codesign.layers import CancelOut, FeatureSelection, PosteriorDense, TopKGate, TrainingDense
from codesign.layers.quantizers import without_qkeras_warnings

_DENSE = ("Dense", "QDense")


@dataclass(frozen=True, eq=False)
class DenseStep:
    """A dense layer: `kernel` (n_in, n_out) and `bias` (n_out,) or None, to which the quantizers are applied.

    `mask` (n_in, n_out) is that of a MaskedDense, and None for plain layers.
    """

    kind: type
    config: dict
    kernel: np.ndarray
    bias: np.ndarray | None
    activation: Callable
    kernel_quantizer: Callable | None = None
    bias_quantizer: Callable | None = None
    mask: np.ndarray | None = None

    @property
    def name(self) -> str:
        """Name of the layer."""
        return self.config["name"]

    @property
    def effective_kernel(self) -> np.ndarray:
        """(n_in, n_out) weights that products are taken with."""
        return self.kernel if self.kernel_quantizer is None else np.asarray(self.kernel_quantizer(self.kernel))

    @property
    def effective_bias(self) -> np.ndarray:
        """(n_out,) bias that is added."""
        if self.bias is None:
            return np.zeros(self.kernel.shape[1], np.float32)
        return self.bias if self.bias_quantizer is None else np.asarray(self.bias_quantizer(self.bias))


@dataclass(frozen=True, eq=False)
class GateStep:
    """A factor (n,) on each value; not a layer any more, so it must be folded into one."""

    name: str
    factors: np.ndarray

    @property
    def is_selection(self) -> bool:
        """Whether every factor is 0 or 1."""
        return bool(np.isin(self.factors, (0, 1)).all())


@dataclass(frozen=True, eq=False)
class SelectionStep:
    """The features that pass; folded into the kernel behind it."""

    name: str
    indices: np.ndarray
    n_features: int


@dataclass(frozen=True, eq=False)
class OtherStep:
    """Any other layer, with its weights, and what changes in its configuration."""

    layer: keras.layers.Layer
    weights: list[np.ndarray]
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the layer."""
        return self.layer.name

    @property
    def kind(self) -> str:
        """Name of its class."""
        return type(self.layer).__name__

    @property
    def is_inert(self) -> bool:
        """Whether it does nothing at inference."""
        return self.kind in INERT


Step = DenseStep | GateStep | SelectionStep | OtherStep


def _check(layer: keras.layers.Layer) -> None:
    """Refuse weights that are no numbers, and a PosteriorDense that is no plain layer any more."""
    for variable in layer.weights:
        if variable.dtype.is_floating and not np.isfinite(variable.numpy()).all():
            raise TrainingError(
                f"weights of layer '{layer.name}': expected finite numbers. Received: NaN or inf in '{variable.name}'; "
                "train it again"
            )
    if isinstance(layer, PosteriorDense) and layer.stage:
        raise UnsupportedLayerError(
            f"layer '{layer.name}': expected a layer before its collapse. Received: one that rounds its inputs, which "
            "no plain layer does; finish the collapse, and read the model with Network.from_keras"
        )


def read_step(layer: keras.layers.Layer) -> Step:
    """Take a layer apart; training layers give what they run with at inference.

    Raises:
        UnsupportedLayerError: for a PosteriorDense that collapses.
        TrainingError: for NaN or inf in the weights, or a gate that is still soft.
    """
    if type(layer).__name__ == "TimeDistributed" and (_is_along_channels(layer.layer)):
        layer = layer.layer
    _check(layer)
    if isinstance(layer, TrainingDense):
        return _read_training_dense(layer)
    if isinstance(layer, TopKGate):
        if not layer.is_scheduled:
            warnings.warn(
                f"gate '{layer.name}' was trained without the callback GateSchedule: its nodes were chosen at the "
                "first steps, and the mask is not frozen; give GateSchedule() to fit",
                stacklevel=2,
            )
        return GateStep(layer.name, layer.get_support().astype(np.float32))
    if isinstance(layer, CancelOut):
        return GateStep(layer.name, layer.gates)
    if isinstance(layer, FeatureSelection):
        return SelectionStep(layer.name, np.array(layer.indices), layer.n_features)
    if type(layer).__name__ in _DENSE:
        quantizers = [getattr(layer, f"{tensor}_quantizer_internal", None) for tensor in ("kernel", "bias")]
        bias = layer.bias.numpy() if layer.use_bias else None
        return DenseStep(
            type(layer),
            layer.get_config(),
            layer.kernel.numpy(),
            bias,
            layer.activation or keras.activations.linear,
            *quantizers,
        )
    return OtherStep(layer, layer.get_weights())


def _is_along_channels(layer: keras.layers.Layer) -> bool:
    """Whether a layer does the same to the last axis of values of any rank, so that TimeDistributed changes nothing."""
    return isinstance(layer, (TrainingDense, TopKGate, CancelOut, FeatureSelection)) or type(layer).__name__ in _DENSE


def _read_training_dense(layer: TrainingDense) -> DenseStep:
    names = (
        "name",
        "trainable",
        "dtype",
        "units",
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
    )
    config = {key: value for key, value in layer.get_config().items() if key in names}
    quantizers = (layer.kernel_quantizer, layer.bias_quantizer)
    kind = keras.layers.Dense
    if any(quantizers):
        from qkeras import QDense

        kind = QDense
        config |= {"kernel_quantizer": layer.kernel_quantizer, "bias_quantizer": layer.bias_quantizer}
    bias = layer.bias.numpy() if layer.use_bias else None
    return DenseStep(kind, config, layer.inference_kernel, bias, layer.activation, *quantizers)


def build_layer(step: Step, name: str) -> keras.layers.Layer:
    """Return a plain layer of this name, without weights yet.

    Raises:
        UnsupportedLayerError: for a gate or a selection, which is no plain layer.
    """
    if isinstance(step, OtherStep):
        return type(step.layer).from_config({**step.layer.get_config(), **step.changes, "name": name})
    if not isinstance(step, DenseStep):
        raise UnsupportedLayerError(
            f"layer '{step.name}': expected it to be folded into a Dense layer. Received: none; put one behind it"
        )
    shape = {"units": step.kernel.shape[1], "use_bias": step.bias is not None}
    return step.kind.from_config({**step.config, **shape, "name": name})


def plain_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the Dense or QDense that a training layer becomes, with its weights.

    Raises:
        UnsupportedLayerError, TrainingError: as :func:`read_step`.
    """
    step = read_step(layer)
    with without_qkeras_warnings():
        plain = build_layer(step, step.name)
        plain.build((None, len(step.kernel)))
    plain.set_weights(weights_of(step))
    return plain


def weights_of(step: Step) -> list[np.ndarray]:
    """Return what the layer of a step holds."""
    if isinstance(step, OtherStep):
        return step.weights
    return [array for array in (step.kernel, step.bias, step.mask) if array is not None]
