"""An inspection in the terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from codesign._printable import printable
from codesign.inspection.inspection import Inspection
from codesign.inspection.node_facts import ConstantFacts

_FLOAT = "float"
_NONE = ""


def print_inspection(found: Inspection, console: Console) -> None:
    """Print what a file is, its graph, the sums, and which back ends take it."""
    _say(console, f"{found.path}: {found.description}")
    for name, text in found.reading.about.items():
        _say(console, f"  {name}: {text}")
    for sentence in found.reading.assumed:
        _say(console, f"  assumed: {sentence}")
    for what, names in (("inputs", found.reading.names.inputs), ("outputs", found.reading.names.outputs)):
        if names:
            _say(console, f"  {what}: {', '.join(names)}")
    for table in (_graph_table(found), _weight_table(found)):
        console.print(table)
        console.print()
    _say(console, _totals(found))
    console.print(_back_end_table(found))


def _say(console: Console, line: str) -> None:
    console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def _graph_table(found: Inspection) -> Table:
    """What each node does."""
    has_events = any(one.beyond is not None for one in found.facts)
    table = _table(["node", "op", "takes", "shape", "type"], ["outside type"] if has_events else [])
    for one in found.facts:
        texts = (one.name, one.op, ", ".join(one.inputs), _shape(one.shape), one.type or _FLOAT)
        table.add_row(*map(_cell, texts), *([_percent(one.beyond)] if has_events else []))
    return table


def _weight_table(found: Inspection) -> Table:
    """The constants, and the products of those that have some."""
    table = _table(
        ["weights of", "", "type"], ["number", "not 0", "distinct", "at limit", "products", "bit operations"]
    )
    for one in found.facts:
        products = [f"{one.products:,}", _count(one.bit_operations)] if one.products else [_NONE, _NONE]
        for index, array in enumerate(one.constants):
            ends = products if index == 0 else [_NONE, _NONE]
            table.add_row(_cell(one.name), _cell(array.name), *_constants(array), *ends)
        if one.products and not one.constants:
            table.add_row(_cell(one.name), *[_NONE] * 6, *products)
    return table


def _table(texts: list[str], numbers: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in texts:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def _constants(one: ConstantFacts) -> list[str]:
    at_limit = _NONE if one.at_limit is None else _percent(one.at_limit / max(1, one.size))
    counts = [f"{one.size:,}", f"{one.size - one.zeros:,}", f"{one.distinct:,}"]
    return [_cell(one.type or _FLOAT), *counts, at_limit]


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _totals(found: Inspection) -> str:
    sums = found.totals
    weights = f"{sums['constants']:,} weights and biases, {sums['zeros']:,} of them 0"
    if sums["bits"] is not None:
        weights += f", {sums['bits']:,} bits, {sums['at_limit']:,} at the limit of their type"
    products = f"{sums['products']:,} products"
    if sums["bit_operations"] is not None:
        products += f", {sums['bit_operations']:,} bit operations"
    return f"{weights}; {products}"


def _back_end_table(found: Inspection) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for one in found.verdicts:
        colour, word = ("green", "takes it") if one.takes else ("red", "refuses")
        table.add_row(one.back_end, f"[{colour}]{word}[/]", _cell(one.reason))
    return table


def _cell(text: str) -> str:
    """Foreign text without control codes; types as short as QKeras's users write them."""
    return escape(printable(text).replace("AP_", ""))


def _count(value: int | None) -> str:
    return _NONE if value is None else f"{value:,}"


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.3g} %"
