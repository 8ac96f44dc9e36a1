#!/usr/bin/env python3
"""How wrong the hls4ml estimate is: predictions for a table of measured designs, and the median error of each family.

    python benchmarks/estimate_error.py TRUTH.csv [--predictions PATH] [--json PATH]

TRUTH.csv holds one design per row, as reported by the HLS compiler (csynth_*) and by logic synthesis (vsynth_*). It
knows the weights by their statistics only, which is what the closed forms need; rows without them are predicted from
what is expected of their shape and types. Rows whose layer sizes are no numbers are left out. An error is
100 |prediction - truth| / max(truth, floor), with a floor so that a truth of zero counts.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from result import write_result

from codesign.errors import CodesignError, DataError
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.truth_rows import read_row

FLOORS = {"lut": 100, "ff": 100, "dsp": 10, "bram18": 4, "latency_cycles": 1, "ii": 1}
_COLUMNS = (
    "id family flags synth_ok layer_sizes activation strategy reuse_factor clock_target_ns input_bits weight_bits "
    "w_nnz w_csd w_pow2 w_c3 w_umul latency_cycles ii"
).split()


def predict(row: dict[str, str], constants: CostConstants) -> HardwareCost | None:
    """Return the prediction of one row, or None if its sizes are no numbers."""
    design = read_row(row)
    if design is None:
        return None
    costs = layer_costs(
        design.layers,
        design.reuse_factors,
        design.strategy,
        design.toolchain,
        clock_period_ns=design.clock_period_ns,
        constants=constants,
    )
    return design_cost(costs)


def predicted_columns(cost: HardwareCost) -> dict[str, float]:
    """Return the columns of a predictions file: resources for both tools, the schedule once."""
    counts = {"lut": "lut", "ff": "ff", "dsp": "dsp", "bram18": "bram_18k"}
    found = {
        f"{tool}_{name}": getattr(getattr(cost, tool), field)
        for tool in ("csynth", "vsynth")
        for name, field in counts.items()
    }
    return {**found, "latency_cycles": cost.latency_cycles, "ii": cost.initiation_interval}


def errors(rows: Iterable[dict[str, str]], predictions: dict[str, dict[str, float]]) -> list[dict]:
    """Return one entry per family, tool and number: how many rows, their median error in percent."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        for tool in ("csynth", "vsynth"):
            for name, floor in FLOORS.items():
                scheduled = name in ("latency_cycles", "ii")  # the HLS compiler's; told once, in its own rows
                truth = row[name] if scheduled and tool == "csynth" else "" if scheduled else row[f"{tool}_{name}"]
                if truth:
                    columns = predictions[row["id"]]
                    value = columns.get(f"{tool}_{name}", columns.get(name))
                    error = 100 * abs(value - float(truth)) / max(float(truth), floor)
                    found.setdefault((row["family"], tool, name), []).append(error)
    return [
        {
            "method": family,
            "tool": tool,
            "number": name,
            "designs": len(values),
            "median_error_percent": round(median(values), 2),
        }
        for (family, tool, name), values in sorted(found.items())
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Raises:
        DataError: if the table cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path, help="measured designs")
    parser.add_argument("--predictions", metavar="PATH", type=Path, help="write a prediction for each row")
    parser.add_argument("--json", metavar="PATH", help="write the errors")
    options = parser.parse_args(arguments)
    constants = CostConstants()
    measured = [
        row for row in _read(options.truth) if row["synth_ok"] == "1" and not {"trimmed", "inconsistent"} & _flags(row)
    ]
    costs = {row["id"]: predict(row, constants) for row in measured}
    predictions = {name: predicted_columns(cost) for name, cost in costs.items() if cost is not None}
    rows = errors([row for row in measured if row["id"] in predictions], predictions)
    if options.predictions:
        _write_predictions(options.predictions, predictions)
    write_result("estimate error", "REAL", rows, [], path=options.json, seeds=[])
    print(f"{len(predictions)} of {len(measured)} measured designs can be predicted")


def _write_predictions(path: Path, predictions: dict[str, dict[str, float]]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["id", *next(iter(predictions.values()), {})])
        writer.writeheader()
        writer.writerows({"id": name, **columns} for name, columns in predictions.items())


def _flags(row: dict[str, str]) -> set[str]:
    return {flag.split("_")[0] for flag in row["flags"].replace(";", " ").replace(",", " ").split()}


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"truth: expected a table of measured designs. Received: {path}: {error}") from None
    missing = [name for name in _COLUMNS if rows and rows[0].get(name) is None]
    if missing or not rows:
        raise DataError(
            f"truth: expected a table of measured designs. Received: {path} without {', '.join(missing) or 'rows'}"
        )
    return rows


if __name__ == "__main__":
    try:
        main()
    except CodesignError as error:
        sys.exit(f"error: {error}")
