"""Functions of each value, and softmax."""

from collections.abc import Callable

import numpy as np

from codesign.network.ops import Activation
from codesign.read.onnx.flow import Flow
from codesign.read.torch.call import TorchCall, axis_of
from codesign.read.torch.operators.arithmetic import as_float, read_clamp

Read = Callable[[TorchCall], object]


def function(name: str, **numbers: str) -> Read:
    """Return what reads a function that a network has, with numbers of the call: ``slope="alpha"``."""

    def read(call: TorchCall) -> object:
        given = {field: float(call.number(argument)) for field, argument in numbers.items()}
        return applied(call, Activation(name, **given), call.value())

    return read


def applied(call: TorchCall, op: Activation, value: object) -> object:
    """Apply a function, to a constant at once."""
    value = as_float(value)
    if not isinstance(value, Flow):
        return op.evaluate(value.astype(np.float64)).astype(value.dtype)
    return call.network(value).apply(op, value)


def by_onnx(operation: str) -> Read:
    """Return what reads a function of ONNX."""
    return lambda call: call.onnx(operation, as_float(call.value()))


def read_elu(call: TorchCall) -> object:
    """``scale elu(input_scale x, alpha)``."""
    alpha, scale, inner = (call.number(name, 1) for name in ("alpha", "scale", "input_scale"))
    value = as_float(call.value())
    value = value if inner == 1 else call.onnx("Mul", value, float(inner))
    found = applied(call, Activation("elu", slope=float(alpha)), value)
    return found if scale == 1 else call.onnx("Mul", found, float(scale))


def read_leaky(call: TorchCall) -> object:
    """A leaky relu."""
    return applied(call, Activation("leaky_relu", slope=float(call.number("negative_slope", 0.01))), call.value())


def read_gelu(call: TorchCall) -> object:
    """Gelu, exact or by tanh."""
    name = {"none": "gelu", "tanh": "gelu_tanh"}.get(str(call.get("approximate", "none")))
    if name is None:
        raise call.refusal("approximate='none' or 'tanh'", call.get("approximate"))
    return applied(call, Activation(name), call.value())


def read_softplus(call: TorchCall) -> object:
    """``log(1 + exp(beta x)) / beta``."""
    beta, value = float(call.number("beta", 1)), as_float(call.value())
    if beta == 1:
        return applied(call, Activation("softplus"), value)
    found = applied(call, Activation("softplus"), call.onnx("Mul", value, beta))
    return call.onnx("Mul", found, 1 / beta)


def read_threshold(call: TorchCall) -> object:
    """x above a threshold, else a number."""
    threshold, value = (float(call.number(name)) for name in ("threshold", "value"))
    if value:
        raise call.refusal("0 below the threshold", value)
    return applied(call, Activation("thresholded_relu", threshold=threshold), call.value())


def read_hardtanh(call: TorchCall) -> object:
    """Limits, -1 and 1 where none are said."""
    limits = {"min_val": call.number("min_val", -1), "max_val": call.number("max_val", 1)}
    return read_clamp(TorchCall(call.steps, call.node, call.name, {**call.values, **limits}))


def read_relu6(call: TorchCall) -> object:
    """A relu that ends at 6."""
    return applied(call, Activation("relu", max_value=6.0), call.value())


def read_softmax(operation: str) -> Read:
    """Return what reads a softmax along an axis."""

    def read(call: TorchCall) -> object:
        value = as_float(call.value())
        return call.onnx(operation, value, axis=axis_of(call, value))

    return read


def read_prelu(call: TorchCall) -> object:
    """A slope for each channel, the axis behind the events."""
    value, slope = as_float(call.value()), call.array("weight")
    if slope.size > 1:
        slope = slope.reshape(-1, *(1,) * (len(value.sizes) - 2))
    return call.onnx("PRelu", value, slope)


def read_shrink(call: TorchCall) -> object:
    """x beyond a limit, less the limit where it is soft; else 0."""
    limit, value = float(call.number("lambd", 0.5)), as_float(call.value())
    if call.node.operation == "aten.softshrink":
        return call.onnx("Shrink", value, lambd=limit, bias=limit)
    return call.onnx("Where", call.onnx("Greater", call.onnx("Abs", value), limit), value, 0.0)


def read_random_relu(call: TorchCall) -> object:
    """A leaky relu, of the slope in the middle."""
    if call.get("training"):
        raise call.refusal("a module in evaluation mode, module.eval(), when it is exported", "training")
    slope = (call.number("lower", 1 / 8) + call.number("upper", 1 / 3)) / 2
    found = applied(call, Activation("leaky_relu", slope=float(slope)), call.value())
    return (found, None) if len(call.node.outputs) > 1 else found


def read_glu(call: TorchCall) -> object:
    """The first half times the sigmoid of the second."""
    value = as_float(call.value())
    one, other = call.onnx("Split", value, axis=axis_of(call, value, default=-1), num_outputs=2)
    return call.onnx("Mul", one, call.onnx("Sigmoid", other))


def read_log_of(base: float) -> Read:
    """Return what reads a logarithm of another base."""
    return lambda call: call.onnx("Mul", applied(call, Activation("log"), call.value()), 1 / np.log(base))


def read_logit(call: TorchCall) -> object:
    """``log(x / (1 - x))``."""
    if call.number("eps") is not None:
        raise call.refusal("eps=None", call.get("eps"))
    value = as_float(call.value())
    rest = call.onnx("Add", call.onnx("Neg", value), 1.0)
    logs = [applied(call, Activation("log"), one) for one in (value, rest)]
    return call.onnx("Sub", *logs)


FUNCTIONS: dict[str, Read] = {
    **{f"aten.{name}": function(name) for name in (
        "relu", "sigmoid", "tanh", "selu", "mish", "abs", "sign", "floor", "ceil", "round", "log", "log1p", "sqrt",
        "rsqrt", "reciprocal", "square", "erf", "sin", "cos", "atan", "expm1", "softsign", "log_sigmoid",
    )},
    "aten.silu": function("swish"),
    "aten.exp": function("exponential"),
    "aten.celu": lambda call: applied(call, Activation("celu", slope=float(call.number("alpha", 1))), call.value()),
    "aten.elu": read_elu,
    "aten.leaky_relu": read_leaky,
    "aten.gelu": read_gelu,
    "aten.softplus": read_softplus,
    "aten.threshold": read_threshold,
    "aten.hardtanh": read_hardtanh,
    "aten.relu6": read_relu6,
    "aten.hardsigmoid": lambda call: call.onnx("HardSigmoid", as_float(call.value()), alpha=1 / 6, beta=0.5),
    "aten.hardswish": by_onnx("HardSwish"),
    "aten.softmax": read_softmax("Softmax"),
    "aten._softmax": read_softmax("Softmax"),
    "aten._safe_softmax": read_softmax("Softmax"),
    "aten.log_softmax": read_softmax("LogSoftmax"),
    "aten._log_softmax": read_softmax("LogSoftmax"),
    "aten.prelu": read_prelu,
    "aten._prelu_kernel": read_prelu,
    "aten.hardshrink": read_shrink,
    "aten.softshrink": read_shrink,
    "aten.glu": read_glu,
    **dict.fromkeys(("aten.rrelu", "aten.rrelu_with_noise", "aten.rrelu_with_noise_functional"), read_random_relu),
    "aten.neg": by_onnx("Neg"),
    "aten.log2": read_log_of(2.0),
    "aten.log10": read_log_of(10.0),
    "aten.logit": read_logit,
}  # fmt: skip
