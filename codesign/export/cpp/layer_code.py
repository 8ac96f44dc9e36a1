"""The part of the C++ that differs between networks: tables of dense layers, straight-line code of sparse ones."""

from collections.abc import Sequence

import numpy as np

from codesign.export.cpp.plan import PlannedLayer

_PADDING = 16
_FUSED_OUTPUTS = 8
# One event of 59-40-6, straight-line against dense: 82 against 87 ns at 12 % live weights, 115 against 95 at 16 %.
_EVENT_DENSITY = 0.12
# Batches of 6-15-1: 3.9 instead of 4.3 ns per event; of 17-15-1 in AVX2: 15.7 instead of 11.5, its sums wait for
# each other.
_FUSED_INPUTS = 12
_STRUCTS = {"linear": "Linear", "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Linear"}


def number(value: float) -> str:
    """Return a float32 as a C++ literal that reads back as the same float32."""
    text = f"{float(value):.9g}"
    return f"{text}f" if set(text) & {".", "e"} else f"{text}.0f"


def struct_of(layer: PlannedLayer) -> str:
    """Return the C++ name of activation and quantizer; a softmax, and types per unit, are steps of their own."""
    if layer.rounding is None or layer.has_rounding_per_unit:
        return _STRUCTS[layer.activation]
    activation = "linear" if layer.activation == "relu" and layer.rounding.is_never_negative else layer.activation
    return f"Quantised<{_STRUCTS[activation]}, rounding_{layer.name}>"


def padded(n: int) -> int:
    """Return n rounded up to the padding of rows and buffers."""
    return -(-n // _PADDING) * _PADDING


def table(name: str, values: np.ndarray) -> str:
    """Return values, (n,) or (rows, n), as a constexpr array with rows padded by zeros."""
    values = np.atleast_2d(values)
    rows = np.pad(values, ((0, 0), (0, padded(values.shape[1]) - values.shape[1])))
    lines = [", ".join(number(value) for value in row) for row in rows]
    return f"alignas(64) inline constexpr float {name}[{rows.size}] = {{\n" + ",\n".join(lines) + "};\n"


def dense_tables(index: int, layer: PlannedLayer) -> str:
    """Return the tables of weights and biases of a dense layer."""
    return table(f"weight_{index}", layer.kernel) + table(f"bias_{index}", layer.bias)


def fuses(layer: PlannedLayer, after: PlannedLayer | None) -> bool:
    """Whether two sparse layers are one function: the second has few enough sums to stay in registers."""
    if after is None or not (layer.is_sparse and after.is_sparse) or layer.has_rounding_per_unit:
        return False
    return after.kernel.shape[1] <= _FUSED_OUTPUTS and layer.activation in ("linear", "relu")


def fuses_dense(layer: PlannedLayer, after: PlannedLayer | None) -> bool:
    """Whether two dense layers are one loop over hidden units: activations that take long, and one output."""
    if after is None or layer.is_sparse or after.is_sparse or layer.rounding is not None:
        return False
    fits = layer.kernel.shape[0] <= _FUSED_INPUTS and after.kernel.shape[1] == 1
    return fits and layer.activation in ("sigmoid", "tanh")


def is_sparse_for_one(step: Sequence[PlannedLayer]) -> bool:
    """Whether straight-line code is faster for one event too, where it cannot use vectors and dense loops can."""
    live, size = (sum(count(layer.kernel) for layer in step) for count in (np.count_nonzero, np.size))
    return step[0].is_sparse and live <= _EVENT_DENSITY * size


def sparse_function(index: int, layer: PlannedLayer) -> str:
    """Return straight-line code of one layer, the activation left out where ``Act`` is Linear."""
    lines = [f"x.forget(); y.set({unit}, activate<Act>({_sum(layer, unit)}));" for unit in range(layer.kernel.shape[1])]
    return _function(index, lines)


def fused_function(index: int, layer: PlannedLayer, after: PlannedLayer) -> str:
    """Return straight-line code of two layers: each hidden unit is added to the sums of the outputs at once."""
    outputs = range(after.kernel.shape[1])
    lines = [f"auto y{output} = x.same({number(after.bias[output])});" for output in outputs]
    for unit in np.flatnonzero(after.kernel.any(1)):
        weights = after.kernel[unit]
        adds = [_add(output, weights[output]) for output in outputs if weights[output]]
        lines.append(
            f"x.forget(); {{ const auto h = activate<{struct_of(layer)}>({_sum(layer, unit)}); {' '.join(adds)} }}"
        )
    lines += [f"y.set({output}, activate<Act>(y{output}));" for output in outputs]
    return _function(index, lines)


def _add(output: int, weight: float) -> str:
    if abs(weight) == 1:
        return f"y{output} = y{output} {'+' if weight > 0 else '-'} h;"
    return f"y{output} = y{output} + h * {number(weight)};"


def _sum(layer: PlannedLayer, unit: int) -> str:
    weights = layer.kernel[:, unit]
    terms = [f"x({i}) * {number(weights[i])}" for i in np.flatnonzero(weights)]
    return " + ".join([f"x.same({number(layer.bias[unit])})", *terms])


def _function(index: int, lines: list[str]) -> str:
    head = f"template <class Act, class In, class Out>\ninline void sparse_{index}(In x, const Out y) noexcept {{\n"
    return head + "".join(f"  {line}\n" for line in lines) + "}\n\n"
