"""Measured designs beside their predictions, from tables in CSV."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from codesign.errors import CodesignError, DataError
from codesign.fpga.design.report import CSYNTH
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.intervals import COUNTS, bounds, figures, kind_of_design
from codesign.fpga.estimate.possible import possible_figures
from codesign.fpga.estimate.statistics import KNOWN, LayerStatistics
from codesign.fpga.estimate.stream import streamed
from codesign.fpga.estimate.truth_rows import TruthRow, read_row

_STAGES = {"csynth_": CSYNTH, "vsynth_": ""}  # before a count, in a table and in a figure's name
COLUMNS = {
    **{mine + name: theirs + name.replace("bram_18k", "bram18") for theirs, mine in _STAGES.items() for name in COUNTS},
    "latency_cycles": "latency_cycles",
    "initiation_interval": "ii",
}
_BAD_FLAGS = ("trimmed", "inconsistent")  # designs that contradict others, or lost their weights in synthesis


@dataclass(frozen=True)
class Measured:
    """One design at one state of knowledge.

    Args:
        row: what its table says.
        kind: of :func:`codesign.fpga.estimate.intervals.kind_of_design`.
        predicted, measured: by figure; only those that were measured.
    """

    row: TruthRow
    kind: str
    predicted: dict[str, float]
    measured: dict[str, float]


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file: every cell a text, whatever is missing empty, each row with an id.

    Raises:
        DataError: if it cannot be read, or has no column layer_sizes.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            rows = [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]
    except (OSError, csv.Error) as error:
        raise DataError(f"truth: expected a table of designs in CSV. Received: {path}: {error}") from None
    if not rows or "layer_sizes" not in rows[0]:
        raise DataError(f"truth: expected a table with a column layer_sizes and rows. Received: {path}")
    return [{**row, "id": row.get("id") or f"row{number}"} for number, row in enumerate(rows, 2)]


def predict_row(row: TruthRow, constants: CostConstants | None = None) -> tuple[dict[str, float], str]:
    """Return the figures of a design, and its kind."""
    found = figures(_cost(row, row.layers, constants))
    return found, kind_of_design(row.strategy, found["initiation_interval"])


def predict_intervals(
    row: TruthRow, half_widths: Mapping, constants: CostConstants | None = None
) -> tuple[dict[str, float], dict[str, tuple[int, int]]]:
    """Return the figures of a design, and their intervals by half-widths that were fitted."""
    found, kind = predict_row(row, constants)
    is_known = row.known == KNOWN[0]
    possible = None if is_known else possible_figures(row.layers, lambda layers: _cost(row, layers, constants))
    return found, bounds(found, kind, row.known, half_widths, possible)


def _cost(row: TruthRow, layers: Sequence[LayerStatistics], constants: CostConstants | None) -> HardwareCost:
    costs = layer_costs(
        layers, row.reuse_factors, row.strategy, row.toolchain,
        clock_period_ns=row.clock_period_ns, constants=constants,
    )  # fmt: skip
    return design_cost(streamed(costs, layers, row.toolchain) if row.is_stream else costs)


def is_calibration(row: dict[str, str]) -> bool:
    """Whether a row is a whole dense design that was built, and that does not contradict others."""
    return (
        was_built(row)
        and row.get("level", "design") in ("design", "unit-test")
        and row.get("scope", "dense") == "dense"
        and row.get("quality", "A") in ("A", "B")
        and not any(flag in row.get("flags", "") for flag in _BAD_FLAGS)
    )


def was_built(row: dict[str, str]) -> bool:
    """Whether the tool made a design; where nothing is said it did."""
    return row.get("synth_ok", "1") in ("1", "1.0", "True")


def measured_designs(
    rows: Iterable[dict[str, str]], constants: CostConstants | None = None, known: Sequence[str] = KNOWN
) -> list[Measured]:
    """Return each calibration design as often as there are states of knowledge: its weights hidden step by step."""
    found = []
    for cells in filter(is_calibration, rows):
        seen: set[str] = set()
        for level in known:
            row = try_row(cells, level)
            if row is None or row.known in seen:
                continue
            seen.add(row.known)
            predicted, kind = predict_row(row, constants)
            measured = measured_figures(cells)
            found.append(Measured(row, kind, {name: predicted[name] for name in measured}, measured))
    return found


def try_row(cells: dict[str, str], known: str) -> TruthRow | None:
    """Return a row, or None if it does not describe a network of layers."""
    try:
        return read_row(cells, known)
    except (CodesignError, ValueError, ArithmeticError, LookupError):
        return None


def measured_figures(cells: dict[str, str]) -> dict[str, float]:
    """Return the numbers of a row that were measured, by figure."""
    numbers = {name: number_of(cells.get(column, "")) for name, column in COLUMNS.items()}
    return {name: value for name, value in numbers.items() if value is not None and value >= 0}


def number_of(text: str) -> float | None:
    """Return the finite number that a cell holds, None if it holds none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
