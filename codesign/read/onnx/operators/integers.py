"""Operators on whole numbers, as quantisers of ONNX Runtime write them: what they stand for, and rounded again.

The sums are exact; a result between two codes is rounded from its exact value, where ONNX Runtime has single precision.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.network.ops import Activation, Mean
from codesign.read.onnx.flow import Flow
from codesign.read.onnx.operators.arithmetic import ARITHMETIC
from codesign.read.onnx.operators.functions import read_leaky_relu, read_softmax
from codesign.read.onnx.operators.linear import read_gemm, read_matmul
from codesign.read.onnx.operators.moves import read_concat
from codesign.read.onnx.operators.norms import global_pool
from codesign.read.onnx.operators.quantisers import read_dequantize_linear, read_quantize_linear
from codesign.read.onnx.operators.windows import convolution, read_average_pool
from codesign.read.onnx.walk import Call


def real(call: Call, index: int, *, axis: int = 1) -> object:
    """Return what whole numbers stand for, whose scale and zero point are the inputs behind them.

    Args:
        axis: along which a constant's scales differ.
    """
    given = call.values[index : index + 3]
    node = replace(call.node, attributes={"axis": axis})
    return read_dequantize_linear(replace(call, node=node, values=given))


def coded(call: Call, found: Flow, index: int) -> Flow:
    """Return whole numbers again, by a scale and a zero point that are inputs."""
    node = replace(call.node, attributes={})
    return read_quantize_linear(replace(call, node=node, values=(found, *call.values[index : index + 2])))


def _with(call: Call, *values: object) -> Call:
    return replace(call, values=values)


def read_linear_matmul(call: Call) -> Flow:
    """QLinearMatMul."""
    weights = real(call, 3, axis=-1)
    return coded(call, read_matmul(_with(call, real(call, 0), weights)), 6)


def read_linear_convolution(call: Call) -> Flow:
    """QLinearConv; the bias is in steps of both scales."""
    weights, bias = real(call, 3, axis=0), call.constant(8, what="bias")
    if isinstance(weights, Flow):
        raise call.refusal("a constant kernel", "one that depends on the events")
    if bias is not None:
        scales = (np.asarray(call.constant(index), np.float64) for index in (1, 4))
        bias = np.asarray(bias, np.float64) * np.prod(np.broadcast_arrays(*map(np.ravel, scales)), 0)
    found = convolution(call, real(call, 0), np.asarray(weights, np.float64), bias)
    return coded(call, found, 6)


def read_linear_gemm(call: Call) -> Flow:
    """QGemm; without a scale of the output it gives real numbers."""
    weights, bias = real(call, 3, axis=0 if call.whole("transB") else 1), call.constant(6, what="bias")
    if bias is not None:
        scales = [np.asarray(call.constant(index), np.float64) for index in (1, 4)]
        bias = np.asarray(bias, np.float64) * call.number("alpha", 1.0) * scales[0] * scales[1]
    found = read_gemm(_with(call, real(call, 0), weights, bias))
    return found if call.value(7) is None else coded(call, found, 7)


def of_two(operation: str) -> Callable[[Call], Flow]:
    """Return what reads a sum or product of two tensors of whole numbers."""
    return lambda call: coded(call, ARITHMETIC[operation](_with(call, real(call, 0), real(call, 3))), 6)


def of_one(read: Callable[[Call], Flow]) -> Callable[[Call], Flow]:
    """Return what reads a function of whole numbers."""
    return lambda call: coded(call, read(_with(call, real(call, 0))), 3)


def read_linear_concat(call: Call) -> Flow:
    """QLinearConcat: the output's scale and zero point come first."""
    parts = [real(call, index) for index in range(2, len(call.values), 3)]
    return coded(call, read_concat(_with(call, *parts)), 0)


def read_integer_matmul(call: Call) -> Flow:
    """MatMulInteger: whole numbers without scales."""
    return read_matmul(_with(call, _shifted(call, 0, 2), _shifted(call, 1, 3)))


def read_integer_convolution(call: Call) -> Flow:
    """ConvInteger."""
    return convolution(call, _shifted(call, 0, 2), np.asarray(_shifted(call, 1, 3), np.float64), None)


def _shifted(call: Call, index: int, zero: int) -> object:
    value, zero_point = call.value(index), call.constant(zero, what="zero point")
    if not isinstance(value, Flow):
        return np.asarray(value, np.float64) - (0.0 if zero_point is None else zero_point)
    return value if zero_point is None else ARITHMETIC["Sub"](_with(call, value, np.asarray(zero_point, np.float64)))


def read_fused_convolution(call: Call) -> Flow:
    """FusedConv: a convolution and an activation."""
    name = call.text("activation", "")
    if name not in ("", "Relu", "Sigmoid", "Tanh") or call.value(3) is not None:
        raise call.refusal("Relu, Sigmoid or Tanh, and no sum", name)
    weights = np.asarray(call.constant(1, what="kernel"), np.float64)
    found = convolution(call, call.flow, weights, call.constant(2, what="bias"))
    return call.apply(Activation(name.lower()), found) if name else found


INTEGERS = {
    "QLinearMatMul": read_linear_matmul,
    "QLinearConv": read_linear_convolution,
    "MatMulInteger": read_integer_matmul,
    "ConvInteger": read_integer_convolution,
}
MICROSOFT = {
    "QGemm": read_linear_gemm,
    "QLinearAdd": of_two("Add"),
    "QLinearMul": of_two("Mul"),
    "QLinearConcat": read_linear_concat,
    "QLinearSigmoid": of_one(lambda call: call.apply(Activation("sigmoid"), call.flow)),
    "QLinearLeakyRelu": of_one(read_leaky_relu),
    "QLinearSoftmax": of_one(read_softmax),
    "QLinearAveragePool": of_one(read_average_pool),
    "QLinearGlobalAveragePool": of_one(global_pool(Mean)),
    "FusedConv": read_fused_convolution,
    "QuantizeLinear": read_quantize_linear,
    "DequantizeLinear": read_dequantize_linear,
}
