"""A network as SVG: a box for each layer and op with its shape and type, and what takes from what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from codesign._printable import printable
from codesign.inspection.node_facts import NodeFacts
from codesign.inspection.placing import Placed, Spacing, place_boxes
from codesign.network import Network

_LETTER = 7.3  # width of a letter of the font's size
_MOST_LETTERS = 32
_MOST_BOXES = 120  # beyond, rows of boxes without branches become one
_SPACING = Spacing(width=_MOST_LETTERS * _LETTER + 16, height=62)
_FILLS = {"input": "#e8eef7", "layer": "#eaf5ea", "op": "#f6f6f4", "several": "#fbf3e2"}
_STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1a1b1c;text-anchor:middle}"
    ".name{font-weight:bold}.type{fill:#5a5d61;font-size:11px}rect{stroke:#8a8d91}"
    "path{fill:none;stroke:#5a5d61;stroke-width:1.2}"
)


@dataclass(frozen=True)
class Box:
    """A box.

    Args:
        lines: name, what it is, type.
        kind: ``input``, ``layer``, ``op`` or ``several``.
        takes: names of the boxes that it takes.
        note: all of its text, where a line is cut.
    """

    lines: tuple[str, str, str]
    kind: str
    takes: tuple[str, ...]
    note: str = ""


def draw_network(network: Network, facts: Sequence[NodeFacts]) -> str:
    """Return the drawing.

    A dense layer with the activation and the quantizer behind it is one box. Of a long network, what follows each other
    without branches is one, too.

    Args:
        network: any.
        facts: of each of its inputs and nodes.
    """
    boxes = _boxes(network, {one.name: one for one in facts})
    if len(boxes) > _MOST_BOXES:
        boxes = _folded(boxes)
    placed = place_boxes({name: box.takes for name, box in boxes.items()}, _SPACING)
    return _svg(boxes, placed)


def _boxes(network: Network, facts: Mapping[str, NodeFacts]) -> dict[str, Box]:
    """A box for each input, layer and other node, by the name of the node whose value it gives."""
    groups = {group.last.name: group.names for group in network.groups}
    inner = {name for names in groups.values() for name in names} - set(groups)
    boxes = {}
    for name, one in facts.items():
        if name in inner:
            continue
        members = [facts[part] for part in groups.get(name, (name,))]
        ops = ", ".join(part.op for part in members)
        shape = "x".join(map(str, one.shape))
        kind = "input" if one.op == "input" else "layer" if name in groups else "op"
        kind_text = (one.type or members[-1].type or "").replace("AP_", "").replace("per element, within", "each in")
        lines = (members[0].name, f"{ops} {shape}", kind_text)
        boxes[name] = Box(lines, kind, tuple(dict.fromkeys(members[0].inputs)), "\n".join(lines))
    return boxes


def _folded(boxes: Mapping[str, Box]) -> dict[str, Box]:
    """What follows each other without branches as one box."""
    users: dict[str, list[str]] = {name: [] for name in boxes}
    for name, box in boxes.items():
        for source in box.takes:
            users[source].append(name)
    chains: dict[str, list[str]] = {}
    for name, box in boxes.items():
        before = box.takes[0] if len(box.takes) == 1 else None
        goes_on = before in chains and len(users[before]) == 1 and boxes[before].kind != "input"
        chains[name] = [*chains.pop(before), name] if goes_on else [name]
    found = {}
    for last, names in chains.items():
        first, end = boxes[names[0]], boxes[last]
        if len(names) == 1:
            found[last] = end
            continue
        lines = (f"{first.lines[0]} ... {end.lines[0]}", f"{len(names)} in a row", end.lines[2])
        found[last] = Box(lines, "several", first.takes, "\n".join(boxes[name].lines[0] for name in names))
    return found


def _svg(boxes: Mapping[str, Box], placed: Placed) -> str:
    width, height = placed.size
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
        f"<title>network of {len(boxes)} boxes</title><style>{_STYLE}</style>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<polygon points="0,0 8,4 0,8" fill="#5a5d61"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff" style="stroke:none"/>',
    ]
    for corners in placed.lines:
        way = " L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
        parts.append(f'<path d="M{way}" marker-end="url(#end)"/>')
    parts += [_box(box, *placed.boxes[name]) for name, box in boxes.items()]
    return "\n".join([*parts, "</svg>\n"])


def _box(box: Box, x: float, y: float) -> str:
    left, top = x - _SPACING.width / 2, y - _SPACING.height / 2
    texts = "".join(
        f'<text class="{look}" x="{x:.1f}" y="{top + place}">{_text(line)}</text>'
        for look, place, line in zip(("name", "what", "type"), (20, 37, 53), box.lines)
    )
    return (
        f"<g><title>{_safe(box.note)}</title>"
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{_SPACING.width:.0f}" height="{_SPACING.height:.0f}" rx="5" '
        f'fill="{_FILLS[box.kind]}"/>{texts}</g>'
    )


def _text(line: str) -> str:
    """A line as long as a box is wide; of a long one the middle is left out, since names differ at their ends."""
    half = _MOST_LETTERS // 2
    return _safe(line if len(line) <= _MOST_LETTERS else f"{line[: half - 1]}…{line[-half:]}")


def _safe(text: str) -> str:
    """Text for XML; a foreign name may hold anything."""
    return escape("\n".join(printable(line) for line in text.split("\n")))
