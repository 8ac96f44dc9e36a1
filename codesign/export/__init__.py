"""From a trained network to files that run elsewhere: generated C++, JSON, ONNX, TFLite.

Every exporter takes a :class:`FloatChain`: the float weights, the standardisation before them and the activation at the end.
"""

from codesign.export.cpp import cpp_source, write_cpp
from codesign.export.cpp_library import CompiledChain, check_cpp
from codesign.export.float_chain import FloatChain, FloatLayer
from codesign.export.json_reader import write_reader
from codesign.export.load import load_chain
from codesign.export.lwtnn_json import read_json, write_json
from codesign.export.onnx_file import write_onnx
from codesign.export.tflite_file import write_tflite

__all__ = ["FloatChain", "FloatLayer"]
__all__ += ["load_chain", "read_json", "write_json", "write_onnx", "write_reader", "write_tflite"]
__all__ += ["CompiledChain", "check_cpp", "cpp_source", "write_cpp"]
