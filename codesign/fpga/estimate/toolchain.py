"""What besides the network decides what hls4ml's code becomes: compiler, version and family of the part."""

import re
from dataclasses import dataclass

from codesign.errors import ConfigError, nearest

TOOLS = ("vivado_hls", "vitis_hls")
FAMILIES = ("us+", "us", "7series")
DSP_MODES = ("", "dsp", "lut")
_ULTRASCALE_PLUS = re.compile(r"xc(?:[akv]u\d+p|u\d|zu|vu\d+p|ku\d+p)", re.IGNORECASE)
_ULTRASCALE = re.compile(r"xc[kv]u", re.IGNORECASE)
_SPEED = re.compile(r"-([123])[A-Z]{0,2}(?:-|\s|$)", re.IGNORECASE)
_VERSION = re.compile(r"v?20[12]\d(?:\.\d){0,2}", re.IGNORECASE)
_CHANGE = 2020  # the year in which Vitis HLS took the place of Vivado HLS
_SMALL_SEVEN = re.compile(r"xc7[zas]", re.IGNORECASE)
_SEVEN = re.compile(r"xc7", re.IGNORECASE)


@dataclass(frozen=True)
class Toolchain:
    """The HLS compiler and what it compiles for.

    Args:
        tool: ``vivado_hls`` or ``vitis_hls``.
        version: as 2020.1; empty if it is not known.
        family: ``us+``, ``us`` or ``7series``, whose operators differ in delay.
        dsp_mode: where products are forced to: ``dsp``, ``lut``, or empty where the compiler chooses.
        speed_grade: of the part, 1 the slowest.

    Raises:
        ConfigError: for another tool, family or mode.
    """

    tool: str = "vitis_hls"
    version: str = ""
    family: str = "us+"
    dsp_mode: str = ""
    speed_grade: int = 2

    def __post_init__(self) -> None:
        for name, allowed in (("tool", TOOLS), ("family", FAMILIES), ("dsp_mode", DSP_MODES)):
            value = getattr(self, name)
            if value not in allowed:
                shown = ", ".join(repr(one) for one in allowed)
                raise ConfigError(f"{name}: expected {shown}. Received: {value!r}{nearest(value, allowed)}")

    @staticmethod
    def of(part: str, backend: str = "Vitis", version: str = "") -> "Toolchain":
        """Return what hls4ml's backend runs for a part.

        Args:
            part: as ``xcvu13p-flga2577-2-e``; one of no family that is known here counts as UltraScale+.
            backend: ``Vivado``, ``VivadoAccelerator`` or ``Vitis``.
            version: of the compiler, as 2020.1; empty if it is not known.

        Raises:
            ConfigError: for a version that the compiler does not have.
        """
        if version and not _VERSION.fullmatch(version):
            raise ConfigError(
                f"tool_version: expected the compiler's, such as 2020.1 or 2023.2. Received: {version!r:.60}; leave it "
                "out if it is not known"
            )
        tool = "vivado_hls" if backend.lower().startswith("vivado") else "vitis_hls"
        found = Toolchain(tool, version, part_family(part), speed_grade=part_speed_grade(part))
        if version and (found.year > _CHANGE if tool == "vivado_hls" else found.year < _CHANGE):
            known = (
                ("Vivado HLS, up to 2020.1", "Vitis")
                if tool == "vivado_hls"
                else ("Vitis HLS, from 2020.1 on", "Vivado")
            )
            raise ConfigError(
                f"tool_version: expected one of {known[0]}. Received: {version}; the backend {known[1]} has it"
            )
        return found

    @property
    def year(self) -> int:
        """Of the version; if it is not known, that of the last Vivado HLS, or of a present Vitis HLS."""
        found = re.search(r"\b[vV]?(20\d\d)\b", self.version)
        return int(found[1]) if found else (2024 if self.is_vitis else 2020)

    @property
    def is_vitis(self) -> bool:
        """Whether the compiler is Vitis HLS."""
        return self.tool == "vitis_hls"

    @property
    def is_seven_series(self) -> bool:
        """Whether the part is of the 7 series, Zynq-7000 among them."""
        return self.family == "7series"


def part_family(part: str) -> str:
    """Return the family of a part's name; UltraScale+ if it is of no family that is known here."""
    if _SEVEN.match(part):
        return "7series"
    return "us" if _ULTRASCALE.match(part) and not _ULTRASCALE_PLUS.match(part) else "us+"


def part_speed_grade(part: str) -> int:
    """Return the speed grade in a part's name; without one that of usual boards: 1 of small 7-series parts, else 2."""
    found = _SPEED.search(part)
    return int(found[1]) if found else (1 if _SMALL_SEVEN.match(part) else 2)
