"""The C++ of a program: one function for each array, the same for one event and for blocks of events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codesign.export.cpp_integer.layout import Slots
from codesign.export.cpp_integer.program import LANES, Array, InOrder, Matrix, Ref, Unit, lane_of
from codesign.export.cpp_integer.rolled import Loop, Place, Statement, rolled
from codesign.export.cpp_integer.stages import Stage

_SPACE = "w"


@dataclass(frozen=True)
class Formula:
    """A unit without places."""

    weights: tuple[tuple[int, int], ...]
    bias: int
    stages: tuple[Stage, ...]
    join: str
    in_order: InOrder | None
    lane: int

    @classmethod
    def of(cls, unit: Unit) -> "Formula":
        """Return a unit's; weights go with numbers of factors."""
        weights = tuple((term.weight, len(term.factors)) for term in unit.terms)
        return cls(weights, unit.bias, unit.stages, unit.join, unit.in_order, unit.lane)


class Tables:
    """Tables of constants, each once."""

    def __init__(self) -> None:
        self._names: dict[tuple[tuple[int, ...], int], str] = {}

    def name(self, entries: Sequence[int], *, bits: int = LANES[0]) -> str:
        """Return what the table is called; its integers have so many bits, or more if they need them."""
        entries = tuple(entries)
        key = entries, max(bits, lane_of((min(entries), max(entries))))
        return self._names.setdefault(key, f"table_{len(self._names)}")

    @property
    def text(self) -> str:
        """Return the definitions."""
        return "".join(_table(name, *key) for key, name in self._names.items())


