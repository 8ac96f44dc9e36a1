"""Where the boxes of a drawing stand: in rows from the inputs down, in several columns where there are many rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SWEEPS = 4
_MOST_ROWS = 14  # of one column of the page


@dataclass(frozen=True)
class Placed:
    """Where everything is, in the drawing's units.

    Args:
        boxes: the middle of each box, by its name.
        lines: the corners of each connection, from the bottom of a box to the top of another.
        size: width and height of the drawing.
    """

    boxes: Mapping[str, tuple[float, float]]
    lines: tuple[tuple[tuple[float, float], ...], ...]
    size: tuple[float, float]


@dataclass(frozen=True)
class Spacing:
    """Sizes: width and height of a box, and what is between boxes, beside and below each other."""

    width: float
    height: float
    beside: float = 24.0
    below: float = 34.0


def place_boxes(edges: Mapping[str, Sequence[str]], spacing: Spacing) -> Placed:
    """Return the places of boxes.

    A connection over several rows gets a place of its own in each, so that it crosses no box.

    Args:
        edges: what each box takes, by the name of the box, each behind what it takes.
        spacing: sizes.
    """
    rows, ways = _rows_and_ways(edges)
    across = _across(rows, ways, spacing)
    columns = -(-len(rows) // _MOST_ROWS)
    per_column = -(-len(rows) // columns)
    places: dict[object, tuple[float, float]] = {}
    gaps: dict[object, float] = {}
    left = spacing.beside
    for first in range(0, len(rows), per_column):
        block = rows[first : first + per_column]
        low = min(across[one] - _half(one, spacing) for row in block for one in row)
        high = max(across[one] + _half(one, spacing) for row in block for one in row)
        for index, row in enumerate(block):
            y = spacing.below + index * (spacing.height + spacing.below) + spacing.height / 2
            places |= {one: (left + across[one] - low, y) for one in row}
            gaps |= dict.fromkeys(row, left - 1.5 * spacing.beside)
        left += high - low + 2 * spacing.beside
    height = min(per_column, len(rows)) * (spacing.height + spacing.below) + spacing.below
    lines = tuple(_line(way, places, gaps, spacing, 4.0 * (number % 4)) for number, way in enumerate(ways))
    boxes = {name: place for name, place in places.items() if isinstance(name, str)}
    return Placed(boxes, lines, (left - spacing.beside, height))


def _rows_and_ways(edges: Mapping[str, Sequence[str]]) -> tuple[list[list], list[list]]:
    """The boxes of each row, and each connection as what it passes; a place between boxes is a pair of numbers."""
    rank: dict[str, int] = {}
    for name, taken in edges.items():
        rank[name] = 1 + max((rank[one] for one in taken), default=-1)
    for name, taken in edges.items():
        if not taken:  # an input stands above what first takes it
            users = [rank[one] for one, sources in edges.items() if name in sources]
            rank[name] = min(users, default=1) - 1
    rows: list[list] = [[] for _ in range(max(rank.values()) + 1)]
    for name, row in rank.items():
        rows[row].append(name)
    ways = []
    for name, taken in edges.items():
        for source in taken:
            between = [(len(ways), row) for row in range(rank[source] + 1, rank[name])]
            for one in between:
                rows[one[1]].append(one)
            ways.append([source, *between, name])
    return rows, ways


def _across(rows: Sequence[list], ways: Sequence[list], spacing: Spacing) -> dict[object, float]:
    """Where each is across: near what it is connected with, in an order with few crossings."""
    above: dict[object, list] = {one: [] for row in rows for one in row}
    below: dict[object, list] = {one: [] for row in rows for one in row}
    for way in ways:
        for upper, lower in zip(way, way[1:]):
            above[lower].append(upper)
            below[upper].append(lower)
    across = {one: float(index) * spacing.width for row in rows for index, one in enumerate(row)}
    for sweep in range(2 * _SWEEPS):
        neighbours, order = (below, rows[::-1]) if sweep % 2 else (above, rows)
        for row in order:
            wanted = {one: _mean([across[other] for other in neighbours[one]], across[one]) for one in row}
            row.sort(key=wanted.__getitem__)
            _spread(row, wanted, across, spacing)
    return across


def _spread(row: Sequence[object], wanted: Mapping[object, float], across: dict, spacing: Spacing) -> None:
    """Put a row's boxes beside each other, as near as can be to where they want to be."""
    end, moved = -float("inf"), 0.0
    for one in row:
        across[one] = max(wanted[one], end + _half(one, spacing))
        end = across[one] + _half(one, spacing) + spacing.beside
        moved += across[one] - wanted[one]
    for one in row:
        across[one] -= moved / len(row)


def _half(one: object, spacing: Spacing) -> float:
    return spacing.width / 2 if isinstance(one, str) else spacing.beside / 4


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _line(
    way: Sequence[object],
    places: Mapping[object, tuple[float, float]],
    gaps: Mapping[object, float],
    spacing: Spacing,
    offset: float,
) -> tuple[tuple[float, float], ...]:
    """The corners of a connection; to the top of the next column of the page it goes through the gap before it.

    Args:
        way: what it passes.
        places: where each of them is.
        gaps: where the gap before its column is.
        spacing: sizes.
        offset: from other lines in a gap.
    """
    half, corners = spacing.height / 2, []
    for upper, lower in zip(way, way[1:]):
        (x, y), (next_x, next_y) = places[upper], places[lower]
        top, bottom = next_y - half, y + half
        corners.append((x, bottom))
        if next_y < y:
            low, high, gap = bottom + 10 + offset, top - 10 - offset, gaps[lower] + offset
            corners += [(x, low), (gap, low), (gap, high), (next_x, high)]
        corners.append((next_x, top))
    return tuple(corners)
