"""Matrix products with constants, and batch normalisation."""

from dataclasses import replace

import numpy as np

from codesign.network.ops import Dense, MatMul
from codesign.read.onnx.flow import EVENTS, Flow, constant_for, event_flow, said_sizes
from codesign.read.onnx.operators.arithmetic import ARITHMETIC, line
from codesign.read.onnx.operators.logic import constant_value
from codesign.read.onnx.walk import Call
from codesign.read.parts.einsum import add_einsum


def dense(call: Call, flow: Flow, kernel: np.ndarray, bias: np.ndarray | None = None) -> Flow:
    """``x @ kernel + bias`` along ONNX's last axis."""
    kernel = np.asarray(kernel, np.float64)
    if not flow.rank or flow.sizes[-1] != kernel.shape[0]:
        raise call.refusal(
            f"{kernel.shape[0]} values along the last axis", flow.sizes[-1] if flow.rank else "one value"
        )
    bias = np.zeros(kernel.shape[1]) if bias is None else np.asarray(bias, np.float64)
    bias = np.broadcast_to(bias.reshape(bias.shape[-1:]) if bias.ndim else bias, kernel.shape[1:]).copy()
    last = flow.dims[-1]
    if flow.dims == ((EVENTS,), last) and EVENTS not in last:
        shape, order = flow.value.shape, list(last)
        if len(order) == len(shape) > 1:
            places = np.arange(kernel.shape[0]).reshape([shape[axis] for axis in order])
            kernel = kernel[places.transpose(np.argsort(order)).ravel()]
            flow = event_flow(call.reshaped_value(flow.value, (kernel.shape[0],)), flow.dtype)
    flow = call.with_last(flow, -1)
    return flow.with_value(call.add(Dense(kernel, bias), flow.value))


def read_gemm(call: Call) -> Flow:
    """``alpha A' B' + beta C``."""
    flow, kernel = call.value(0), call.value(1)
    if isinstance(kernel, Flow) or not isinstance(flow, Flow):
        raise call.refusal("a value and a constant matrix", "a matrix that depends on the events")
    kernel = np.asarray(kernel, np.float64)
    kernel = (kernel.T if call.whole("transB") else kernel) * call.number("alpha", 1.0)
    flow = _swapped(flow) if call.whole("transA") else flow
    added, beta = call.value(2), call.number("beta", 1.0)
    if added is None or isinstance(added, Flow) or added.ndim > 1 and added.shape[0] != 1:
        found = dense(call, flow, kernel)
        return found if added is None else _plus(call, found, added, beta)
    return dense(call, flow, kernel, beta * np.asarray(added, np.float64))


def _plus(call: Call, flow: Flow, added: object, beta: float) -> Flow:
    if isinstance(added, Flow) and beta != 1:
        added = line(call, added, beta, 0.0)
    elif not isinstance(added, Flow):
        added = beta * added
    return ARITHMETIC["Add"](Call(call.walk, call.node, call.name, (flow, added)))


def read_matmul(call: Call) -> Flow:
    """``A B``, one of them a constant."""
    one, other = call.value(0), call.value(1)
    if isinstance(one, Flow) and isinstance(other, Flow):
        return product(call, one, other)
    constant = other if isinstance(one, Flow) else one
    if constant.ndim > 2 and np.prod(constant.shape[:-2]) > 1:
        like = one if isinstance(one, Flow) else other
        return product(
            call, *(value if isinstance(value, Flow) else constant_value(call, like, value) for value in (one, other))
        )
    if isinstance(one, Flow):
        return _times(call, one, _matrix(call, other))
    kernel = _matrix(call, one)
    if other.rank < 2:
        return _times(call, other, kernel.T)
    return _swapped(_times(call, _swapped(other), kernel.T))


def product(call: Call, one: Flow, other: Flow) -> Flow:
    """``A B`` of two values."""
    rank = max(one.rank, other.rank)
    if min(one.rank, other.rank) < 2:
        raise call.refusal("values of two axes or more", f"{one.rank} and {other.rank}")
    one, other = (call.plain(replace(flow, dims=((),) * (rank - flow.rank) + flow.dims)) for flow in (one, other))
    where = {flow.events_axis for flow in (one, other)}
    if where != {one.events_axis} or (one.events_axis or 0) >= rank - 2:
        raise call.refusal("values of the same events", f"{said_sizes(one.sizes)} and {said_sizes(other.sizes)}")
    return one.with_value(call.add(MatMul(), one.value, other.value))


def _matrix(call: Call, constant: np.ndarray) -> np.ndarray:
    """A constant of two axes; axes of size 1 in front do nothing."""
    while constant.ndim > 2 and constant.shape[0] == 1:
        constant = constant[0]
    if constant.ndim not in (1, 2) or constant.dtype.kind not in "fiub":
        raise call.refusal("a matrix, (n_in, n_out)", constant.shape)
    return constant


def _times(call: Call, flow: Flow, kernel: np.ndarray) -> Flow:
    if kernel.ndim == 2:
        return dense(call, flow, kernel)
    found = dense(call, flow, kernel[:, np.newaxis])
    return call.reshaped(found, found.sizes[:-1])


def _swapped(flow: Flow) -> Flow:
    """The last two axes of ONNX the other way round."""
    return Flow(flow.value, (*flow.dims[:-2], flow.dims[-1], flow.dims[-2]), flow.dtype)


def read_batch_normalization(call: Call) -> Flow:
    """Batch normalisation along ONNX's axis 1, with the mean and variance of the file."""
    flow = call.flow
    if call.whole("training_mode"):
        raise call.refusal("training_mode=0", 1)
    scale, shift, mean, variance = (
        np.asarray(call.constant(index, np.zeros(0), what="constant"), np.float64) for index in range(1, 5)
    )
    factor = scale / np.sqrt(variance + call.number("epsilon", 1e-5))
    offset = shift - mean * factor
    axes = (1,) * max(0, flow.rank - 2)
    if flow.rank > 1 and factor.shape != flow.sizes[1:2]:
        raise call.refusal(f"constants for {flow.sizes[1]} channels", factor.shape)
    given = [constant_for(flow, one.reshape(-1, *axes)) for one in (factor, offset)]
    return line(call, flow, *given)


def read_einsum(call: Call) -> Flow:
    """A product of two values, or of one and a constant, whose axes have letters."""
    if len(call.values) != 2:
        raise call.refusal("two operands", len(call.values))
    like = next(value for value in call.values if isinstance(value, Flow))
    flows = [
        call.plain(value) if isinstance(value, Flow) else constant_value(call, like, value) for value in call.values
    ]
    letters, result = call.text("equation").replace(" ", "").split("->")
    sides = letters.split(",")
    events = sides[0 if like is call.values[0] else 1][like.events_axis or 0]
    if any(flow.events_axis != 0 for flow in flows) or not result.startswith(events):
        raise call.refusal("the events in front", call.text("equation"))
    sides = [side if isinstance(value, Flow) else events + side for side, value in zip(sides, call.values)]
    value = add_einsum(call.walk.builder, call.name, f"{','.join(sides)}->{result}", *(flow.value for flow in flows))
    return event_flow(value)


LINEAR = {
    "Einsum": read_einsum,
    "Gemm": read_gemm,
    "MatMul": read_matmul,
    "BatchNormalization": read_batch_normalization,
}
