"""TimeDistributed: a layer or a model at each position alike, which is what a layer along the last axis does
already."""

from collections.abc import Callable

from codesign._layer_graph import INERT
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call, read_model
from codesign.read.keras_layers.refusals import is_foreign, refusal

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
    """A layer, or a model of layers, that works along the last axis.

    Args:
        read: reads the call of a layer.
    """
    inner = call.layer.inner["layer"]
    for layer in [inner] if inner.graph is None else inner.graph.layers:
        if layer.kind not in _ALONG_THE_LAST_AXIS or is_foreign(layer):
            cure = "apply it to all positions without TimeDistributed, or use dense layers and activations alone"
            raise refusal(call, "dense layers and activations inside", f"'{layer.name}', {layer.kind}", cure)
    if inner.graph is not None:
        (value,) = read_model(inner.graph, [call.value], read, builder.origin)
        return value
    return read(Call(inner, call.name, (call.value,), {}))
