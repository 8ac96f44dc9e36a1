"""Files of models that others wrote: what they are, and whether they are safe to open.

Nothing in them is run, and no Keras is imported.
"""

from codesign.model_files.identify import ModelFile, identify
from codesign.model_files.keras_copy import CheckedCopy, checked_copy
from codesign.model_files.known_names import QUANTIZERS
from codesign.model_files.onnx_check import check_onnx
from codesign.model_files.quantizer_text import check_quantizer_text
from codesign.model_files.torch_check import holds_only_weights

__all__ = [
    "QUANTIZERS",
    "CheckedCopy",
    "ModelFile",
    "check_onnx",
    "check_quantizer_text",
    "checked_copy",
    "holds_only_weights",
    "identify",
]
