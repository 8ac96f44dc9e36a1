"""Dense layers in a row as dot products of bytes or of 16-bit words, one event after the other: where that is exact."""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.export.cpp_integer.program import Array, Program, Ref, Unit
from codesign.export.cpp_integer.stages import Range, Stage, fits

# What a lane does behind the sums, in this order; each with the constant that does nothing.
NEUTRAL = {"right": 0, "half_even": 0, "kept": 0, "mask": -1, "at_least": -(2**31), "at_most": 2**31 - 1, "plus": 0}
_BYTE, _SIGNED_BYTE, _WORD = (0, 255), (-128, 127), (-(2**15), 2**15 - 1)
_HALF = 128
_MOST = 2**30  # half a step, of 30 bits at most, is added


@dataclass(frozen=True)
class DotLayer:
    """One dense layer.

    Args:
        name: of the node.
        weights: (n_out, n_in).
        biases: (n_out,), with what the inputs' offsets make.
        steps: (n_out,) of :data:`NEUTRAL` for each output, those that the layer has.
        is_bytes: whether inputs are bytes without a sign and weights bytes with one; else both are 16-bit words.
    """

    name: str
    weights: tuple[tuple[int, ...], ...]
    biases: tuple[int, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]
    is_bytes: bool


@dataclass(frozen=True)
class DotPlan:
    """All layers.

    Args:
        offsets: (n_inputs,) added to the inputs.
        layers: first to last.
    """

    offsets: tuple[int, ...]
    layers: tuple[DotLayer, ...]


def dot_plan(program: Program) -> DotPlan | None:
    """Return the layers of a program as dot products, or None where it is anything else."""
    if not fits_words(program.inputs.ranges):
        return None
    before, found, offsets = program.inputs, [], []
    for array in program.arrays:
        steps = _steps(array.units)
        if not _takes(array, before) or steps is None:
            return None
        found.append((array, steps))
        before = array
    refs = [Ref(before, at) for at in range(len(before.ranges))]
    if not found or tuple(refs) != program.outputs or any(not fits(one, 32) for one in before.ranges):
        return None
    arrays = [array for array, _ in found]
    sources = [program.inputs, *arrays[:-1]]
    if not all(fits_words(one.ranges) for one in sources):
        return None
    for source, array in zip(sources, arrays):
        offsets.append(_offsets(source.ranges, array.units))
    layers = []
    for index, (array, steps) in enumerate(found):
        behind = offsets[index + 1] if index + 1 < len(found) else None
        layers.append(_layer(array, steps, sources[index].ranges, offsets[index], behind))
    first = offsets[0] or (0,) * len(program.inputs.ranges)
    return None if None in layers else DotPlan(tuple(first), tuple(layers))


def fits_words(ranges: Sequence[Range]) -> bool:
    """Whether 16-bit words hold all of them."""
    return all(_WORD[0] <= low and high <= _WORD[1] for low, high in ranges)


def _takes(array: Array, before: Array) -> bool:
    """Whether an array is a dense layer at one position, of all that the array before holds, in order."""
    if len(array.rows) != 1 or len(array.rows[0]) != len(before.ranges):
        return False
    return all(ref.array is before and ref.at == at for at, ref in enumerate(array.rows[0]))


def _offsets(ranges: Sequence[Range], units: Sequence[Unit]) -> tuple[int, ...] | None:
    """Return what makes bytes without a sign of a layer's inputs; None: they, or the weights, are words."""
    weights = [term.weight for unit in units for term in unit.terms]
    if not all(_SIGNED_BYTE[0] <= one <= _SIGNED_BYTE[1] for one in weights):
        return None
    if all(high - low <= _BYTE[1] for low, high in ranges):
        return tuple(_offset(*one) for one in ranges)
    return None


def _offset(low: int, high: int) -> int:
    if _BYTE[0] <= low and high <= _BYTE[1]:
        return 0
    return _HALF if _SIGNED_BYTE[0] <= low and high <= _SIGNED_BYTE[1] else -low


def _steps(units: Sequence[Unit]) -> dict[str, list[int]] | None:
    """Return the constants of every step for each unit, or None where a unit does something else."""
    columns = [_steps_of(unit) for unit in units]
    if None in columns:
        return None
    return {kind: [own.get(kind, neutral) for own in columns] for kind, neutral in NEUTRAL.items()}


def _steps_of(unit: Unit) -> dict[str, int] | None:
    is_sum = unit.join == "sum" and unit.in_order is None and unit.lane <= 32
    if not is_sum or any(len(term.factors) > 1 for term in unit.terms):
        return None
    found: dict[str, int] = {}
    last = -1
    for stage in unit.stages:
        kind, constant = _step(stage)
        at = list(NEUTRAL).index(kind) if kind in NEUTRAL else -1
        if at <= last:
            return None
        found[kind], last = constant, at
    return found


def _step(stage: Stage) -> tuple[str, int]:
    if stage.kind == "wrapped":
        return ("kept", 32 - stage.a) if stage.b and stage.a else ("mask", (1 << stage.a) - 1)
    return stage.kind, min(stage.a, 31) if stage.kind == "right" else stage.a


def _layer(
    array: Array,
    steps: dict[str, list[int]],
    ranges: Sequence[Range],
    offsets: Sequence[int] | None,
    behind: Sequence[int] | None,
) -> DotLayer | None:
    """Return a layer whose inputs and outputs have offsets; None where a word is too narrow for it."""
    at = {ref.at: index for index, ref in enumerate(array.rows[0])}
    rows, biases = [], []
    for unit in array.units:
        weights = [0] * len(ranges)
        for term in unit.terms:
            weights[at[term.factors[0].at]] += term.weight
        moved = sum(weight * offset for weight, offset in zip(weights, offsets)) if offsets else 0
        rows.append(tuple(weights))
        biases.append(unit.bias - moved)
    steps = {kind: list(own) for kind, own in steps.items()}
    for unit_at, offset in enumerate(behind or ()):
        _put_behind(steps, biases, unit_at, offset)
    if not all(fits((min(row), max(row)), 16) for row in rows) or not _sums_fit(rows, biases, ranges, offsets):
        return None
    kept = tuple((kind, tuple(own)) for kind, own in steps.items() if any(one != NEUTRAL[kind] for one in own))
    return DotLayer(array.name, tuple(rows), tuple(biases), kept, offsets is not None)


def _put_behind(steps: dict[str, list[int]], biases: list[int], at: int, offset: int) -> None:
    """Add an offset to what a unit gives: to its bias, where rounding and clips commute with it."""
    odd_ties = steps["half_even"][at] > 0 and offset % 2
    if steps["kept"][at] != NEUTRAL["kept"] or steps["mask"][at] != NEUTRAL["mask"] or odd_ties:
        steps["plus"][at] += offset
        return
    biases[at] += offset << (steps["right"][at] + steps["half_even"][at])
    for kind in ("at_least", "at_most"):
        if steps[kind][at] != NEUTRAL[kind]:
            steps[kind][at] += offset


def _sums_fit(
    rows: Sequence[Sequence[int]], biases: Sequence[int], ranges: Sequence[Range], offsets: Sequence[int] | None
) -> bool:
    """Whether no sum, however far, leaves 32 bits; half of the last step is added to it."""
    moved = offsets or (0,) * len(ranges)
    reach = [max(abs(low + one), abs(high + one)) for (low, high), one in zip(ranges, moved)]
    sums = [abs(bias) + sum(abs(weight) * one for weight, one in zip(row, reach)) for row, bias in zip(rows, biases)]
    return max(sums) < _MOST
