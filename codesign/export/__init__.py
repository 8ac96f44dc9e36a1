"""From a trained network to files that run elsewhere: generated C++, JSON, ONNX, TFLite.

Every exporter takes a :class:`FloatChain`: the float weights, the standardisation before them and the activation at the end.
"""

from codesign.export.cpp import cpp_source, write_cpp
from codesign.export.cpp_library import CompiledChain, check_cpp
from codesign.export.float_chain import FloatChain, FloatLayer

__all__ = ["FloatChain", "FloatLayer"]
__all__ += ["CompiledChain", "check_cpp", "cpp_source", "write_cpp"]
