"""The weights that this package's training layers run with, in NumPy: as their `inference_kernel`, from a record."""

import numpy as np

from codesign.errors import TrainingError, UnsupportedLayerError
from codesign.network import FixedPoint
from codesign.network.types.of_steps import format_of_steps
from codesign.read.keras_records import LayerRecord
from codesign.read.qkeras import quantise

NOISY, COLLAPSED = 0, 2  # stages of a PosteriorDense
_ROUNDED, _UNTOUCHED = 0, 2  # modes of its inputs
_LEAST = 1e-8
_TERNARY = {"threshold": 0.05, "threshold_of": "max"}
_LOG_ALPHA = 3.0


def inference_kernel(record: LayerRecord) -> np.ndarray:
    """Return (n_in, units) weights before the quantizer, float32.

    Args:
        record: of a MaskedDense, TernaryDense, VariationalDense, PosteriorDense, or a BinaryDense or TernaryDense of
            nn_playground.
    """
    kernel = np.asarray(record.weight("kernel"), np.float32)
    if record.kind == "MaskedDense":
        return kernel * record.weight("fixed_mask")
    if record.kind == "TernaryDense":
        return _ternary(record, kernel)
    if record.kind == "VariationalDense":
        threshold = np.float32(record.config.get("log_alpha_threshold", _LOG_ALPHA))
        mean = _quantised(record, kernel)
        kept = np.exp(record.weight("log_sigma2") - threshold) < mean * mean + np.float32(_LEAST)
        return np.where(kept, kernel, np.float32(0))
    if record.kind == "PosteriorDense":
        return _posterior(record, kernel)
    return _playground(record, kernel)


def stage(record: LayerRecord) -> int:
    """Return how far the collapse of a PosteriorDense is: NOISY, 1 or COLLAPSED."""
    return int(record.weight("state")[0])


def input_format(record: LayerRecord) -> FixedPoint | None:
    """Return the type that a collapsed PosteriorDense rounds its inputs to; None: they come in one already."""
    _, mode, signed = (float(one) for one in record.weight("state"))
    if mode == _UNTOUCHED:
        return None
    steps = record.weight("input_step"), record.weight("input_span")
    return format_of_steps(*steps, signed=bool(signed), truncated=mode != _ROUNDED)


def gate(record: LayerRecord) -> np.ndarray:
    """Return the factor of each value behind a TopKGate or a CancelOut.

    Raises:
        TrainingError: for a gate that is still soft.
    """
    if record.kind == "CancelOut":
        return (1 / (1 + np.exp(-record.weight("gate_weights").astype(np.float64)))).astype(np.float32)
    mask, k = record.weight("gate"), record.config.get("k")
    if not np.isin(mask, (0, 1)).all() or k not in (None, int(np.count_nonzero(mask))):
        raise TrainingError(
            f"gate '{record.name}': expected a training with GateSchedule to its end. Received: a mask that is still "
            "soft; fit with that callback, which settles the gate at the end of each epoch, or call its freeze()"
        )
    return mask


def check_finite(record: LayerRecord) -> None:
    """TrainingError for weights that are no numbers, UnsupportedLayerError for a layer that collapses at present."""
    for name, values in record.weights.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise TrainingError(
                f"weights of layer '{record.name}': expected finite numbers. Received: NaN or inf in '{name}'; train "
                "it again"
            )
    if record.kind == "PosteriorDense" and stage(record) not in (NOISY, COLLAPSED):
        raise UnsupportedLayerError(
            f"layer '{record.name}': expected a layer before its collapse. Received: one that rounds its inputs, which "
            "no plain layer does; finish the collapse, and read the model with Network.from_keras"
        )


def _quantised(record: LayerRecord, kernel: np.ndarray) -> np.ndarray:
    quantizer = record.config.get("kernel_quantizer")
    return kernel if quantizer is None else quantise(quantizer, kernel, record.name).astype(np.float32)


def _ternary(record: LayerRecord, kernel: np.ndarray) -> np.ndarray:
    """-Wn, 0 or Wp."""
    scales = np.log1p(np.exp(record.weight("latent_scales").astype(np.float64))).astype(np.float32)
    up, down, delta = scales[0], scales[-1], _delta(record, np.abs(kernel))
    return np.where(kernel > delta, up, np.where(kernel < -delta, -down, np.float32(0)))


def _delta(record: LayerRecord, size: np.ndarray) -> np.ndarray:
    threshold, rule = (record.config.get(name, default) for name, default in _TERNARY.items())
    if rule == "quantile":
        n_zero = int(np.ceil(threshold * size.size))
        return np.sort(size.ravel())[n_zero - 1] if n_zero else np.float32(0)
    return np.float32(threshold) * (size.max() if rule == "max" else size.mean(dtype=np.float32))


def _posterior(record: LayerRecord, kernel: np.ndarray) -> np.ndarray:
    if stage(record) == NOISY:
        kept = kernel * kernel >= np.float32(0.25) * np.exp(record.weight("log_sigma2"))
        return np.where(kept, kernel, np.float32(0))
    return np.where(record.weight("frozen") > 0, record.weight("fixed_kernel"), kernel)


def _playground(record: LayerRecord, kernel: np.ndarray) -> np.ndarray:
    """-H and H, or -H, 0 and H."""
    scale = record.config.get("H", record.config.get("scale", 1.0))
    if scale == "Glorot":
        scale = np.sqrt(1.5 / sum(kernel.shape))
    scale = np.float32(scale)
    shares = kernel / scale
    if record.kind == "BinaryDense":
        codes = 2 * np.round(np.clip(np.float32(0.5) * shares + np.float32(0.5), 0, 1)) - 1
    else:
        codes = (shares > 0.5).astype(np.float32) - (shares <= -0.5)
    return (codes * scale).astype(np.float32)
