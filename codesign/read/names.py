"""Names in exported files: of the network, and of each value of an event and of the outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Self

from codesign.errors import DataError
from codesign.network import Layout, Network
from codesign.network.ops import Shape


@dataclass(frozen=True)
class Names:
    """What a network and its values are called.

    Args:
        network: an identifier of C++.
        inputs, outputs: of each value, inputs and outputs side by side; empty: ``x0, x1, ...`` and ``y0, y1, ...``, of
            several inputs ``particles0, particles1, ...``.

    Raises:
        DataError: for a name that is no identifier.
    """

    network: str = "network"
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.network.isidentifier() and self.network.isascii()):
            raise DataError(f"name: expected letters, digits and _, a letter first. Received: {self.network}")

    def of(self, network: Network) -> Self:
        """Return the names of every value of a network.

        Raises:
            DataError: for names that repeat, or another number of them.
        """
        return type(self)(
            self.network,
            _filled("input_names", self.inputs, network.input_layout, "x"),
            _filled("output_names", self.outputs, network.output_layout, "y"),
        )


def _filled(argument: str, given: Sequence[str], layout: Layout, letter: str) -> tuple[str, ...]:
    shapes = dict(zip([letter], layout.shapes.values())) if len(layout.shapes) == 1 else layout.shapes
    names = tuple(given) or _default(shapes)
    if len(names) != layout.size or len(set(names)) < len(names):
        raise DataError(f"{argument}: expected {layout.size} different names. Received: {names}")
    strange = next((one for one in names if not isinstance(one, str) or not one.isprintable()), None)
    if strange is not None:
        raise DataError(f"{argument}: expected printable names. Received: {strange!r:.60}")
    return names


def _default(shapes: Mapping[str, Shape]) -> tuple[str, ...]:
    """``x0, x1, ...``; with a line between where ``x1`` and ``x`` would both have an ``x10``."""
    for between in ("", "_", "__"):
        names = tuple(f"{name}{between}{index}" for name, shape in shapes.items() for index in range(prod(shape)))
        if len(set(names)) == len(names):
            break
    return names
