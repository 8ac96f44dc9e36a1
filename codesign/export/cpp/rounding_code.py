"""The part of the C++ for quantizers: one struct of constants for each."""

import numpy as np

from codesign.export.cpp.layer_code import number, table
from codesign.network.types.single_precision import Rounding

_SMALL = 2**22  # codes that the faster rounding takes
_MODES = {"TRN": "floor", "RND": "half_up", "RND_CONV": "half_even"}
_CONSTANTS = ("scale", "step", "low", "high")


def rounding_struct(name: str, rounding: Rounding) -> str:
    """Return the struct of a quantizer: constants, or tables of one entry per value."""
    if rounding.is_same_for_all:
        tables, texts = "", [number(getattr(rounding, constant)[0]) for constant in _CONSTANTS]
        argument = "int"
    else:
        tables = "".join(table(f"{name}_{constant}", getattr(rounding, constant)) for constant in _CONSTANTS)
        texts, argument = [f"{name}_{constant}[u]" for constant in _CONSTANTS], "int u"
    small = bool(max(np.abs(rounding.low).max(), np.abs(rounding.high).max()) <= _SMALL)
    lines = [f"  static constexpr Mode mode = Mode::{_MODES[rounding.rounding]};"]
    lines.append(f"  static constexpr bool wraps = {str(rounding.wraps).lower()}, small = {str(small).lower()};")
    for constant, text in zip(_CONSTANTS, texts):
        lines.append(f"  static constexpr float {constant}({argument}) noexcept {{ return {text}; }}")
    return f"{tables}struct {name} {{\n" + "\n".join(lines) + "\n};\n\n"
