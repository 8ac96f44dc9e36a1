"""TimeDistributed: a layer or a model at each position alike.

What works along the last axis alone does so already; all else is called once for each position, with the same
constants.
"""

from collections.abc import Callable

from codesign._layer_graph import INERT
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call, read_model
from codesign.read.keras_layers.refusals import is_foreign, refusal
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
    """A layer, or a model of layers, at each position.

    Args:
        read: reads the call of a layer.
    """
    inner = call.layer.inner["layer"]
    layers = [inner] if inner.graph is None else inner.graph.layers
    foreign = next((layer for layer in layers if is_foreign(layer)), None)
    if foreign is not None:
        cure = "build it of layers of Keras, QKeras or codesign"
        raise refusal(call, "a layer that is read inside", f"'{foreign.name}', {foreign.kind}", cure)

    def read_inner(value: Value) -> Value:
        if inner.graph is None:
            return read(Call(inner, call.name, (value,), {}))
        (found,) = read_model(inner.graph, [value], read, builder.origin)
        return found

    if all(layer.kind in _ALONG_THE_LAST_AXIS for layer in layers):
        return read_inner(call.value)
    if call.value.name in builder.masks:
        raise refusal(call, "positions that are all there", "a mask of them", "remove the Masking in front")
    steps = steps_of(builder, call.name, call.value)
    return sequence_of(builder, call.name, [read_inner(step) for step in steps])
