"""Operations between layers, such as ``x - y``, ``x[:, :3]`` or ``tf.concat``, where they are one of a network's own.

Keras 2 wraps functions of TensorFlow, of which the symbol is known; Keras 3 has a class for each.
"""

from collections.abc import Mapping
from types import MappingProxyType

from codesign.network.ops import Add, Max, Maximum, Mean, Minimum, Multiply, Subtract, Sum
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers import operation_arithmetic as arithmetic
from codesign.read.keras_layers import operation_moves as moves
from codesign.read.keras_layers.refusals import refused_operation

_READ: Mapping[str, arithmetic.Read] = MappingProxyType(
    {
        "add": arithmetic.elementwise(Add, arithmetic.added),
        "subtract": arithmetic.elementwise(Subtract, arithmetic.subtracted),
        "multiply": arithmetic.elementwise(Multiply, arithmetic.multiplied),
        **dict.fromkeys(("truediv", "divide", "truedivide"), arithmetic.elementwise(None, arithmetic.divided)),
        "maximum": arithmetic.elementwise(Maximum, arithmetic.clipped_below),
        "minimum": arithmetic.elementwise(Minimum, arithmetic.no_op),
        "negative": arithmetic.read_negative,
        **dict.fromkeys(("pow", "power", "square"), arithmetic.read_square),
        **dict.fromkeys(("clip_by_value", "clip"), arithmetic.read_clip),
        **dict.fromkeys(("reduce_sum", "sum"), arithmetic.reduction(Sum)),
        **dict.fromkeys(("reduce_mean", "mean"), arithmetic.reduction(Mean)),
        **dict.fromkeys(("reduce_max", "max"), arithmetic.reduction(Max)),
        "relu": arithmetic.function("relu"),
        "relu6": arithmetic.function("relu", max_value=6.0),
        **dict.fromkeys(("leaky_relu", "leakyrelu"), arithmetic.read_leaky_relu),
        "sigmoid": arithmetic.function("sigmoid"),
        "tanh": arithmetic.function("tanh"),
        "silu": arithmetic.function("swish"),
        "hardsigmoid": arithmetic.function("hard_sigmoid", slope=1 / 6),
        "softmax": arithmetic.read_softmax,
        "getitem": moves.read_slice,
        **dict.fromkeys(("concat", "concatenate"), moves.read_concat),
        "stack": moves.read_stack,
        "reshape": moves.read_reshape,
        "transpose": moves.read_transpose,
        **dict.fromkeys(("expand_dims", "expanddims"), moves.read_expand),
        "squeeze": moves.read_squeeze,
        "cast": moves.read_cast,
        **dict.fromkeys(("identity", "stop_gradient", "stopgradient"), lambda builder, call: call.value),
    }
)


def read_operation(builder: GraphBuilder, call: Call) -> Value:
    """Add the nodes of an operation.

    Raises:
        UnsupportedLayerError: for one that is none of a network's own.
    """
    symbol = call.config.get("function") if call.kind in ("TFOpLambda", "SlicingOpLambda") else call.kind.lower()
    name = str(symbol).rpartition(".")[2]
    if name not in _READ:
        raise refused_operation(call)
    return _READ[name](builder, call)
