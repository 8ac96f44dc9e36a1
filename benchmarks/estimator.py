#!/usr/bin/env python3
"""How far the estimates of hls4ml designs are from what the tools report, on families of designs left out.

    python benchmarks/estimator.py --truth CSV [CSV ...] --predictions OUT.csv [--sparsity | --no-weights]
    python benchmarks/estimator.py --truth CSV [CSV ...] [--rule4ml PYTHON] [--json PATH] [--plot PNG]

A table holds one design per row, as reported by the HLS compiler (csynth_*) and by logic synthesis (vsynth_*). With
--predictions each row is foretold, with 90 % bounds; rows whose layer sizes are no numbers are left out and counted.
Without it the errors of each family are printed, and how many of its designs lie within intervals that were fitted
without that family: with the package's constants, and with constants that were refitted without it; beside gradient
boosting fitted without it, and beside rule4ml 0.2.0 if its Python is given (benchmarks/peers/rule4ml_estimates.py says
how to install it).
An error is 100 |prediction - truth| / max(truth, floor), with a floor so that a truth of zero counts.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from estimator_failures import failure_auc
from estimator_families import PACKAGE, REFITTED, Figures, evaluate, goals_of, print_table
from estimator_peers import boosting_predictions, residual_predictions, rule4ml_predictions
from estimator_plot import plot_predictions
from result import goal, write_json

from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.errors import CodesignError
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.fit.constants import STARTS, left_out_constants, left_out_designs
from codesign.fpga.estimate.fit.half_widths import fit_half_widths
from codesign.fpga.estimate.fit.measured import (
    COLUMNS,
    is_calibration,
    measured_designs,
    predict_intervals,
    read_table,
    try_row,
)
from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.statistics import KNOWN
from codesign.report.result import goal_line

_ENDS = ("_lo", "_hi")


def predict(
    rows: Sequence[dict[str, str]], known: str, half_widths: dict, constants: CostConstants | None = None
) -> dict[str, Figures]:
    """Return the figures and intervals of each row that describes a network, by its id."""
    found = {}
    for cells in rows:
        row = try_row(cells, known)
        if row is not None and cells["id"] not in found:
            found[cells["id"]] = predict_intervals(row, half_widths, constants)
    return found


def left_out_results(rows: Sequence[dict[str, str]], starts: int) -> tuple[list[dict], dict[str, Figures]]:
    """Return the errors of the closed forms, each family's intervals being fitted to the others, and the predictions.

    Once with the package's constants, which were chosen with all families in view, and once with constants refitted
    without the family, from several draws, each of which counts as a design.
    """
    constants = left_out_constants(rows, starts)
    tables = left_out_designs(rows, constants), measured_designs(rows)
    half_widths = {
        name: fit_half_widths(*([one for one in table if one.row.family != name] for table in tables))
        for name in constants
    }
    families = {
        name: [cells for cells in rows if is_judged(cells) and cells.get("family", "") == name] for name in constants
    }
    results, drawn = [], {}
    for known in KNOWN:
        package, refitted, repeated = {}, {}, []
        for name, members in families.items():
            package.update(predict(members, known, half_widths[name]))
            for draw, one in enumerate(constants[name]):
                copies = [{**cells, "id": f"{cells['id']} {draw}"} for cells in members]
                refitted.update(predict(copies, known, half_widths[name], one))
                repeated.extend(copies)
        judged = [cells for members in families.values() for cells in members]
        results.extend(evaluate(PACKAGE.format(known), judged, package))
        results.extend(evaluate(REFITTED.format(known), repeated, refitted))
        drawn.update({} if drawn else package)
    return results, drawn


def is_judged(cells: dict[str, str]) -> bool:
    """Whether a row is a whole design that was built, and that does not contradict others."""
    return is_calibration(cells) and cells.get("level", "design") == "design"


def write_predictions(path: Path, found: dict[str, Figures]) -> None:
    """Write a CSV file: one row per design with its id, its figures by a table's columns, and their bounds."""
    columns = [column + end for column in COLUMNS.values() for end in ("", *_ENDS)]
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["id", *columns])
        writer.writeheader()
        for name, (values, intervals) in found.items():
            cells = {COLUMNS[figure]: round(value, 2) for figure, value in values.items()}
            for figure, interval in intervals.items():
                cells.update({COLUMNS[figure] + end: bound for end, bound in zip(_ENDS, interval)})
            writer.writerow({"id": name, **cells})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Raises:
        DataError: if a table cannot be read.
    """
    options = _parser().parse_args(arguments)
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    rows = [row for path in options.truth for row in read_table(path)]
    known = "shape" if options.no_weights else "sparsity" if options.sparsity else "weights"
    if options.predictions:
        found = predict(rows, known, fitted_numbers()["half_widths"])
        write_predictions(options.predictions, found)
        print(
            f"{len(found)} of {len(rows)} designs are foretold; the others' layers are no numbers, or are there twice"
        )
        return
    failures = failure_auc(rows)
    print("failed builds, shapes left out in turn:", failures)
    results, drawn = left_out_results(rows, options.starts)
    judged = [cells for cells in rows if is_judged(cells)]
    others = {"package + learnt correction": residual_predictions(judged, drawn)}
    others["gradient boosting"] = boosting_predictions(judged)
    if options.rule4ml:
        others.update(rule4ml_predictions(judged, options.rule4ml))
    results.extend(entry for method, found in others.items() for entry in evaluate(method, judged, found))
    print_table(results)
    goals = goals_of(results)
    if failures:
        goals.append(goal("failed builds: area under the curve", failures["auc"], ">=", 0.95))
        results.append({"method": "probability that synthesis fails", **failures})
    for one in goals:
        print(goal_line(one))
    if options.json:
        write_json(options.json, "estimator", "REAL", results, goals, seeds=[0])
    if options.plot:
        plot_predictions(options.plot, judged, drawn)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, nargs="+", required=True, metavar="CSV", help="measured designs")
    parser.add_argument("--predictions", type=Path, metavar="OUT.csv", help="write a prediction for each row")
    hidden = parser.add_mutually_exclusive_group()
    hidden.add_argument("--sparsity", action="store_true", help="of weights use how many are zero, and no more")
    hidden.add_argument("--no-weights", action="store_true", help="use shapes and precisions alone")
    parser.add_argument("--starts", type=int, default=STARTS, help="draws of the constants to refit from")
    parser.add_argument("--rule4ml", metavar="PYTHON", help="an interpreter that has rule4ml 0.2.0")
    add_json_option(parser, "also write the errors as JSON")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw predictions beside what was measured")
    return parser


if __name__ == "__main__":
    try:
        main()
    except CodesignError as error:
        sys.exit(f"error: {error}")
