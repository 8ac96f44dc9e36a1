"""The numbers that ``scripts/fit_estimator.py`` took from tables of measured designs."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def fitted_numbers() -> Mapping[str, Any]:
    """Return ``fitted.json``: half-widths of intervals, limits of synthesis, clocks, extents of families, origin."""
    return json.loads(resources.files("codesign.fpga.estimate").joinpath("fitted.json").read_text())
