"""The formats of `codesign export`: how each is written, and how the file is evaluated to prove it."""

import shutil
from os import PathLike

import numpy as np

from codesign.errors import ConfigError, EnvironmentSetupError, nearest
from codesign.export.agreement import Agreement, compare, measure, saturating_events
from codesign.export.float_chain import FloatChain
from codesign.export.lwtnn_json import read_json, write_json
from codesign.export.onnx_file import predict_onnx, write_onnx
from codesign.export.tflite_file import predict_tflite, write_tflite

SUFFIXES = {"cpp": ".hpp", "json": ".json", "onnx": ".onnx", "tflite": ".tflite"}
_SATURATING_EVENTS = 256


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


def check_exported(
    chain: FloatChain, path: str | PathLike, to: str, x: np.ndarray, *, int8: bool = False, name: str
) -> Agreement | None:
    """Compare the outputs of a file that was written with those of the user's own model, the chain's reference.

    A float format is also compared on events drawn to reach every saturation.

    Args:
        x: (n_events, n_inputs) float32; :func:`codesign.export.agreement.random_events`, or for int8 events like the calibration's.
        name: of the file, for the message.

    Returns:
        How far it is from the model on x; None if what runs the format is not installed.

    Raises:
        AgreementError: if a float format differs by more than the rounding errors of single precision.
        ToolError: if the compiler fails.
    """
    if to == "cpp" and shutil.which("g++") is None:
        return None
    x = np.asarray(x, np.float32)
    events = x if int8 else np.concatenate([x, saturating_events(chain, _SATURATING_EVENTS)])
    try:
        outputs = _predict_cpp(chain, path, events) if to == "cpp" else [predict_exported(path, to, events)]
    except EnvironmentSetupError:
        return None
    if int8:
        return measure(chain, x, outputs[0])
    found = []
    for values in outputs:
        compare(chain, events[len(x) :], values[len(x) :], name)
        found.append(compare(chain, x, values[: len(x)], name))
    return max(found, key=lambda agreement: agreement.difference)


def _predict_cpp(chain: FloatChain, path: str | PathLike, x: np.ndarray) -> list[np.ndarray]:
    """Outputs of both functions of a header."""
    from codesign.export.cpp_library import CompiledChain

    compiled = CompiledChain(chain, header=path)
    return [compiled.predict(x, one_by_one=way) for way in (False, True)]
