"""Masks: which steps count, from a Masking or an Embedding to the layers that ask."""

from codesign.network.ops import Multiply
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal

_MERGES = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")
_PASS = frozenset(
    {
        *("Dense", "QDense", "Activation", "QActivation", "ReLU", "LeakyReLU", "ELU", "PReLU", "ThresholdedReLU"),
        *("BatchNormalization", "QBatchNormalization", "LayerNormalization", "GroupNormalization"),
        *("UnitNormalization", "RMSNormalization", "Masking", "TimeDistributed", *_MERGES),
    }
)
_SEQUENCES = ("LSTM", "GRU", "SimpleRNN", "QLSTM", "QGRU", "QSimpleRNN", "RNN", "Bidirectional", "QBidirectional")
TAKE_MASK = (*_SEQUENCES, "GlobalAveragePooling1D")
_ASK = ("Softmax", "MultiHeadAttention", "Attention", "AdditiveAttention", "Dot")


def pass_mask(builder: GraphBuilder, call: Call, found: Value) -> Value:
    """Return what a layer gives; its mask is that of what it takes, where Keras passes it on.

    Raises:
        UnsupportedLayerError: for a layer that takes a mask into account in a way that is not read.
    """
    masks = [builder.masks[value.name] for value in call.values if value.name in builder.masks]
    masks = list({mask.name: mask for mask in masks}.values())
    if not masks:
        return found
    if call.kind in _ASK:
        raise refusal(call, "values without a mask", f"a mask of {call.kind}", "remove the Masking or mask_zero before")
    inner = call.layer.inner.get("forward_layer", call.layer)
    if call.kind in _PASS or (call.kind in _SEQUENCES and inner.config.get("return_sequences")):
        mask = masks[0]
        for number, other in enumerate(masks[1:]):
            mask = builder.add(call.name, Multiply(), mask, other, name=f"{call.name}_mask_{number}")
        builder.masks.setdefault(found.name, mask)
    return found
