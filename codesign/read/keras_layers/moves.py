"""Layers that move values about, and Embedding, which looks rows of values up."""

import numpy as np

from codesign.network.ops import Concatenate, Embedding, Flatten, Reshape, Shape, Slice, Transpose
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal


def read_flatten(builder: GraphBuilder, call: Call) -> Value:
    """Flatten; of a vector it does nothing."""
    shape = call.value.shape
    if call.config.get("data_format") == "channels_first" and len(shape) > 1:
        raise refusal(
            call, "a Flatten of channels that come last", "data_format='channels_first'", "put a Permute before it"
        )
    return call.value if len(shape) == 1 else builder.add(call.name, Flatten(), call.value)


def read_reshape(builder: GraphBuilder, call: Call) -> Value:
    """Reshape."""
    return reshape(builder, call, call.value, call.config["target_shape"])


def reshape(builder: GraphBuilder, call: Call, value: Value, target: Shape) -> Value:
    """Add a reshape, one size of which may be -1; to the same shape it does nothing."""
    size, target = int(np.prod(value.shape)), tuple(int(one) for one in target)
    known = int(np.prod([one for one in target if one != -1]))
    target = tuple(size // max(known, 1) if one == -1 else one for one in target)
    return value if target == value.shape else builder.add(call.name, Reshape(target), value)


def read_permute(builder: GraphBuilder, call: Call) -> Value:
    """Permute."""
    return builder.add(call.name, Transpose(tuple(int(axis) for axis in call.config["dims"])), call.value)


def read_repeat(builder: GraphBuilder, call: Call) -> Value:
    """A vector, n times below itself."""
    n = int(call.config["n"])
    row = builder.add(f"{call.name}_row" if n > 1 else call.name, Reshape((1, *call.value.shape)), call.value)
    return builder.add(call.name, Concatenate(1), *[row] * n) if n > 1 else row


def read_cropping(builder: GraphBuilder, call: Call) -> Value:
    """Positions without some at both ends."""
    before, behind = (int(n) for n in np.broadcast_to(call.config["cropping"], 2))
    return builder.add(call.name, Slice(before, call.value.shape[0] - behind, 1), call.value)


def read_embedding(builder: GraphBuilder, call: Call) -> Value:
    """A row of a table for each whole number."""
    if call.config.get("mask_zero"):
        raise refusal(call, "an Embedding without mask", "mask_zero=True", "build the model again with mask_zero=False")
    op = builder.constants.get(call.layer) or Embedding(np.asarray(call.weight("embeddings"), np.float64))
    builder.constants[call.layer] = op
    return builder.add(call.name, op, call.value)
