"""From a trained network to files that run elsewhere: generated C++, JSON, ONNX, TFLite.

Every writer takes a :class:`FloatChain`: the float weights, the standardisation before them and the activation at the end. :func:`export_model` reads any
model, writes it, and compares the file with the model before it replaces anything; the writers only write.
"""

from codesign.export.checked_file import ExportedModel, export_model
from codesign.export.cpp import cpp_source, write_cpp
from codesign.export.cpp_library import CompiledChain, check_cpp
from codesign.export.float_chain import FloatChain, FloatLayer
from codesign.export.json_reader import write_reader
from codesign.export.load import load_chain, load_network, load_own
from codesign.export.lwtnn_json import read_json, write_json
from codesign.export.onnx_file import write_onnx
from codesign.export.tflite_file import write_tflite

__all__ = ["FloatChain", "FloatLayer"]
__all__ += ["ExportedModel", "export_model"]
__all__ += [
    "load_chain",
    "load_network",
    "load_own",
    "read_json",
    "write_json",
    "write_onnx",
    "write_reader",
    "write_tflite",
]
__all__ += ["CompiledChain", "check_cpp", "cpp_source", "write_cpp"]
