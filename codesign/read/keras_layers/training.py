"""The toolkit's training layers, as what they are after `strip`: dense layers, and factors of 0 and 1."""

import numpy as np

from codesign.compress.steps import plain_layer, read_step
from codesign.network.ops import Affine, Dense
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.dense import read_collapsed, read_dense
from codesign.read.live_records import record_layer


def read_training_dense(builder: GraphBuilder, call: Call) -> Value:
    """The Dense or QDense that a training layer becomes; a PosteriorDense after its collapse as it is."""
    if getattr(call.layer.live, "is_collapsed", False):
        return read_collapsed(builder, call)
    layer = builder.constants.get(("plain", call.layer)) or record_layer(plain_layer(call.layer.live))
    builder.constants[("plain", call.layer)] = layer
    return read_dense(builder, Call(layer, call.name, call.args, call.kwargs))


def read_gate(builder: GraphBuilder, call: Call) -> Value:
    """A TopKGate or CancelOut: a factor for each value."""
    gate = np.asarray(read_step(call.layer.live).factors, np.float64)
    return builder.add(call.name, Affine(gate, np.zeros_like(gate)), call.value)


def read_selection(builder: GraphBuilder, call: Call) -> Value:
    """A FeatureSelection: a kernel of 0 and 1."""
    indices, n_features = np.array(call.config["indices"]), call.value.shape[-1]
    kernel = np.zeros((n_features, len(indices)))
    kernel[indices, np.arange(len(indices))] = 1.0
    return builder.add(call.name, Dense(kernel, np.zeros(len(indices))), call.value)
