"""The layers of Keras that are one factor and one offset per value."""

import numpy as np

_KERAS_2_SLOPE = 0.2
_SLOPES = {("keras", "hard_sigmoid"): 1 / 6, ("qkeras", "hard_sigmoid"): 0.5, ("qkeras", "smooth_sigmoid"): 0.1875}
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
