"""What the nodes of a network do: one frozen record for each operation, in floating point and in integers."""

from codesign.network.ops.activation import Activation
from codesign.network.ops.affine import Affine, FixedAffine
from codesign.network.ops.constants import ConstantTypes
from codesign.network.ops.dense import Dense, FixedDense
from codesign.network.ops.embedding import Embedding, FixedEmbedding
from codesign.network.ops.fixed_activation import FixedFunction, FixedLine, FixedRelu, FixedSwish, FixedTable
from codesign.network.ops.merge import Add, Dot, FixedMerge, Maximum, Minimum, Multiply, Subtract
from codesign.network.ops.moves import Concatenate, FixedMove, Flatten, Reshape, Slice, Transpose
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.ops.quantize import Quantize
from codesign.network.ops.reduce import FixedMean, Max, Mean, Sum

MOVES = (Concatenate, Flatten, Reshape, Slice, Transpose)
OPS = (
    *(Dense, Affine, Activation, Quantize, Embedding),
    *(Add, Subtract, Multiply, Maximum, Minimum, Dot, Sum, Mean, Max),
    *MOVES,
)

__all__ = [
    "MOVES",
    "OPS",
    "Activation",
    "Add",
    "Affine",
    "Concatenate",
    "ConstantTypes",
    "Dense",
    "Dot",
    "Embedding",
    "FixedAffine",
    "FixedDense",
    "FixedEmbedding",
    "FixedFunction",
    "FixedLine",
    "FixedMean",
    "FixedMerge",
    "FixedMove",
    "FixedOp",
    "FixedRelu",
    "FixedSwish",
    "FixedTable",
    "Flatten",
    "Max",
    "Maximum",
    "Mean",
    "Minimum",
    "Multiply",
    "Op",
    "Quantize",
    "Reshape",
    "Shape",
    "Slice",
    "Subtract",
    "Sum",
    "Tensor",
    "Transpose",
]
