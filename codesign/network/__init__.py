"""The neutral model, which knows no Keras: dense layers, their fixed-point types, float and bit-exact evaluation."""

from codesign.network.exact_type import constant_type, exact_type
from codesign.network.fixed_layer import FixedLayer
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.network import Network
from codesign.network.precision_choice import PrecisionChoice
from codesign.network.quantize import quantize_network

__all__ = [
    "DenseLayer",
    "FixedLayer",
    "FixedPoint",
    "LayerPrecision",
    "Network",
    "PrecisionChoice",
    "constant_type",
    "exact_type",
    "quantize_network",
]