class Writer:
    """Writes the functions of arrays."""

    def __init__(self, slots: Slots) -> None:
        self.slots, self.tables = slots, Tables()

    def function(self, number: int, array: Array) -> str:
        """Return the definition of an array's function."""
        if array.matrices:
            statements = [self._matrix(array, at, one) for at, one in enumerate(array.matrices)]
            body = rolled(statements)
        else:
            statements = [self._unit(Ref(array, at), unit) for at, unit in enumerate(array.units)]
            body = rolled(statements, len(array.units) // max(1, len(array.rows)))
        lines = "".join(f"  {line}\n" for one in body for line in self._lines(one))
        head = f"// {comment(array.name)}\ntemplate <class M>\nCODESIGN_STEP void step_{number}"
        return f"{head}(Space<M>& {_SPACE}) noexcept {{\n{lines}}}\n\n"

    def _unit(self, target: Ref, unit: Unit) -> Statement:
        factors = (ref for term in unit.terms for ref in term.factors)
        return Statement(Formula.of(unit), tuple(Place(*self.slots.place(ref)) for ref in (target, *factors)))

    def _matrix(self, array: Array, at: int, matrix: Matrix) -> Statement:
        target = Ref(array, at * len(matrix.biases))
        places = tuple(Place(*self.slots.place(ref)) for ref in (target, matrix.first))
        own = (matrix.weights, matrix.biases, matrix.unit.stages, matrix.unit.in_order, matrix.lane)
        return Statement(own, places)

    def _lines(self, one: Statement | Loop) -> Iterator[str]:
        if isinstance(one, Loop):
            yield f"for (int {one.variable} = 0; {one.variable} < {one.count}; ++{one.variable}) {{"
            yield from (f"  {line}" for inner in one.body for line in self._lines(inner))
            yield "}"
        elif isinstance(one.what, Formula):
            yield from self._formula(one.what, one.places)
        else:
            yield from self._matrix_lines(*one.what, one.places)

    def _formula(self, formula: Formula, places: Sequence[Place]) -> Iterator[str]:
        target, *sources = places
        values, own = iter(sources), []
        for weight, count in formula.weights:
            own.append((weight, [_get(formula.lane, next(values)) for _ in range(count)]))
        yield f"{{ M::forget(); auto v = {self._joined(formula, own)};"
        yield f"  put<M>({_at(target)}, {self._staged('v', formula.stages)}); }}"

    def _joined(self, formula: Formula, terms: Sequence[tuple[int, list[str]]]) -> str:
        start, lane = f"same<M, {formula.lane}>({number(formula.bias)})", formula.lane
        if formula.join != "sum":
            texts = [_weighted(weight, factors, lane) for weight, factors in terms]
            text = texts[0]
            for one in texts[1:]:
                text = f"{formula.join}({text}, {one})"
            return text
        text = start
        for index, (weight, factors) in enumerate(terms):
            if formula.in_order is not None:
                product = self._staged(_weighted(weight, factors, lane), formula.in_order.product)
                text = self._staged(f"plus({text}, {product})", formula.in_order.sum)
            elif index == 0 and not formula.bias:
                text = _weighted(weight, factors, lane)
            elif weight == -1:
                text = f"minus({text}, {_weighted(1, factors, lane)})"
            else:
                text = f"plus({text}, {_weighted(weight, factors, lane)})"
        return text

    def _matrix_lines(
        self,
        weights: tuple[tuple[int, ...], ...],
        biases: tuple[int, ...],
        stages: tuple[Stage, ...],
        in_order: InOrder | None,
        *rest: object,
    ) -> Iterator[str]:
        lane, (target, source) = rest
        tables = [self.tables.name([one for row in weights for one in row]), self.tables.name(biases)]
        add = "plus(s, times(x, c))"
        if in_order is not None:
            add = self._staged(f"plus(s, {self._staged('times(x, c)', in_order.product)})", in_order.sum)
        yield f"matrix<M, {lane}, {len(weights[0])}, {len(biases)}>({_at(source)}, {', '.join(tables)},"
        yield f"  [](auto s, auto x, auto c) {{ return {add}; }},"
        yield f"  [&](int u, auto v) {{ put<M>({_at(target)} + u * M::events, {self._staged('v', stages)}); }});"

    def _staged(self, text: str, stages: Sequence[Stage]) -> str:
        for stage in stages:
            text = self._stage(text, stage)
        return text

    def _stage(self, text: str, stage: Stage) -> str:
        if stage.kind == "looked_up":
            return f"looked_up({text}, {self.tables.name(stage.table)})"
        if stage.kind in ("half_even", "divided"):
            return f"{stage.kind}<{number(stage.a)}>({text})"
        if stage.kind == "wrapped":
            return f"wrapped<{stage.a}, {str(bool(stage.b)).lower()}>({text})"
        if stage.kind == "leaky":
            return f"leaky({text}, {number(stage.a)}, {stage.b})"
        names = {"add": "plus", "left": "left", "right": "right"}
        return f"{names.get(stage.kind, stage.kind)}({text}, {number(stage.a)})"


def number(value: int) -> str:
    """Return an integer of 64 bits as a C++ literal."""
    if value == -(2**63):
        return "(-9223372036854775807 - 1)"
    return str(value)


def _weighted(weight: int, factors: Sequence[str], lane: int) -> str:
    text = factors[0]
    for one in factors[1:]:
        text = f"product({text}, {one})"
    if weight == 1:
        return text
    shift = abs(weight).bit_length() - 1
    if weight == 1 << shift and shift < lane:
        return f"left({text}, {shift})"
    return f"times({text}, {number(weight)})"


def _get(lane: int, place: Place) -> str:
    return f"get<M, {lane}>({_at(place)})"


def _at(place: Place) -> str:
    return (
        f"{_SPACE}.s{place.bits} + ({place.index}) * M::events"
        if place.steps
        else (f"{_SPACE}.s{place.bits} + {place.first} * M::events")
    )


def _table(name: str, entries: Sequence[int], bits: int) -> str:
    lines = [", ".join(map(number, entries[at : at + 16])) for at in range(0, len(entries), 16)]
    return f"inline constexpr std::int{bits}_t {name}[{len(entries)}] = {{\n  " + ",\n  ".join(lines) + "};\n"


def comment(text: str) -> str:
    """Return text for a comment of one line."""
    return "".join(one if one.isprintable() and one.isascii() and one != "\\" else "?" for one in text)
