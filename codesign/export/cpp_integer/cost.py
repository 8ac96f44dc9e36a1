"""What an event costs in either form of code: instructions on vectors of 64 bytes."""

from collections.abc import Set

from codesign.export.cpp_integer.dot_plan import DotPlan
from codesign.export.cpp_integer.program import Array, Matrix, Program, Ref, Unit

_EVENTS = 32  # of a block
_LANES, _GROUP = 16, 4
# Instructions of a product and its sum in one vector; 32-bit products take two, 64-bit ones three and more.
_PRODUCT = {16: 2, 32: 3, 64: 6}
_LOOK_UP = 2 * _EVENTS
_COLUMN = 8  # of a value into a column and back, for a block
_ROW, _VECTOR = 4, 4  # of 16 inputs, and of 16 outputs: bias, store and what is around them


def dot_cost(plan: DotPlan) -> float:
    """Return the cost of dot products, one event after the other."""
    cost = _ROW * -(-len(plan.offsets) // _LANES)
    for layer in plan.layers:
        vectors = -(-len(layer.weights) // _LANES)
        groups = -(-len(layer.weights[0]) // (_GROUP if layer.is_bytes else _GROUP // 2))
        cost += vectors * (groups + len(layer.steps) + _VECTOR)
    return cost


def lanes_cost(program: Program) -> float:
    """Return the cost of blocks of events, of a program as it is written."""
    cost, used = _COLUMN * (len(program.inputs.ranges) + len(program.outputs)), program.used()
    return (cost + sum(_array_cost(array, used) for array in program.arrays)) / _EVENTS


def _array_cost(array: Array, used: Set[Ref]) -> float:
    if array.matrices:
        return sum(_matrix_cost(one) for one in array.matrices)
    return sum(_unit_cost(unit) for at, unit in enumerate(array.units) if Ref(array, at) in used)


def _matrix_cost(matrix: Matrix) -> float:
    vectors = matrix.lane // _LANES
    sums = len(matrix.biases) * len(matrix.weights[0]) * vectors * _PRODUCT[matrix.lane]
    return sums + len(matrix.biases) * _behind(matrix.unit, vectors)


def _unit_cost(unit: Unit) -> float:
    vectors = unit.lane // _LANES
    terms = sum(1 if abs(term.weight) == 1 and len(term.factors) == 1 else _PRODUCT[unit.lane] for term in unit.terms)
    in_order = 0 if unit.in_order is None else len(unit.in_order.product) + len(unit.in_order.sum)
    return vectors * (terms + len(unit.terms) * in_order) + _behind(unit, vectors)


def _behind(unit: Unit, vectors: int) -> float:
    return sum(_LOOK_UP if stage.kind == "looked_up" else vectors for stage in unit.stages) + 2 * vectors
