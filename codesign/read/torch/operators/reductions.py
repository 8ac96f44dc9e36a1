"""Sums, means, limits and norms along axes."""

from collections.abc import Callable

from codesign.read.torch.call import TorchCall, axis_of, sizes_of
from codesign.read.torch.operators.arithmetic import as_float


def reduced(call: TorchCall, operation: str, value: object, axes: list[int] | None = None) -> object:
    """Reduce a tensor along the axes of the call."""
    rank = len(sizes_of(value))
    axes = call.wholes("dim") if axes is None else axes
    axes = axes or list(range(rank))
    if any(not -rank <= axis < rank for axis in axes):
        raise call.refusal(f"axes below {rank}", axes)
    keepdims = int(bool(call.get("keepdim", False)))
    return call.onnx(operation, value, axes=tuple(axis % rank for axis in axes), keepdims=keepdims)


def reduction(operation: str) -> Callable[[TorchCall], object]:
    """Return what reads a reduction."""
    return lambda call: reduced(call, operation, as_float(call.value()))


def extreme(operation: str, place: str, merge: str) -> Callable[[TorchCall], object]:
    """Return what reads a maximum or minimum: of two tensors, of all values, or along an axis with its place."""

    def read(call: TorchCall) -> object:
        value = as_float(call.value())
        if "other" in call.values:
            return call.onnx(merge, value, as_float(call.value("other")))
        if "dim" not in call.values:
            return reduced(call, operation, value)
        found = reduced(call, operation, value)
        if len(call.node.outputs) < 2 or not call.node.outputs[1]:
            return found, None
        return found, _place(call, place, value)

    return read


def _place(call: TorchCall, operation: str, value: object) -> object:
    axis = axis_of(call, value)
    return call.onnx(operation, value, axis=axis, keepdims=int(bool(call.get("keepdim", False))))


def read_argmax(operation: str) -> Callable[[TorchCall], object]:
    """Return what reads a place of the largest or smallest."""

    def read(call: TorchCall) -> object:
        if call.get("dim") is None:
            raise call.refusal("an axis", "all values")
        return _place(call, operation, as_float(call.value()))

    return read


def read_variance(call: TorchCall) -> object:
    """The variance or standard deviation along axes."""
    value = as_float(call.value())
    rank = len(sizes_of(value))
    axes = [axis % rank for axis in call.wholes("dim") or range(rank)]
    n = 1
    for axis in axes:
        n *= sizes_of(value)[axis]
    unbiased = call.number("correction", 1 if call.get("unbiased", True) else 0)
    if n <= unbiased:
        raise call.refusal(f"more than {unbiased} values along the axes", n)
    mean = call.onnx("ReduceMean", value, axes=tuple(axes), keepdims=1)
    off = call.onnx("Sub", value, mean)
    found = reduced(call, "ReduceSum", call.onnx("Mul", off, off), axes)
    found = call.onnx("Mul", found, 1 / (n - unbiased))
    return call.onnx("Sqrt", found) if call.node.operation == "aten.std" else found


def read_norm(call: TorchCall) -> object:
    """The norm of order 1 or 2 along axes."""
    order = call.number("ord", call.number("p", 2))
    operation = {None: "ReduceL2", 1: "ReduceL1", 2: "ReduceL2"}.get(order)
    if operation is None:
        raise call.refusal("a norm of order 1 or 2", order)
    return reduced(call, operation, as_float(call.value()))


def read_any(call: TorchCall) -> object:
    """Whether one is true."""
    return reduced(call, "ReduceMax", as_float(call.value()))


REDUCTIONS = {
    "aten.sum": reduction("ReduceSum"),
    "aten.mean": reduction("ReduceMean"),
    "aten.amax": reduction("ReduceMax"),
    "aten.amin": reduction("ReduceMin"),
    "aten.logsumexp": reduction("ReduceLogSumExp"),
    "aten.max": extreme("ReduceMax", "ArgMax", "Max"),
    "aten.min": extreme("ReduceMin", "ArgMin", "Min"),
    "aten.argmax": read_argmax("ArgMax"),
    "aten.argmin": read_argmax("ArgMin"),
    "aten.var": read_variance,
    "aten.std": read_variance,
    "aten.norm": read_norm,
    "aten.linalg_vector_norm": read_norm,
    "aten.any": read_any,
}
