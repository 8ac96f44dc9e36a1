"""Place: a node in the C++ of a graph."""

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.network.ops import Activation, Op, Shape

Written = tuple[str, list[str]]


@dataclass(frozen=True)
class Place:
    """A node in the C++.

    Args:
        index: what tells its constants from those of other nodes.
        op: what it does.
        inputs: expressions of what it takes.
        shapes: of these.
        output: expression of where its values go.
        shape: of these.
        activation: that follows directly, and is computed with a dense op; or None.
    """

    index: int
    op: Op
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    output: str
    shape: Shape
    activation: Activation | None = None


def places_struct(name: str, places: Sequence[int]) -> str:
    """Return the struct of a table of places, by number."""
    numbers = ", ".join(map(str, places))
    head = f"struct {name} {{\n  static constexpr int places[{len(places)}] = {{{numbers}}};\n"
    return f"{head}  static constexpr int at(int i) noexcept {{ return places[i]; }}\n}};\n\n"
