"""The table from a class of HGQ2 to what reads it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.errors import CodesignError
from codesign.network.ops import Add as AddOp
from codesign.network.ops import Maximum, Minimum, Multiply, Subtract
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.hgq import attention, convolution, dense, edge_tables, lut, merge, softmax
from codesign.read.hgq.first import read_first_call
from codesign.read.hgq.layer import HgqLayer
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal

_POOLS = ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling")
_RANKS = ("1D", "2D", "3D")
_POOLING = frozenset(f"Q{kind}{rank}" for kind in _POOLS for rank in _RANKS)
_READ: Mapping[str, Callable[[HgqLayer], Value]] = MappingProxyType(
    {
        "QDense": dense.read_dense,
        "QBatchNormDense": dense.read_batchnorm_dense,
        "QEinsumDense": dense.read_einsum_dense,
        "QEinsumDenseBatchnorm": dense.read_einsum_dense_batchnorm,
        "QBatchNormalization": dense.read_batch_normalization,
        **dict.fromkeys((f"QConv{rank}" for rank in _RANKS), convolution.read_convolution),
        **dict.fromkeys(("QUnaryFunctionLUT", "QAffinedUnaryFunctionLUT"), lut.read_unary_function),
        "QDenseT": edge_tables.read_dense_table,
        "QSoftmax": softmax.read_softmax,
        "QAdd": merge.merging(AddOp),
        "QSubtract": merge.merging(Subtract),
        "QMultiply": merge.merging(Multiply),
        "QMaximum": merge.merging(Maximum),
        "QMinimum": merge.merging(Minimum),
        "QAveragePow2": merge.read_average,
        "QDot": merge.read_dot,
        "QEinsum": merge.read_einsum,
        **dict.fromkeys(("QSum", "QMeanPow2"), merge.read_sum),
        "QMultiHeadAttention": attention.read_attention,
        "Quantizer": lambda layer: layer.quantised(layer.call.value, word="quantizer"),
    }
)


def read_hgq_call(builder: GraphBuilder, call: Call, read: Callable[[Call], Value]) -> Value:
    """Add the nodes of a call of a layer of HGQ2, or of HGQ before it.

    Args:
        builder: takes the nodes.
        call: of the layer.
        read: reads a call of a layer of Keras.

    Raises:
        UnsupportedLayerError: for a layer or a setting that has no place in a Network; it names the layer.
    """
    if call.layer.package == "HGQ":
        return read_first_call(builder, call, read)
    layer = HgqLayer(builder, call)
    if call.kind in _POOLING:
        return convolution.read_pooling(layer, read)
    if call.kind not in _READ:
        known = ", ".join(sorted(_READ))
        raise refusal(call, "a layer of HGQ2 that a Network holds", call.kind, f"use {known}, or pooling")
    try:
        return _READ[call.kind](layer)
    except CodesignError as error:
        if f"'{call.name}" in str(error) or f"'{call.layer.name}" in str(error):
            raise
        raise type(error)(f"layer '{call.name}': {error}") from None
