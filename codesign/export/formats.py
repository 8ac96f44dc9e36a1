"""The formats of `codesign export`: how each is written, and how the file is evaluated to prove it."""

import shutil
from os import PathLike

import numpy as np

from codesign.errors import AgreementError, ConfigError, EnvironmentSetupError, nearest
from codesign.export.float_chain import FloatChain
from codesign.export.lwtnn_json import read_json, write_json
from codesign.export.onnx_file import predict_onnx, write_onnx
from codesign.export.tflite_file import predict_tflite, write_tflite

SUFFIXES = {"cpp": ".hpp", "json": ".json", "onnx": ".onnx", "tflite": ".tflite"}
_LARGEST_DIFFERENCE = 1e-4  # of outputs of order 1: far above rounding in float32, far below a wrong weight


def export_chain(
    chain: FloatChain, path: str | PathLike, to: str, *, int8: bool = False, calibration: np.ndarray | None = None
) -> None:
    """Write the chain in one of the formats.

    Args:
        to: a key of :data:`SUFFIXES`.
        int8, calibration: of ``tflite``, see :func:`codesign.export.write_tflite`.

    Raises:
        ConfigError: for an unknown format, or int8 in another than tflite.
        DataError: if the place is not writable, or int8 lacks events.
        EnvironmentSetupError: if the format's package is missing.
    """
    if to not in SUFFIXES:
        raise ConfigError(f"to: expected {', '.join(SUFFIXES)}. Received: {to}{nearest(to, SUFFIXES)}")
    if to == "tflite":
        write_tflite(chain, path, int8=int8, x=calibration)
        return
    if int8 or calibration is not None:
        raise ConfigError(f"int8, calibration: expected for tflite only. Received: {to}; leave them out")
    if to == "cpp":
        from codesign.export.cpp import write_cpp

        write_cpp(chain, path)
    else:
        {"json": write_json, "onnx": write_onnx}[to](chain, path)


def predict_exported(path: str | PathLike, to: str, x: np.ndarray) -> np.ndarray:
    """Evaluate x, (n_events, n_inputs) float32, by the file that was written, json, onnx or tflite; to (n_events, n_outputs).

    Raises:
        EnvironmentSetupError: if what runs the format is missing.
    """
    if to == "json":
        return read_json(path).predict(x)
    return {"onnx": predict_onnx, "tflite": predict_tflite}[to](path, x)


def check_exported(chain: FloatChain, path: str | PathLike, to: str, x: np.ndarray, *, int8: bool = False) -> float | None:
    """Return the largest |difference| of the file's outputs to ``chain.predict``; None if what runs the format is not installed.

    Args:
        x: (n_events, n_inputs) float32; :func:`random_events`, or for int8 events like the calibration's.

    Raises:
        AgreementError: if a float format differs by more than 1e-4, of outputs of order 1.
        ToolError: if the compiler fails.
    """
    if to == "cpp" and shutil.which("g++") is None:
        return None
    expected = chain.predict(x)
    try:
        difference = _cpp_difference(chain, x) if to == "cpp" else float(np.abs(predict_exported(path, to, x) - expected).max())
    except EnvironmentSetupError:
        return None
    if not int8 and not difference <= _LARGEST_DIFFERENCE * max(1.0, np.abs(expected).max()):
        raise AgreementError(f"{path}: expected what the network predicts. Received: a difference of {difference:.3g}")
    return difference


def _cpp_difference(chain: FloatChain, x: np.ndarray) -> float:
    from codesign.export.cpp_library import check_cpp

    return float(check_cpp(chain, x))


def random_events(chain: FloatChain, n_events: int) -> np.ndarray:
    """Return (n_events, n_inputs) float32 that are standard normal behind the chain's standardisation, fixed seed."""
    drawn = np.random.default_rng(0).standard_normal((n_events, chain.n_inputs))
    width = 1 / np.where(chain.scale == 0, 1, chain.scale).astype(np.float64)
    return (drawn * width - chain.offset).astype(np.float32)
