"""The formats of `codesign export`: how each is written, and how the file is evaluated to prove it."""

import shutil
from os import PathLike

import numpy as np

from codesign.errors import ConfigError, EnvironmentSetupError, nearest
from codesign.export.agreement import Agreement, compare, measure
from codesign.export.load import Source
from codesign.export.lwtnn.file import write_json
from codesign.export.onnx.file import predict_onnx, write_onnx
from codesign.export.onnx.qonnx import write_qonnx
from codesign.export.onnx.qonnx_check import check_qonnx
from codesign.export.suffixes import SUFFIXES
from codesign.export.tflite.file import predict_tflite, write_tflite
from codesign.network import Network
from codesign.network.same_function import draw_events
from codesign.read import read_file
from codesign.read.lwtnn.file import read_json
from codesign.read.names import Names

_SATURATING_EVENTS = 256


def export_network(
    network: Network,
    path: str | PathLike,
    to: str,
    *,
    names: Names = Names(),
    int8: bool = False,
    calibration: np.ndarray | None = None,
) -> None:
    """Write the network in one of the formats.

    Args:
        to: a key of :data:`SUFFIXES`.
        names: of the network and its values.
        int8, calibration: of ``tflite``, see :func:`codesign.export.write_tflite`.

    Raises:
        ConfigError: for an unknown format, or int8 in another than tflite.
        DataError: if the place is not writable, or int8 lacks events.
        PrecisionError: for ``cpp-integer`` or ``qonnx`` of a network without fixed-point types.
        EnvironmentSetupError: if the format's package is missing.
    """
    if to not in SUFFIXES:
        raise ConfigError(f"to: expected {', '.join(SUFFIXES)}. Received: {to}{nearest(to, SUFFIXES)}")
    if to == "tflite":
        write_tflite(network, path, int8=int8, x=calibration)
        return
    if int8 or calibration is not None:
        raise ConfigError(f"int8, calibration: expected for tflite only. Received: {to}; leave them out")
    if to == "cpp":
        from codesign.export.cpp import write_cpp

        write_cpp(network, path, name=names.network)
    elif to == "keras3":
        from codesign.export.keras3 import write_keras3

        write_keras3(network, path, name=names.network)
    elif to == "cpp-integer":
        from codesign.export.cpp_integer import write_cpp_integer

        own = names.of(network)
        write_cpp_integer(network, path, namespace=names.network, input_names=own.inputs, output_names=own.outputs)
    else:
        more = {"name": names.network, "input_names": names.inputs, "output_names": names.outputs}
        {"json": write_json, "onnx": write_onnx, "qonnx": write_qonnx}[to](network, path, **more)


def predict_exported(path: str | PathLike, to: str, x: np.ndarray) -> np.ndarray:
    """Evaluate x, (n_events, n_inputs) float32, by a json, onnx, tflite or keras3 file to (n_events, n_outputs).

    Raises:
        EnvironmentSetupError: if what runs the format is missing.
    """
    if to == "json":
        return read_json(path).predict(x)
    if to == "keras3":
        return read_file(path).network.predict(x)
    return {"onnx": predict_onnx, "tflite": predict_tflite}[to](path, x)


def check_exported(
    source: Source, path: str | PathLike, to: str, x: np.ndarray, *, int8: bool = False, name: str
) -> Agreement | None:
    """Compare the outputs of a file that was written with those of the user's own model.

    A float format is also compared on events drawn to reach every saturation; integers with those of the design, which
    must be the same.

    Args:
        x: (n_events, n_inputs) float32; :func:`codesign.export.agreement.random_events`, or for int8 events like the
            calibration's.
        name: of the file, for the message.

    Returns:
        How far it is from the model on x; None if what runs the format is not installed.

    Raises:
        AgreementError: if a float format differs by more than the rounding errors of single precision.
        ToolError: if the compiler fails.
    """
    if to.startswith("cpp") and shutil.which("g++") is None:
        return None
    x = np.asarray(x, np.float32)
    network, reference = source.network, source.reference
    if to == "cpp-integer":
        from codesign.export.cpp_integer.library import check_emulator

        return check_emulator(network, path, x, namespace=source.names.network, name=name)
    if to == "qonnx":
        return check_qonnx(network, path, x, name=name)
    events = x if int8 else np.concatenate([x, draw_events(network, _SATURATING_EVENTS)])
    try:
        outputs = _predict_cpp(source, path, events) if to == "cpp" else [predict_exported(path, to, events)]
    except EnvironmentSetupError:
        return None
    if int8:
        return measure(network, x, outputs[0], reference)
    found = []
    for values in outputs:
        compare(network, events[len(x) :], values[len(x) :], name, reference)
        found.append(compare(network, x, values[: len(x)], name, reference))
    return max(found, key=lambda agreement: agreement.difference)


def _predict_cpp(source: Source, path: str | PathLike, x: np.ndarray) -> list[np.ndarray]:
    """Outputs of both functions of a header."""
    from codesign.export.cpp_library import CompiledNetwork

    compiled = CompiledNetwork(source.network, name=source.names.network, header=path)
    return [compiled.predict(x, one_by_one=way) for way in (False, True)]
