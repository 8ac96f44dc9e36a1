"""From a trained network to files that run elsewhere: generated C++, JSON, ONNX, TFLite.

Every writer takes a :class:`codesign.Network`, with the standardisation as Affine nodes in front and the softmax as a
node at the end. :func:`export_model` reads any model, writes it, and compares the file with the model before it
replaces anything; the writers only write. Names are loaded when they are first used.
"""

from codesign._lazy_names import lazy_names

_NAMES = {
    "codesign.export.checked_file": "ExportedModel export_model",
    "codesign.export.cpp": "cpp_source write_cpp",
    "codesign.export.cpp_integer": "write_cpp_integer",
    "codesign.export.cpp_library": "CompiledNetwork check_cpp",
    "codesign.export.keras3": "write_keras3",
    "codesign.export.load": "load_network",
    "codesign.export.lwtnn.file": "write_json",
    "codesign.export.lwtnn.reader": "write_reader",
    "codesign.export.onnx.file": "write_onnx",
    "codesign.export.onnx.qonnx": "write_qonnx",
    "codesign.export.tflite.file": "write_tflite",
    "codesign.read.lwtnn.file": "read_json",
    "codesign.read.names": "Names",
}
_PUBLIC = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [*_PUBLIC]
__getattr__ = lazy_names(__name__, _PUBLIC)


def __dir__() -> list[str]:
    return sorted(__all__)
