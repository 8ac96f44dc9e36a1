"""What the nodes of a network do: one frozen record for each operation, in floating point and in integers."""

from codesign.network.ops.activation import Activation
from codesign.network.ops.affine import Affine, FixedAffine
from codesign.network.ops.constants import ConstantTypes
from codesign.network.ops.dense import Dense, FixedDense
from codesign.network.ops.embedding import Embedding, FixedEmbedding
from codesign.network.ops.firmware import FirmwareTable, FixedFirmwareTable
from codesign.network.ops.firmware_softmax import FirmwareSoftmax, FixedFirmwareSoftmax
from codesign.network.ops.fixed_activation import FixedFunction, FixedLine, FixedRelu, FixedSwish, FixedTable
from codesign.network.ops.fixed_function import FixedCodes, FixedSteps
from codesign.network.ops.keys import Bit, FixedBit, FixedThreshold, Threshold
from codesign.network.ops.matmul import MatMul
from codesign.network.ops.merge import Add, Dot, FixedMerge, Maximum, Minimum, Multiply, Subtract
from codesign.network.ops.moves import Concatenate, FixedMove, Flatten, Reshape, Slice, Transpose
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.ops.places import Gather, Patches
from codesign.network.ops.quantize import Quantize
from codesign.network.ops.reduce import ArgMax, FixedMean, Max, Mean, Min, Sum
from codesign.network.ops.segment_sum import FixedSegmentSum, SegmentSum
from codesign.network.ops.select import Compare, FixedSelect, Select
from codesign.network.ops.table import FixedLookup, Table

MOVES = (Concatenate, Flatten, Reshape, Slice, Transpose)
PLACES = (Patches, Gather)
KEY_OPS = (Bit, Threshold)
TABLE_OPS = (*KEY_OPS, Table, SegmentSum)
OPS = (
    *(Dense, Affine, Activation, Quantize, Embedding),
    *(Add, Subtract, Multiply, Maximum, Minimum, Dot, Sum, Mean, Max),
    *(MatMul, Min, ArgMax, Compare, Select),
    *MOVES,
    *PLACES,
    *TABLE_OPS,
)

__all__ = [
    "KEY_OPS",
    "MOVES",
    "OPS",
    "PLACES",
    "TABLE_OPS",
    "Activation",
    "Add",
    "Affine",
    "ArgMax",
    "Bit",
    "Compare",
    "Concatenate",
    "ConstantTypes",
    "Dense",
    "Dot",
    "Embedding",
    "FirmwareSoftmax",
    "FirmwareTable",
    "FixedAffine",
    "FixedBit",
    "FixedCodes",
    "FixedDense",
    "FixedEmbedding",
    "FixedFirmwareSoftmax",
    "FixedFirmwareTable",
    "FixedFunction",
    "FixedLine",
    "FixedLookup",
    "FixedMean",
    "FixedMerge",
    "FixedMove",
    "FixedOp",
    "FixedRelu",
    "FixedSegmentSum",
    "FixedSelect",
    "FixedSteps",
    "FixedSwish",
    "FixedTable",
    "FixedThreshold",
    "Flatten",
    "Gather",
    "MatMul",
    "Max",
    "Maximum",
    "Mean",
    "Min",
    "Minimum",
    "Multiply",
    "Op",
    "Patches",
    "Quantize",
    "Reshape",
    "SegmentSum",
    "Select",
    "Shape",
    "Slice",
    "Subtract",
    "Sum",
    "Table",
    "Tensor",
    "Threshold",
    "Transpose",
]
