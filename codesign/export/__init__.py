"""From a trained network to files that run elsewhere: generated C++, JSON, ONNX, TFLite.

Every writer takes a :class:`codesign.Network`, with the standardisation as Affine nodes in front and the softmax as a
node at the end. :func:`export_model` reads any model, writes it, and compares the file with the model before it
replaces anything; the writers only write.
"""

from codesign.export.checked_file import ExportedModel, export_model
from codesign.export.cpp import cpp_source, write_cpp
from codesign.export.cpp_integer import write_cpp_integer
from codesign.export.cpp_library import CompiledNetwork, check_cpp
from codesign.export.keras3 import write_keras3
from codesign.export.load import load_network
from codesign.export.lwtnn.file import write_json
from codesign.export.lwtnn.reader import write_reader
from codesign.export.onnx.file import write_onnx
from codesign.export.tflite.file import write_tflite
from codesign.read.lwtnn.file import read_json
from codesign.read.names import Names

__all__ = ["ExportedModel", "Names", "export_model"]
__all__ += [
    "load_network",
    "read_json",
    "write_json",
    "write_keras3",
    "write_onnx",
    "write_reader",
    "write_tflite",
]
__all__ += ["CompiledNetwork", "check_cpp", "cpp_source", "write_cpp", "write_cpp_integer"]
