"""The toolkit's training layers, as what they are at inference: dense layers, and factors of 0 and 1."""

import warnings

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network.ops import Affine, Dense
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.dense import read_collapsed, read_plain
from codesign.read.keras_layers.own_kernels import COLLAPSED, check_finite, gate, inference_kernel, stage

_FROZEN = 2


def read_training_dense(builder: GraphBuilder, call: Call) -> Value:
    """The Dense or QDense that a training layer becomes; a PosteriorDense after its collapse as it is."""
    check_finite(call.layer)
    if call.kind == "PosteriorDense" and stage(call.layer) == COLLAPSED:
        return read_collapsed(builder, call)
    return read_plain(builder, call, lambda: inference_kernel(call.layer))


def read_gate(builder: GraphBuilder, call: Call) -> Value:
    """A TopKGate or CancelOut: a factor for each value."""
    check_finite(call.layer)
    if call.kind == "TopKGate" and call.weight("state")[2] < _FROZEN and call.weight("scores").any():
        warnings.warn(
            f"gate '{call.name}' was trained without the callback GateSchedule: its nodes were chosen at the first "
            "steps, and the mask is not frozen; give GateSchedule() to fit",
            stacklevel=2,
        )
    factors = gate(call.layer).astype(np.float64)
    return builder.add(call.name, Affine(factors, np.zeros_like(factors)), call.value)


def read_selection(builder: GraphBuilder, call: Call) -> Value:
    """A FeatureSelection: a kernel of 0 and 1."""
    indices, n_features = np.array(call.config["indices"], np.int64), call.value.shape[-1]
    if not len(indices) or indices.min() < 0 or indices.max() >= n_features:
        raise UnsupportedLayerError(
            f"layer '{call.name}': expected indices from 0 to {n_features - 1}. Received: others; save the model again"
        )
    kernel = np.zeros((n_features, len(indices)))
    kernel[indices, np.arange(len(indices))] = 1.0
    found = builder.add(call.name, Dense(kernel, np.zeros(len(indices))), call.value)
    builder.selections.add(found.name)
    return found
