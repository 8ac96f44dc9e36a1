"""Matrix products and attention."""

import math

import numpy as np

from codesign.read.onnx.flow import Flow
from codesign.read.torch.call import MOST_PARTS, TorchCall, axis_of, sizes_of
from codesign.read.torch.operators.arithmetic import as_float
from codesign.read.torch.operators.moves import reshaped


def read_linear(call: TorchCall) -> object:
    """``x W' + b``."""
    return _with_bias(call, _product(call, call.value("input"), call.array("weight").T), call.get("bias"))


def _product(call: TorchCall, one: object, other: object) -> object:
    return call.onnx("MatMul", _matrix(as_float(one)), _matrix(as_float(other)))


def _matrix(value: object) -> object:
    """A constant that is repeated along axes in front, once."""
    while not isinstance(value, Flow) and value.ndim > 2 and len(value) and (value == value[:1]).all():
        value = value[0]
    return value


def _with_bias(call: TorchCall, found: object, bias: object) -> object:
    return found if bias is None else call.onnx("Add", found, bias)


def read_addmm(call: TorchCall) -> object:
    """``beta self + alpha mat1 mat2``."""
    names = ("mat1", "mat2") if "mat1" in call.values else ("batch1", "batch2")
    found = _product(call, *(call.value(name) for name in names))
    alpha, beta = call.number("alpha", 1), call.number("beta", 1)
    found = found if alpha == 1 else call.onnx("Mul", found, float(alpha))
    added = call.value() if beta == 1 else call.onnx("Mul", call.value(), float(beta))
    return call.onnx("Add", found, added)


def read_matmul(call: TorchCall) -> object:
    """A product of matrices."""
    second = next(name for name in ("other", "mat2", "tensor2", "vec") if name in call.values)
    return _product(call, call.value(), call.value(second))


def read_einsum(call: TorchCall) -> object:
    """Sums of products by an equation."""
    tensors = [as_float(one) for one in call.get("tensors") or []]
    return call.onnx("Einsum", *tensors, equation=str(call.get("equation")))


def read_bilinear(call: TorchCall) -> object:
    """``x1' W_k x2 + b_k``."""
    one, other, weight = as_float(call.value("input1")), as_float(call.value("input2")), call.array("weight")
    n_out, n_one, n_other = weight.shape
    kernel = weight.transpose(1, 0, 2).reshape(n_one, n_out * n_other)
    front = sizes_of(one)[:-1]
    found = reshaped(call, call.onnx("MatMul", one, kernel), (*front, n_out, n_other))
    found = call.onnx("MatMul", found, call.onnx("Unsqueeze", other, axes=(-1,)))
    return _with_bias(call, reshaped(call, found, (*front, n_out)), call.get("bias"))


def read_cumulative_sum(call: TorchCall) -> object:
    """Sums up to each place along an axis: a product with a triangle of ones."""
    value = as_float(call.value())
    axis, rank = axis_of(call, value), len(sizes_of(value))
    n = sizes_of(value)[axis]
    if n > MOST_PARTS:
        raise call.refusal(f"at most {MOST_PARTS} values along the axis", n)
    order = [one for one in range(rank) if one != axis] + [axis]
    found = call.onnx("MatMul", call.onnx("Transpose", value, perm=order), np.triu(np.ones((n, n))))
    return call.onnx("Transpose", found, perm=np.argsort(order).tolist())


def read_weight_norm(call: TorchCall) -> object:
    """``g v / |v|``, of constants."""
    direction, size, axis = call.array("v"), call.array("g"), call.whole("dim", 0)
    others = tuple(one for one in range(direction.ndim) if one != axis % max(direction.ndim, 1) or axis == -1)
    length = np.sqrt(np.square(direction.astype(np.float64)).sum(others, keepdims=True))
    found = size.reshape(length.shape) * direction / length
    return (found, length) if len(call.node.outputs) > 1 else found


def read_cosine(call: TorchCall) -> object:
    """The cosine of the angle between two vectors."""
    one, other = as_float(call.value("x1")), as_float(call.value("x2"))
    axis = axis_of(call, one, default=1)
    product, *squares = (
        call.onnx("ReduceSum", call.onnx("Mul", *pair), axes=(axis,), keepdims=0)
        for pair in ((one, other), (one, one), (other, other))
    )
    least = float(call.number("eps", 1e-8)) ** 2
    lengths = [call.onnx("Sqrt", call.onnx("Max", one, least)) for one in squares]
    return call.onnx("Div", product, call.onnx("Mul", *lengths))


def read_attention(call: TorchCall) -> object:
    """``softmax(q k' scale + mask) v``."""
    query, key, value = (as_float(call.value(name)) for name in ("query", "key", "value"))
    scale, mask = call.number("scale"), call.get("attn_mask")
    if call.number("dropout_p", 0.0):
        raise call.refusal("dropout_p=0", call.get("dropout_p"))
    rank = len(sizes_of(key))
    order = [*range(rank - 2), rank - 1, rank - 2]
    scale = 1 / math.sqrt(sizes_of(query)[-1]) if scale is None else scale
    scores = call.onnx("MatMul", call.onnx("Mul", query, float(scale)), call.onnx("Transpose", key, perm=order))
    if call.get("is_causal"):
        n, m = sizes_of(query)[-2], sizes_of(key)[-2]
        mask = np.tril(np.ones((n, m), bool)) if mask is None else mask
    if mask is not None:
        scores = _masked(call, scores, mask)
    return call.onnx("MatMul", call.onnx("Softmax", scores, axis=rank - 1), value)


def _masked(call: TorchCall, scores: object, mask: object) -> object:
    """Scores where a mask is true, or with one added."""
    lowest = float(np.finfo(np.float32).min)
    if mask.dtype.kind == "b":
        return call.onnx("Where", mask, scores, np.float64(lowest))
    if not isinstance(mask, Flow):
        mask = np.maximum(mask.astype(np.float64), lowest)
    return call.onnx("Add", scores, mask)


LINEAR = {
    "aten.linear": read_linear,
    "aten.addmm": read_addmm,
    "aten.baddbmm": read_addmm,
    "aten.addmv": read_addmm,
    "aten.mm": read_matmul,
    "aten.bmm": read_matmul,
    "aten.mv": read_matmul,
    "aten.matmul": read_matmul,
    "aten.dot": read_matmul,
    "aten.einsum": read_einsum,
    "aten.bilinear": read_bilinear,
    "aten.cumsum": read_cumulative_sum,
    "aten.cosine_similarity": read_cosine,
    "aten._weight_norm": read_weight_norm,
    "aten._weight_norm_interface": read_weight_norm,
    "aten.vdot": lambda call: np.vdot(call.array("self"), call.array("other")),
    "aten.scaled_dot_product_attention": read_attention,
}
