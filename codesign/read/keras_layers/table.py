"""The table from a layer's class to what reads it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from codesign._layer_graph import INERT
from codesign.errors import PrecisionError
from codesign.network.ops import Add, Max, Maximum, Mean, Minimum, Multiply, Subtract
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers import (
    activations,
    attention,
    collider,
    convolution,
    dense,
    einsum,
    merge,
    moves,
    norms,
    pooling,
    recurrent,
    scale,
    tables,
    training,
)
from codesign.read.keras_layers.masks import TAKE_MASK, pass_mask
from codesign.read.keras_layers.operations import read_operation
from codesign.read.keras_layers.refusals import check_quantizers, is_foreign, refusal, unknown
from codesign.read.keras_layers.wrappers import read_time_distributed
from codesign.read.keras_records import HGQ_PACKAGES
from codesign.read.parts.axes import reshaped

_GATES = ("TopKGate", "CancelOut")
_TRAINING_DENSE = ("MaskedDense", "VariationalDense", "TernaryDense", "PosteriorDense")


def _named(pattern: str, word: str, axes: range, read: Callable[[GraphBuilder, Call], Value]) -> dict:
    """A layer under its names, the old short ones too: AveragePooling1D, AvgPool1D."""
    words = {"Pooling": word, "Pool": {"Average": "Avg"}.get(word, word)}
    names = [pattern.replace("Pooling", end).format(one, n) for end, one in words.items() for n in axes]
    return dict.fromkeys(names, read)


_READ: Mapping[str, Callable[[GraphBuilder, Call], Value]] = MappingProxyType(
    {
        **dict.fromkeys(("Dense", "QDense"), dense.read_dense),
        "QDenseBatchnorm": dense.read_dense_batchnorm,
        **dict.fromkeys(("BinaryDense", "PlaygroundTernaryDense"), dense.read_binarized),
        **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "QConv1D", "QConv2D"), convolution.read_convolution),
        **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D", "QDepthwiseConv2D"), convolution.read_depthwise),
        **dict.fromkeys(
            ("SeparableConv1D", "SeparableConv2D", "QSeparableConv1D", "QSeparableConv2D"), convolution.read_separable
        ),
        **dict.fromkeys(
            ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "QConv2DTranspose"), convolution.read_transposed
        ),
        "QConv2DBatchnorm": convolution.read_convolution_batchnorm,
        "QDepthwiseConv2DBatchnorm": convolution.read_depthwise_batchnorm,
        **dict.fromkeys(("BatchNormalization", "QBatchNormalization"), scale.read_batch_normalization),
        "Normalization": scale.read_normalization,
        "Rescaling": scale.read_rescaling,
        "LayerNormalization": norms.read_layer_normalization,
        "RMSNormalization": norms.read_rms_normalization,
        "GroupNormalization": norms.read_group_normalization,
        "UnitNormalization": norms.read_unit_normalization,
        **dict.fromkeys(recurrent.KINDS, recurrent.read_recurrent),
        **dict.fromkeys(("Bidirectional", "QBidirectional"), recurrent.read_bidirectional),
        "MultiHeadAttention": attention.read_multi_head,
        **dict.fromkeys(("Attention", "AdditiveAttention"), attention.read_attention),
        "EinsumDense": einsum.read_einsum_dense,
        **dict.fromkeys(activations.LAYERS, activations.read_layer),
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
        **dict.fromkeys(("GlobalAveragePooling1D", "GlobalAvgPool1D"), pooling.read_global_average),
        **_named("Global{}Pooling{}D", "Average", range(2, 4), pooling.global_pooling(Mean)),
        **_named("Global{}Pooling{}D", "Max", range(1, 4), pooling.global_pooling(Max)),
        **_named("{}Pooling{}D", "Average", range(1, 4), pooling.pooling(Mean)),
        **_named("{}Pooling{}D", "Max", range(1, 4), pooling.pooling(Max)),
        "QAveragePooling2D": pooling.quantised_pooling(pooling.pooling, pooling.window_area),
        "QGlobalAveragePooling2D": pooling.quantised_pooling(pooling.global_pooling, pooling.whole_area),
        "Flatten": moves.read_flatten,
        "Reshape": moves.read_reshape,
        "Permute": moves.read_permute,
        "RepeatVector": moves.read_repeat,
        **dict.fromkeys(("Cropping1D", "Cropping2D", "Cropping3D"), moves.read_cropping),
        **dict.fromkeys(("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"), moves.read_padding),
        **dict.fromkeys(("UpSampling1D", "UpSampling2D", "UpSampling3D"), moves.read_upsampling),
        "Masking": moves.read_masking,
        "Embedding": moves.read_embedding,
        "KeyBits": tables.read_key_bits,
        "TableLookup": tables.read_table_lookup,
        "SegmentSum": tables.read_segment_sum,
        "TableSum": tables.read_table_sum,
        **dict.fromkeys(_GATES, training.read_gate),
        **dict.fromkeys(_TRAINING_DENSE, training.read_training_dense),
        "FeatureSelection": training.read_selection,
        "ColliderFeatures": collider.read_collider_features,
        "FillMissing": collider.read_fill_missing,
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
    if call.layer.package in HGQ_PACKAGES:
        from codesign.read.hgq import read_hgq_call  # which takes functions of this package

        return read_hgq_call(builder, call, lambda inner: read_call(builder, inner))
    if is_foreign(call.layer):
        raise unknown(call)
    call = _with_mask(builder, call)
    _check_arguments(call)
    check_quantizers(call)
    if call.kind in INERT:
        return call.value
    if call.kind == "TimeDistributed":
        return read_time_distributed(builder, call, lambda inner: read_call(builder, inner))
    if call.kind not in _READ:
        raise unknown(call)
    try:
        return pass_mask(builder, call, _READ[call.kind](builder, call))
    except PrecisionError as error:
        raise PrecisionError(f"layer '{call.name}': {error}") from None


def _check_arguments(call: Call) -> None:
    """A dropout that is told to train, or a mask, is another function."""
    given = {name: value for name, value in call.kwargs.items() if not isinstance(value, (list, tuple)) and value}
    for name in ("training", "mask"):
        if given.get(name) is not None:
            cure = f"call it without {name}="
            raise refusal(call, "a layer called on its inputs alone, as at inference", f"{name}={given[name]}", cure)


def _with_mask(builder: GraphBuilder, call: Call) -> Call:
    """The call without a mask of its steps, which Keras 3 hands over as a value: it becomes that of the first value."""
    mask, value = call.kwargs.get("mask"), call.values[0] if call.values else None
    if not isinstance(mask, Value) or call.kind not in TAKE_MASK or mask.shape != value.shape[:1]:
        return call
    builder.masks.setdefault(value.name, reshaped(builder, call.name, mask, (*mask.shape, 1), name=f"{call.name}_mask"))
    return replace(call, kwargs={name: one for name, one in call.kwargs.items() if name != "mask"})
