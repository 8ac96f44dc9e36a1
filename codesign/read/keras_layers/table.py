"""The table from a layer's class to what reads it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign._layer_graph import INERT
from codesign.errors import PrecisionError
from codesign.network.ops import Add, Max, Maximum, Mean, Minimum, Multiply, Subtract
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.hgq import read_hgq_call
from codesign.read.keras_calls import Call
from codesign.read.keras_layers import activations, dense, merge, moves, scale, tables, training
from codesign.read.keras_layers.operations import read_operation
from codesign.read.keras_layers.refusals import check_quantizers, is_foreign, refusal, unknown
from codesign.read.keras_layers.wrappers import read_time_distributed

_GATES = ("TopKGate", "CancelOut")
_TRAINING_DENSE = ("MaskedDense", "VariationalDense", "TernaryDense", "PosteriorDense")
TRAINING = (*_GATES, *_TRAINING_DENSE, "FeatureSelection")

_READ: Mapping[str, Callable[[GraphBuilder, Call], Value]] = MappingProxyType(
    {
        **dict.fromkeys(("Dense", "QDense"), dense.read_dense),
        "QDenseBatchnorm": dense.read_dense_batchnorm,
        **dict.fromkeys(("BinaryDense", "PlaygroundTernaryDense"), dense.read_binarized),
        **dict.fromkeys(("Conv1D", "QConv1D"), dense.read_pointwise_convolution),
        **dict.fromkeys(("BatchNormalization", "QBatchNormalization"), scale.read_batch_normalization),
        "Normalization": scale.read_normalization,
        "Rescaling": scale.read_rescaling,
        "ReLU": activations.read_relu,
        "LeakyReLU": activations.read_leaky_relu,
        "PReLU": activations.read_prelu,
        **dict.fromkeys(("Activation", "QActivation"), activations.read_activation),
        "Softmax": activations.read_softmax,
        "FixedPointQuantizer": activations.read_quantizer,
        "DetectorWords": activations.read_words,
        "Add": merge.merging(Add),
        "Subtract": merge.merging(Subtract),
        "Multiply": merge.merging(Multiply),
        "Maximum": merge.merging(Maximum),
        "Minimum": merge.merging(Minimum),
        "Average": merge.read_average,
        "Concatenate": merge.read_concatenate,
        "Dot": merge.read_dot,
        **dict.fromkeys(("GlobalAveragePooling1D", "GlobalAvgPool1D"), merge.pooling(Mean)),
        **dict.fromkeys(("GlobalMaxPooling1D", "GlobalMaxPool1D"), merge.pooling(Max)),
        **dict.fromkeys(("AveragePooling1D", "AvgPool1D"), merge.pooling_in_windows(Mean)),
        **dict.fromkeys(("MaxPooling1D", "MaxPool1D"), merge.pooling_in_windows(Max)),
        "Flatten": moves.read_flatten,
        "Reshape": moves.read_reshape,
        "Permute": moves.read_permute,
        "RepeatVector": moves.read_repeat,
        "Cropping1D": moves.read_cropping,
        "Embedding": moves.read_embedding,
        "KeyBits": tables.read_key_bits,
        "TableLookup": tables.read_table_lookup,
        "SegmentSum": tables.read_segment_sum,
        "TableSum": tables.read_table_sum,
        **dict.fromkeys(_GATES, training.read_gate),
        **dict.fromkeys(_TRAINING_DENSE, training.read_training_dense),
        "FeatureSelection": training.read_selection,
    }
)


def read_call(builder: GraphBuilder, call: Call) -> Value:
    """Add the nodes of one call.

    Raises:
        UnsupportedLayerError: for a layer, a setting or a way of calling it that has no place in a Network; it names
            the layer.
        PrecisionError: for NaN or inf in the weights.
    """
    if call.layer.is_operation:
        return read_operation(builder, call)
    if call.layer.package == "hgq":
        return read_hgq_call(builder, call, lambda inner: read_call(builder, inner))
    if is_foreign(call.layer):
        raise unknown(call)
    _check_arguments(call)
    check_quantizers(call)
    if call.kind in INERT:
        return call.value
    if call.kind == "TimeDistributed":
        return read_time_distributed(builder, call, lambda inner: read_call(builder, inner))
    if call.kind not in _READ:
        raise unknown(call)
    try:
        return _READ[call.kind](builder, call)
    except PrecisionError as error:
        raise PrecisionError(f"layer '{call.name}': {error}") from None


def _check_arguments(call: Call) -> None:
    """A dropout that is told to train, or a mask, is another function."""
    given = {name: value for name, value in call.kwargs.items() if not isinstance(value, (list, tuple)) and value}
    for name in ("training", "mask"):
        if given.get(name) is not None:
            cure = f"call it without {name}="
            raise refusal(call, "a layer called on its inputs alone, as at inference", f"{name}={given[name]}", cure)
