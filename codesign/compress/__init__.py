"""From a trained model to a small one: `strip` is exact and plain, `shrink` removes what is dead."""

from codesign.compress.model_size import ModelSize, ShrinkReport
from codesign.compress.shrink import measure_size, shrink
from codesign.compress.shrunk_model import ShrunkModel
from codesign.compress.strip import mask_zeros, strip

__all__ = [
    "ModelSize",
    "ShrinkReport",
    "ShrunkModel",
    "mask_zeros",
    "measure_size",
    "shrink",
    "strip",
]
