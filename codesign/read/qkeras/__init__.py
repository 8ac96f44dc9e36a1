"""QKeras's quantizers without QKeras: their texts, what they do to values in NumPy, the types that they stand for."""

from codesign.read.qkeras.quantise import quantise
from codesign.read.qkeras.text import quantizer_named, with_open_scale
from codesign.read.qkeras.types import QuantizedActivation, activation_of, kernel_and_type

__all__ = ["QuantizedActivation", "activation_of", "kernel_and_type", "quantise", "quantizer_named", "with_open_scale"]
