"""TimeDistributed: a layer or a model at each position alike.

What works along the last axis alone does so already; all else is called once for each position, with the same
constants.
"""

from collections.abc import Callable

from codesign._layer_graph import INERT
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call, read_model
from codesign.read.keras_layers.refusals import is_foreign, refusal
from codesign.read.keras_records import LayerRecord, at_one_step
from codesign.read.parts.recurrent import sequence_of, steps_of

_ALONG_THE_LAST_AXIS = frozenset(
    {
        *(
            "Dense",
            "QDense",
            "QDenseBatchnorm",
            "BatchNormalization",
            "QBatchNormalization",
            "Normalization",
            "Rescaling",
        ),
        *("Activation", "QActivation", "ReLU", "LeakyReLU", "Softmax", "FixedPointQuantizer"),
        *INERT,
    }
)


def read_time_distributed(builder: GraphBuilder, call: Call, read: Callable[[Call], Value]) -> Value:
    """A layer or a model at each step: at all at once where it works along the last axis, else at one after the other.

    Args:
        read: reads the call of a layer.
    """
    inner = call.layer.inner["layer"]
    layers = [inner] if inner.graph is None else list(inner.graph.layers)
    foreign = next((layer for layer in layers if is_foreign(layer)), None)
    if foreign is not None:
        cure = "its Python code is not run on reading; build it of layers of Keras and QKeras"
        raise refusal(call, "layers of Keras inside", f"'{foreign.name}', {foreign.kind}", cure)
    if all(layer.kind in _ALONG_THE_LAST_AXIS for layer in layers):
        return _applied(builder, inner, call.name, call.value, read)
    if call.value.name in builder.masks:
        raise refusal(call, "positions that are all there", "a mask of them", "remove the Masking in front")
    inner, found = at_one_step(inner), []
    for step, row in enumerate(steps_of(builder, call.name, call.value)):
        found.append(_applied(builder, inner, builder.free(f"{call.name}_at_{step}"), row, read))
    return sequence_of(builder, call.name, found)


def _applied(
    builder: GraphBuilder, inner: LayerRecord, name: str, value: Value, read: Callable[[Call], Value]
) -> Value:
    """What a layer or a model gives."""
    if inner.graph is None:
        return read(Call(inner, name, (value,), {}))
    (found,) = read_model(inner.graph, [value], read, builder.origin)
    return found
