"""The C++ of a program: one function for each array, the same for one event and for blocks of events."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from codesign.export.cpp_integer.layout import Slots
from codesign.export.cpp_integer.program import LANES, Array, InOrder, Matrix, Ref, Unit, lane_of
from codesign.export.cpp_integer.rolled import Loop, Place, Statement, rolled
from codesign.export.cpp_integer.stages import Stage
from codesign.export.cpp_integer.table_code import table_lines, table_struct

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
    """Writes the functions of arrays.

    Args:
        slots: where integers lie.
        used: integers that outputs depend on; others are not made.
    """

    def __init__(self, slots: Slots, used: Set[Ref]) -> None:
        self.slots, self.used, self.tables = slots, used, Tables()

    def function(self, number: int, array: Array) -> str:
        """Return the definition of an array's function; nothing where none of its integers is used."""
        if array.tables is not None:
            return self._tables(number, array)
        if array.matrices:
            statements = [self._matrix(array, at, one) for at, one in enumerate(array.matrices)]
            body = rolled(statements)
        else:
            refs = [Ref(array, at) for at in range(len(array.units))]
            statements = [self._unit(ref, unit) for ref, unit in zip(refs, array.units) if ref in self.used]
            period = len(array.units) // max(1, len(array.rows))
            body = rolled(statements, period if len(statements) == len(refs) else 1)
        if not body:
            return ""
        return _step(number, array, [line for one in body for line in self._lines(one)])

    def _tables(self, number: int, array: Array) -> str:
        first = min(array.tables.sources, key=lambda ref: ref.at)
        source, target = (_at(Place(*self.slots.place(ref))) for ref in (first, Ref(array, 0)))
        lines = list(table_lines(number, array, source, target))
        return table_struct(number, array.tables, first.at) + _step(number, array, lines)

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
        values, terms = iter(sources), []
        for weight, count in formula.weights:
            terms.append((weight, [next(values) for _ in range(count)]))
        lane = f"M, {formula.lane}"
        yield "M::forget();"
        yield f"for (int k = 0; k < parts<{lane}>; ++k) {{"
        if formula.join != "sum":
            made = self._chosen(formula, terms)
        elif formula.in_order is not None:
            made = self._summed_in_order(formula, terms)
        else:
            made, text = [f"  auto s = start<{lane}>({number(formula.bias)});"], f"whole<{lane}>(s)"
            made += [
                f"  s {'-' if weight < 0 else '+'}= {_product(formula.lane, weight, own)};" for weight, own in terms
            ]
            made.append(f"  auto v = {text};")
        yield from made
        yield f"  put<{lane}>({_at(target)}, k, {self._staged('v', formula.stages)});"
        yield "}"

    def _chosen(self, formula: Formula, terms: Sequence[tuple[int, list[Place]]]) -> Iterator[str]:
        """The largest or smallest."""
        signed = [f"{'-' * (weight < 0)}({_product(formula.lane, weight, own)})" for weight, own in terms]
        values = [f"whole<M, {formula.lane}>({one})" for one in signed]
        yield f"  auto v = {values[0]};"
        yield from (f"  v = {formula.join}(v, {value});" for value in values[1:])

    def _summed_in_order(self, formula: Formula, terms: Sequence[tuple[int, list[Place]]]) -> Iterator[str]:
        lane = f"M, {formula.lane}"
        yield f"  auto v = whole<{lane}>(start<{lane}>({number(formula.bias)}));"
        for weight, places in terms:
            value = f"times(get<{lane}>({_at(places[0])}, k), {number(weight)})"
            product = self._staged(value, formula.in_order.product)
            yield f"  v = {self._staged(f'plus(v, {product})', formula.in_order.sum)};"

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
        put = f"put<M, {lane}>({_at(target)} + u * M::events, k, {self._staged('v', stages)})"
        yield f"  [&](int u, int k, auto v) {{ {put}; }});"

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
        names = {"add": "added"}
        return f"{names.get(stage.kind, stage.kind)}({text}, {number(stage.a)})"


def _step(number: int, array: Array, lines: Sequence[str]) -> str:
    """Return the function of an array."""
    head = f"// {comment(array.name)}\ntemplate <class M>\nCODESIGN_STEP void step_{number}"
    body = "".join(f"  {line}\n" for line in lines)
    return f"{head}(Space<M>& {_SPACE}) noexcept {{\n{body}}}\n\n"


def number(value: int) -> str:
    """Return an integer of 64 bits as a C++ literal."""
    if value == -(2**63):
        return "(-9223372036854775807 - 1)"
    return str(value)


def _product(lane: int, weight: int, places: Sequence[Place]) -> str:
    """Return a magnitude times integers, without a sign."""
    text, size = " * ".join(f"term<M, {lane}>({_at(place)}, k)" for place in places), abs(weight)
    if size == 1:
        return text
    shift = size.bit_length() - 1
    return f"({text} << {shift})" if size == 1 << shift and shift < lane else f"{text} * {size}"


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
    return "".join(one if one.isprintable() and one.isascii() and one not in "\\@" else "?" for one in text)
