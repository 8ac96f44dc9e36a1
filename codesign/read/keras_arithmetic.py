"""The layers of Keras that are one factor and one offset per value."""

from collections.abc import Sequence

import numpy as np

from codesign._layer_graph import INERT

_KERAS_2_SLOPE = 0.2
_SLOPES = {("keras", "hard_sigmoid"): 1 / 6, ("qkeras", "hard_sigmoid"): 0.5, ("qkeras", "smooth_sigmoid"): 0.1875}
_STANDARDISING = ("Normalization", "BatchNormalization", "QBatchNormalization", "Rescaling")
_NORMALIZATION_EPSILON = 1e-7  # keras.backend.epsilon(), which Normalization divides by at least


def read_affine(layer: object) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Return factor and offset, ``y = factor x + offset``, in float64.

    Args:
        layer: BatchNormalization or QBatchNormalization (as at inference), Normalization, or Rescaling.
    """
    kind = type(layer).__name__
    if kind == "Rescaling":
        return np.asarray(layer.scale, np.float64).ravel(), np.asarray(layer.offset, np.float64).ravel()
    if kind == "Normalization":
        return _read_normalization(layer)
    return _read_batch_normalization(layer)


def _read_batch_normalization(layer: object) -> tuple[np.ndarray, np.ndarray]:
    mean, variance = (_quantised(layer, f"moving_{name}", name) for name in ("mean", "variance"))
    gamma = _quantised(layer, "gamma", "gamma") if layer.scale else 1.0
    beta = _quantised(layer, "beta", "beta") if layer.center else 0.0
    factor = gamma / np.sqrt(variance + layer.epsilon)
    return factor, beta - mean * factor


def split_standardisation(
    layers: Sequence[object], n_features: int
) -> tuple[tuple[np.ndarray, np.ndarray] | None, Sequence[object]]:
    """Return factor and offset of the layers in front that standardise, and the layers behind them; None where there is none."""
    factor, offset, end = np.ones(n_features), np.zeros(n_features), 0
    for index, layer in enumerate(layers):
        kind = type(layer).__name__
        if kind in _STANDARDISING:
            own, shift = read_affine(layer)
            factor, offset, end = factor * own, offset * own + shift, index + 1
        elif kind not in INERT:
            break
    return ((factor, offset) if end else None), layers[end:]


def straight_sigmoid(function: object) -> tuple[float, float]:
    """Return slope and value at 0 of a hard sigmoid, which is another one in Keras 2, Keras 3 and QKeras."""
    package = str(getattr(function, "__module__", "")).partition(".")[0]
    return _SLOPES.get((package, getattr(function, "__name__", "")), _KERAS_2_SLOPE), 0.5


def _read_normalization(layer: object) -> tuple[np.ndarray, np.ndarray]:
    mean = np.asarray(layer.mean, np.float64).ravel()
    std = np.maximum(np.sqrt(np.asarray(layer.variance, np.float64).ravel()), _NORMALIZATION_EPSILON)
    return (std, mean) if getattr(layer, "invert", False) else (1 / std, -mean / std)


def _quantised(layer: object, weight: str, quantizer: str) -> np.ndarray:
    """A weight as the layer uses it: QBatchNormalization quantises what it holds."""
    values = getattr(layer, weight)
    if getattr(layer, f"{quantizer}_quantizer", None):
        values = getattr(layer, f"{quantizer}_quantizer_internal")(values)
    return np.asarray(values, np.float64)
