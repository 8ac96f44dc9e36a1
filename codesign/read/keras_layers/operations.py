"""Operations between layers, such as ``x - y``, ``x[:, :3]`` or ``tf.concat``, where they are one of a network's own.

Keras 2 wraps functions of TensorFlow, of which the symbol is known; Keras 3 has a class for each.
"""

from collections.abc import Mapping
from types import MappingProxyType

from codesign.network.ops import Add, Max, Maximum, Mean, Min, Minimum, Multiply, Subtract, Sum
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers import operation_arithmetic as arithmetic
from codesign.read.keras_layers import operation_functions as functions
from codesign.read.keras_layers import operation_moves as moves
from codesign.read.keras_layers import operation_places as places
from codesign.read.keras_layers.refusals import refused_operation
from codesign.read.parts.functions import (
    gated,
    hard_shrink,
    hard_swish,
    soft_shrink,
    sparse_plus,
    square_plus,
    tanh_shrink,
)

_FUNCTIONS = (
    *(
        (name, name)
        for name in ("sigmoid", "tanh", "selu", "softplus", "softsign", "mish", "erf", "sin", "cos", "sqrt")
    ),
    *(
        (name, name)
        for name in ("rsqrt", "log", "log1p", "expm1", "abs", "sign", "floor", "ceil", "round", "reciprocal")
    ),
    *(("exp", "exponential"), ("absolute", "abs"), ("rint", "round"), ("logsigmoid", "log_sigmoid")),
    *(("log_sigmoid", "log_sigmoid"), ("log_softmax", "log_softmax"), ("logsoftmax", "log_softmax")),
    *(("atan", "atan"), ("arctan", "atan"), ("hardtanh", "hard_tanh"), ("swish", "swish")),
)
_COMPARISONS = (
    *((name, name) for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")),
    *(("lessequal", "less_equal"), ("greaterequal", "greater_equal"), ("notequal", "not_equal")),
)
_COMPOSED = (
    *(("hardsilu", hard_swish), ("hard_silu", hard_swish), ("softshrink", soft_shrink), ("hardshrink", hard_shrink)),
    *(("tanhshrink", tanh_shrink), ("squareplus", square_plus), ("sparseplus", sparse_plus), ("glu", gated)),
)
_READ: Mapping[str, arithmetic.Read] = MappingProxyType(
    {
        "add": arithmetic.elementwise(Add, arithmetic.added),
        "subtract": arithmetic.elementwise(Subtract, arithmetic.subtracted),
        "multiply": arithmetic.elementwise(Multiply, arithmetic.multiplied),
        **dict.fromkeys(("truediv", "divide", "truedivide", "realdiv"), functions.read_divide),
        "maximum": functions.read_limit(Maximum, is_lower=True),
        "minimum": functions.read_limit(Minimum, is_lower=False),
        "negative": arithmetic.read_negative,
        **dict.fromkeys(("pow", "power", "square"), functions.read_power),
        **dict.fromkeys(("clip_by_value", "clip"), arithmetic.read_clip),
        **dict.fromkeys(("reduce_sum", "sum"), arithmetic.reduction(Sum)),
        **dict.fromkeys(("reduce_mean", "mean"), arithmetic.reduction(Mean)),
        **dict.fromkeys(("reduce_max", "max", "amax"), arithmetic.reduction(Max)),
        **dict.fromkeys(("reduce_min", "min", "amin"), arithmetic.reduction(Min)),
        **dict.fromkeys(("reduce_any", "any"), functions.any_or_all(Max)),
        **dict.fromkeys(("reduce_all", "all"), functions.any_or_all(Min)),
        **{name: functions.read_comparison(relation) for name, relation in _COMPARISONS},
        **dict.fromkeys(("logical_and", "logicaland"), arithmetic.elementwise(Multiply, arithmetic.no_op)),
        **dict.fromkeys(("logical_or", "logicalor"), arithmetic.elementwise(Maximum, arithmetic.no_op)),
        **dict.fromkeys(("logical_not", "logicalnot"), functions.read_not),
        **dict.fromkeys(("where", "where_v2"), functions.read_where),
        **{name: arithmetic.function(function) for name, function in _FUNCTIONS},
        **{name: arithmetic.with_alpha(name) for name in ("elu", "celu")},
        "gelu": arithmetic.read_gelu,
        "matmul": functions.read_matmul,
        "argmax": functions.read_argmax,
        **dict.fromkeys(("l2_normalize", "normalize"), functions.read_l2_normalize),
        **dict.fromkeys(("reverse", "flip"), functions.read_flip),
        "repeat": functions.read_repeat,
        "tile": functions.read_tile,
        **dict.fromkeys(("swapaxes", "moveaxis"), functions.read_swap),
        **{name: functions.composed(make) for name, make in _COMPOSED},
        "relu": arithmetic.function("relu"),
        "relu6": arithmetic.function("relu", max_value=6.0),
        **dict.fromkeys(("leaky_relu", "leakyrelu"), arithmetic.read_leaky_relu),
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
        **dict.fromkeys(("pad", "pad_v2"), places.read_pad),
        **dict.fromkeys(("take", "gather", "gather_v2"), places.read_take),
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
