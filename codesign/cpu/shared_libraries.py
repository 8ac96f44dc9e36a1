"""Runtimes behind the C API of a shared library that comes with a Python wheel: LiteRT, ONNX Runtime, OpenVINO."""

from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from codesign.cpu.compile import compile_program
from codesign.cpu.flat_ends import with_flat_ends
from codesign.cpu.runtime import Program
from codesign.errors import ToolError
from codesign.network import Network

_ONNX_NAMES = ("x", "y")


def prepare_litert(network: Network, folder: Path, x: np.ndarray, *, int8: bool = False) -> Program:
    """LiteRT with XNNPACK: the run of a compiled model whose input is already there."""
    from codesign.export import write_tflite

    model = folder / ("int8.tflite" if int8 else "float.tflite")
    write_tflite(with_flat_ends(network), model, int8=int8, x=x if int8 else None)
    library = _library("ai_edge_litert", "libLiteRt.so")
    return Program((compile_program("litert.cpp", folder.parent),), (str(model), library))


prepare_litert_int8 = partial(prepare_litert, int8=True)


def prepare_onnxruntime(network: Network, folder: Path, _: np.ndarray) -> Program:
    """ONNX Runtime on a network."""
    return onnxruntime_program(_onnx(network, folder), folder)


def onnxruntime_program(model: str | Path, folder: Path) -> Program:
    """ONNX Runtime: ``Run`` on tensors in the caller's memory."""
    library = _library("onnxruntime", "capi/libonnxruntime.so*")
    return Program((compile_program("onnxruntime.cpp", folder.parent),), (str(model), library, *_ONNX_NAMES))


def prepare_openvino(network: Network, folder: Path, _: np.ndarray) -> Program:
    """OpenVINO: ``ov_infer_request_infer`` on tensors of fixed shape in the caller's memory, float32."""
    library = _library("openvino", "libs/libopenvino_c.so*")
    include = Path(find_spec("openvino").origin).parent / "include"
    return Program(
        (compile_program("openvino.cpp", folder.parent, options=[f"-I{include}"]),), (_onnx(network, folder), library)
    )


def _onnx(network: Network, folder: Path) -> str:
    from codesign.export import write_onnx

    path = folder / "network.onnx"
    write_onnx(with_flat_ends(network), path)
    return str(path)


def _library(package: str, pattern: str) -> str:
    folder = Path(find_spec(package).origin).parent
    found = sorted(folder.glob(pattern))
    if not found:
        raise ToolError(
            f"{package}: expected {pattern} in {folder}. Received: none; install the wheel of the version in setup.cfg"
        )
    return str(found[0])
