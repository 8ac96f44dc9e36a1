"""Capacities of FPGA parts, from AMD's DS890 (UltraScale+), DS180/DS190 (7 series) and DS891 product tables."""

import re
from dataclasses import dataclass

from codesign.errors import ConfigError, nearest


@dataclass(frozen=True)
class Part:
    """What a part holds; a block of 36 kb counts as two of 18 kb."""

    name: str
    lut: int
    ff: int
    dsp: int
    bram_18k: int
    uram: int = 0


_PARTS = {
    part.name: part
    for part in (
        Part("xcvu13p", 1_728_000, 3_456_000, 12_288, 5_376, 1_280),
        Part("xcvu9p", 1_182_240, 2_364_480, 6_840, 4_320, 960),
        Part("xcvu7p", 788_160, 1_576_320, 4_560, 2_880, 640),
        Part("xcu250", 1_728_000, 3_456_000, 12_288, 5_376, 1_280),
        Part("xcku115", 663_360, 1_326_720, 5_520, 4_320),
        Part("xczu9eg", 274_080, 548_160, 2_520, 1_824),
        Part("xc7vx690t", 433_200, 866_400, 3_600, 2_940),
        Part("xc7z020", 53_200, 106_400, 220, 280),
    )
}


def find_part(part: str) -> Part:
    """Return the capacities of a part such as ``xcvu13p-flga2577-2-e``; package and speed grade do not matter.

    Raises:
        ConfigError: for a part that is not in the table.
    """
    family = re.split(r"[-_]", str(part).lower())[0]
    known = next((entry for name, entry in _PARTS.items() if family.startswith(name)), None)
    if known is None:
        hint = nearest(family, _PARTS) or f"; known: {', '.join(_PARTS)}"
        raise ConfigError(f"part: expected a part whose capacities are known. Received: {part}{hint}")
    return known
