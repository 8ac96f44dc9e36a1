"""The program in the shape that code is written from: matrices chosen, their rows and the outputs each in a run."""

from collections.abc import Sequence

import numpy as np

from codesign.export.cpp_integer.program import Array, Matrix, Program, Ref, Unit, identity

# Straight-line code costs an instruction for each weight, a matrix one for each entry; more must stay in the cache.
_SPARSE_DENSITY, _SPARSE_WEIGHTS = 0.6, 4000


def shaped(program: Program) -> Program:
    """Return the program with rows of matrices, and outputs, one behind the other in one array."""
    arrays: list[Array] = []
    for array in program.arrays:
        arrays += _with_matrices(array) if _is_matrix(array) else [array]
    outputs = program.outputs
    if not is_run(outputs):
        arrays.append(gathered("outputs", outputs))
        outputs = tuple(Ref(arrays[-1], at) for at in range(len(outputs)))
    return Program(program.inputs, tuple(arrays), outputs)


def is_run(refs: Sequence[Ref]) -> bool:
    """Whether integers lie one behind the other in one array."""
    array, first = refs[0].array, refs[0].at
    return all(ref.array is array and ref.at == first + at for at, ref in enumerate(refs))


def gathered(name: str, refs: Sequence[Ref]) -> Array:
    """Return an array of copies."""
    units = [Unit.of(terms, []) for terms in identity(refs)]
    return Array(name, [unit.range for unit in units], units)


def _is_matrix(array: Array) -> bool:
    live = sum(len(unit.terms) for unit in array.units)
    return bool(array.rows) and live > min(_SPARSE_DENSITY * len(array.units) * len(array.rows[0]), _SPARSE_WEIGHTS)


def _with_matrices(array: Array) -> list[Array]:
    """Return an array whose dense layer is one matrix for each position, behind what it needs, before its stages."""
    arrays, rows = [], array.rows
    if not all(is_run(row) for row in rows):
        arrays.append(gathered(f"{array.name} rows", np.concatenate(rows)))
        copies = [Ref(arrays[-1], at) for at in range(len(arrays[-1].ranges))]
        taken = [copies[at * len(rows[0]) : (at + 1) * len(rows[0])] for at in range(len(rows))]
    else:
        taken = list(rows)
    n, sums, behind = len(array.units) // len(rows), array, []
    if len({(unit.stages, unit.in_order) for unit in array.units}) > 1:
        raw = [Unit.of(one.terms, [], bias=one.bias, in_order=one.in_order) for one in array.units]
        sums = Array(f"{array.name} sums", [unit.range for unit in raw], raw)
        refs = [Ref(sums, at) for at in range(len(raw))]
        array.units[:] = [Unit.of(own, unit.stages) for own, unit in zip(identity(refs), array.units)]
        array.rows, behind = (), [array]
    units = [sums.units[at * n : (at + 1) * n] for at in range(len(rows))]
    sums.rows, sums.matrices = (), tuple(_matrix(*own) for own in zip(units, rows, taken))
    return [*arrays, sums, *behind]


def _matrix(units: Sequence[Unit], row: Sequence[Ref], taken: Sequence[Ref]) -> Matrix:
    at = {(id(ref.array), ref.at): index for index, ref in reversed(list(enumerate(row)))}
    weights = np.zeros((len(units), len(row)), object)
    for own, unit in zip(weights, units):
        for term in unit.terms:
            own[at[id(term.factors[0].array), term.factors[0].at]] += term.weight
    biases = tuple(unit.bias for unit in units)
    return Matrix(taken[0], tuple(map(tuple, weights.tolist())), biases, units[0], max(unit.lane for unit in units))
