"""The neutral model, which knows no Keras: a graph of operations, fixed-point types, float and bit-exact evaluation."""

from codesign.network.absorb_offset import absorb_offset
from codesign.network.dense_view import FixedLayer
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.layout import Layout
from codesign.network.network import Network
from codesign.network.node import Input, Node
from codesign.network.precision_choice import PrecisionChoice
from codesign.network.quantize import quantize_network
from codesign.network.types.exact_type import constant_type, exact_type
from codesign.network.types.fixed_point import FixedPoint

__all__ = [
    "DenseLayer",
    "FixedLayer",
    "FixedPoint",
    "Input",
    "Layout",
    "LayerPrecision",
    "Network",
    "Node",
    "PrecisionChoice",
    "absorb_offset",
    "constant_type",
    "exact_type",
    "quantize_network",
]
