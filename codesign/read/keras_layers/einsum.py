"""EinsumDense: sums over axes of the input that the kernel has too, at each place of axes that all three have."""

from collections.abc import Sequence

import numpy as np

from codesign.network.ops import Affine, Concatenate, Dense, Slice
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.axes import permuted, reshaped

_EXAMPLES = "an equation like 'abc,cd->abd' or 'abc,bcd->abd'"


def read_einsum_dense(builder: GraphBuilder, call: Call) -> Value:
    """EinsumDense, a kernel for all places, or one for each place of axes that input, kernel and output share."""
    value, kernel = call.value, np.asarray(call.weight("kernel"), np.float64)
    taken, weights, given = _equation(call, len(value.shape))
    shared = [axis for axis in taken if axis in weights and axis in given]
    summed = [axis for axis in taken if axis in weights and axis not in given]
    kept = [axis for axis in taken if axis not in weights]
    new = [axis for axis in weights if axis not in taken]
    if set(given) != {*shared, *kept, *new} or set(weights) != {*shared, *summed, *new}:
        raise refusal(call, _EXAMPLES, f"equation='{call.config.get('equation')}'")
    ordered = kernel.transpose([weights.index(axis) for axis in (*shared, *summed, *new)])
    size = dict(zip(weights, kernel.shape)) | dict(zip(taken, value.shape))
    shape = [int(np.prod([size[axis] for axis in axes])) for axes in (shared, summed, new)]
    order = [taken.index(axis) for axis in (*shared, *kept, *summed)]
    rows = permuted(builder, call.name, value, order, name=f"{call.name}_order")
    ops = builder.constants.setdefault(call.layer, [Dense(one, np.zeros(shape[2])) for one in ordered.reshape(shape)])
    found = _products(builder, call, rows, ops, [size[axis] for axis in kept])
    sizes = [size[axis] for axis in (*shared, *kept, *new)]
    found = reshaped(builder, call.name, found, sizes, name=f"{call.name}_axes")
    order = [[*shared, *kept, *new].index(axis) for axis in given]
    found = permuted(builder, call.name, found, order, name=f"{call.name}_moved")
    if call.config.get("bias_axes"):
        bias = np.asarray(call.weight("bias"), np.float64)
        found = builder.add(call.name, Affine(np.ones(()), bias), found, name=f"{call.name}_bias")
    return activate(builder, call, call.config.get("activation"), found)


def _products(builder: GraphBuilder, call: Call, rows: Value, ops: Sequence[Dense], kept: Sequence[int]) -> Value:
    """Rows times the matrix of their place: slices, side by side again where there are several places."""
    if len(ops) == 1:
        rows = reshaped(builder, call.name, rows, (*kept, len(ops[0].kernel)), name=f"{call.name}_rows")
        return builder.add(call.name, ops[0], rows)
    n_in = len(ops[0].kernel)
    n_rows = int(np.prod(kept))
    shape = (len(ops) * n_rows * n_in,) if n_rows == 1 else (len(ops) * n_rows, n_in)
    rows = reshaped(builder, call.name, rows, shape, name=f"{call.name}_rows")
    step, parts = shape[0] // len(ops), []
    for place, op in enumerate(ops):
        cut = builder.add(call.name, Slice(place * step, (place + 1) * step, 1), rows, name=f"{call.name}_{place}_in")
        parts.append(builder.add(call.name, op, cut, name=f"{call.name}_{place}"))
    return builder.add(call.name, Concatenate(1), *parts)


def _equation(call: Call, rank: int) -> tuple[str, str, str]:
    """The axes of the input, the kernel and the output, without those of the events."""
    equation = str(call.config.get("equation", "")).replace(" ", "")
    sides = equation.replace("->", ",").split(",")
    if len(sides) != 3 or equation.count("->") != 1:
        raise refusal(call, _EXAMPLES, f"equation='{equation}'")
    taken, weights, given = sides
    if "..." in equation:
        free = "".join(chr(ord("A") + index) for index in range(rank + 1 - len(taken.replace("...", ""))))
        taken, given = (side.replace("...", free) for side in (taken, given))
    if (
        len(taken) != rank + 1
        or taken[0] != given[0]
        or any(len(set(side)) < len(side) for side in (taken, weights, given))
    ):
        raise refusal(call, f"an equation of {rank + 1} axes, that of the events first", f"equation='{equation}'")
    return taken[1:], weights, given[1:]
