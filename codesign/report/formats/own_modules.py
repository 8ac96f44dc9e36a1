"""Modules in the JSON that codesign writes: of a DesignReport, and the layers of a pick in report.json."""

import math
from collections.abc import Mapping
from dataclasses import fields

from codesign.errors import ReportError
from codesign.fpga.design.module_cost import ModuleCost

_COUNTS = ("lut", "ff", "dsp", "bram_18k")
_KNOWN = tuple(field.name for field in fields(ModuleCost))


def modules_from(values: object) -> tuple[ModuleCost, ...]:
    """Build what ``DesignReport.as_dict`` wrote as ``modules``; unknown keys are ignored.

    Raises:
        ReportError: if it is no list of objects with names, or a value is of another type.
    """
    if not isinstance(values, list) or not all(isinstance(one, Mapping) and "name" in one for one in values):
        raise ReportError(f"DesignReport: modules: expected a list of objects with names. Received: {values!r:.60}")
    return tuple(ModuleCost(**{key: value for key, value in one.items() if key in _KNOWN}) for one in values)


def layers_of(pick: Mapping) -> list[dict]:
    """Return the layers of a pick as ``modules``; the fractions of an estimate's LUTs are rounded."""
    layers = pick.get("layers")
    rows = [row for row in layers if isinstance(row, Mapping)] if isinstance(layers, list) else []
    return [{"name": str(row.get("name")), "source": row.get("source") or "estimate", **_counts(row)} for row in rows]


def _counts(row: Mapping) -> dict[str, object]:
    values = {name: row.get(name) for name in _COUNTS}
    return {
        name: round(value) if isinstance(value, float) and math.isfinite(value) else value
        for name, value in values.items()
    }
