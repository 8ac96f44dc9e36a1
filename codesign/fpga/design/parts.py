"""Capacities of FPGA parts, from the vendors' product tables; ``parts.csv`` names the document of each row.

A look-up table is not the same thing everywhere, and ``lut_kind`` says what is counted: AMD's 6-input LUT; Intel's
ALUT, two for each ALM, which its tools count too; Microchip's 4-input LUT. ``bram_18k`` counts AMD's blocks of 18 kb
(one of 36 kb is two of them) and is None elsewhere: Intel's M20K and Microchip's LSRAM hold 20 kb and are in
``ram_20k``. Intel's ``dsp`` are blocks (two 18 x 19 multipliers each), and its ``ff`` the four registers of each ALM.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from codesign.errors import ConfigError, nearest

CAPACITIES = ("lut", "ff", "dsp", "bram_18k", "uram")
_MOST = 10**9
_STARTS = ("xcvu13p", "xcku", "xczu", "xc7z020", "xc7a", "10ax", "mpf")  # of names that stand for their families
_PART, _LONGEST_NAME = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*"), 64


@dataclass(frozen=True)
class Part:
    """What a part holds; None where it is not known, or counted in other blocks.

    Args:
        name: without package and speed grade.
        lut, ff, dsp, bram_18k, uram: counts; a block of 36 kb counts as two of 18 kb.
        ram_20k: M20K or LSRAM blocks.
        family: of the vendor.
        lut_kind: ``LUT6``, ``ALUT`` or ``LUT4``: what `lut` counts.
        source: the document that the capacities are from, or ``declared``.
    """

    name: str
    lut: int
    ff: int
    dsp: int | None = None
    bram_18k: int | None = None
    uram: int | None = 0
    ram_20k: int = 0
    family: str = ""
    lut_kind: str = "LUT6"
    source: str = ""


def find_part(part: str, capacity: Mapping[str, int] | None = None) -> Part:
    """Return the capacities of a part such as ``xcvu13p-flga2577-2-e``; package and speed grade do not matter.

    Args:
        part: as the vendor's tools call it.
        capacity: declares a part that is not in the table, or overrules it: ``{"lut": 871680, "ff": 1743360, "dsp":
            5952, "bram_18k": 2688, "uram": 640}``. A part that is not in the table needs lut and ff; what is left out
            is not known, and counts neither for nor against a design.

    Raises:
        ConfigError: for text that is no part's, a part that is neither in the table nor declared, or a capacity that
            is no whole number.
    """
    check_part_text(part)
    name = re.split(r"[-_]", part.lower())[0]
    known = _look_up(name)
    if capacity is not None:
        return _declared(name, known, _checked(capacity))
    if known is None:
        raise ConfigError(
            f"part: expected a part whose capacities are known. Received: {part}{_hint(name)}; declare them: "
            "hardware.capacity with lut, ff, dsp, bram_18k in project.yml, capacity={...} in Python"
        )
    return known


def check_part_text(part: str) -> None:
    """Check what goes into the scripts of vendors' tools, where a bracket would be a command.

    Raises:
        ConfigError: unless it is letters and digits, with single - or _ between.
    """
    if not isinstance(part, str) or len(part) > _LONGEST_NAME or not _PART.fullmatch(part):
        raise ConfigError(
            f"part: expected letters and digits, with - or _ between, as in xcvu13p-flga2577-2-e. Received: {part!r}"
        )


@cache
def _table() -> tuple[Part, ...]:
    text = (resources.files("codesign.fpga.design") / "parts.csv").read_text(encoding="utf-8")
    return tuple(_row(row) for row in csv.DictReader(text.splitlines()))


def _row(row: Mapping[str, str]) -> Part:
    numbers = {name: int(row[name]) if row[name] else None for name in (*CAPACITIES, "ram_20k")}
    return Part(**{field.name: row[field.name] for field in fields(Part)} | numbers)


def _hint(name: str) -> str:
    """The part that is written most alike, or what parts are called if none is."""
    known = [entry.name for entry in _table()]
    examples = ", ".join(next(one for one in known if one.startswith(start)) for start in _STARTS)
    return nearest(name, known) or f" (nothing like it is known; parts are called {examples} and so on)"


@cache
def _look_up(name: str) -> Part | None:
    """The longest name that the text begins with; ``?`` stands for any letter, as the variants of Agilex parts have."""
    known = [entry for entry in _table() if fnmatchcase(name, entry.name + "*")]
    return max(known, key=lambda entry: len(entry.name), default=None)


def _checked(capacity: Mapping[str, int]) -> dict[str, int]:
    if not isinstance(capacity, Mapping):
        raise ConfigError(f"capacity: expected a mapping with {', '.join(CAPACITIES)}. Received: {capacity!r}")
    for key, count in capacity.items():
        if key not in CAPACITIES:
            raise ConfigError(f"capacity.{key}: unknown key{nearest(key, CAPACITIES)}; known: {', '.join(CAPACITIES)}")
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MOST:
            raise ConfigError(f"capacity.{key}: expected a whole number from 0 to {_MOST:,}. Received: {count!r:.60}")
    return dict(capacity)


def _declared(name: str, known: Part | None, capacity: dict[str, int]) -> Part:
    if known is not None:
        capacity = {key: getattr(known, key) for key in CAPACITIES} | capacity
    missing = [key for key in ("lut", "ff") if key not in capacity]
    if missing:
        raise ConfigError(
            f"capacity: expected lut and ff of the part {name}, which is not in the table. Missing: "
            f"{', '.join(missing)}"
        )
    more = {"ram_20k": known.ram_20k, "family": known.family, "lut_kind": known.lut_kind} if known else {"uram": None}
    return Part(name, **{**more, **capacity}, source="declared")
