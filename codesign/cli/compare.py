"""`codesign compare REPORT REPORT ...`: resource reports side by side, or runs of `codesign synthesize`."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.cli import failures
from codesign.cli.json_option import add_json_option

if TYPE_CHECKING:
    from codesign.fpga.design.report import DesignReport
    from codesign.report import ReportComparison

_EXAMPLES = """examples:
  codesign compare build/smallest/hls4ml old/csynth.xml
  codesign compare v2020/csynth.xml v2024/csynth.xml vivado_synth.rpt --json comparison.json
  codesign compare old/hls4ml new/hls4ml routed_timing.rpt --plot costs.svg --html comparison.html
  codesign compare old/jet_tagger new/jet_tagger --html comparison.html      # two runs

Of runs of codesign synthesize (their folders, or report.json) all picks are compared: metrics, with the difference in
units of its error, costs with their sources, and the settings that differ.

Reads csynth.xml and .rpt, summaries, cosim.rpt and export.rpt of Vivado and Vitis HLS, Vivado's utilisation and timing
reports (also -hierarchical), hls4ml's JSON, reports of oneAPI, Quartus, Bambu, nextpnr, yosys' stat, and our own JSON.
Of an hls4ml project each number is from the best-founded of its reports; another folder stands for the best report
inside it. Modules are listed where a report has them, and a clock that was missed is said.
A file that is no report, or a damaged one, in a folder too, is a line on standard error; the others are compared, and
the exit status is 1. One that is given twice, under any name, is compared once.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "compare",
        help="put resource reports of any tool, or runs, side by side",
        description="Compare resource reports of designs, tools and versions, or runs; every number keeps its source.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reports", nargs="+", help="report files, or folders that hold one; or runs")
    parser.add_argument("--html", metavar="PATH", help="also write the comparison as one HTML page")
    parser.add_argument(
        "--plot", metavar="PATH", help="also draw the costs, as .svg and .png; of runs those of their picks"
    )
    add_json_option(parser, "also write the comparison as JSON")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from codesign.report import compare_reports
    from codesign.report.runs import find_run
    from codesign.report.short_names import short_names
    from codesign.report.table_width import terminal_width

    paths = _each_once([(path, [path]) for path in options.reports])
    runs = {path: find_run(path) for path in paths}
    if len(paths) > 1 and all(runs.values()):
        runs = {path: runs[path] for path in _each_once([(path, [run]) for path, run in runs.items()])}
    if len(runs) > 1 and all(runs.values()):
        return _compare_runs(runs, options)
    reports, is_complete = _read(list(runs))
    comparison = compare_reports(dict(zip(short_names(list(reports)), reports.values())))
    print(comparison.to_text(width=terminal_width()))
    if options.json:
        content = comparison.as_dict()
        for column, path in zip(content["columns"], reports):
            column["path"] = path
        _write_json(content, options.json)
    if options.plot:
        _plot(comparison, options.plot)
    if options.html:
        from codesign.report.reports_page import write_reports_page

        print(write_reports_page(comparison, options.html))
    return 0 if is_complete else 1


def _each_once(files: Sequence[tuple[str, Sequence[str | Path]]]) -> list[str]:
    """Return the paths whose files no earlier path has, and say which have them.

    Args:
        files: each path that was given, and its files.
    """
    first: dict[tuple[str, ...], str] = {}
    for path, own in files:
        key = tuple(map(os.path.realpath, own))
        if key in first:
            what = "given twice" if first[key] == path else f"the same report as {first[key]}"
            failures.say(f"{path}: {what}, compared once")
        first.setdefault(key, path)
    return list(first.values())


def _compare_runs(runs: dict[str, Path], options: argparse.Namespace) -> int:
    from codesign.report import compare_reports, compare_runs, write_comparison_page
    from codesign.report.runs import read_run
    from codesign.report.short_names import short_names
    from codesign.report.table_width import terminal_width

    comparison = compare_runs(dict(zip(short_names(list(runs)), map(read_run, runs.values()))))
    print(comparison.to_text(width=terminal_width()))
    if options.json:
        _write_json({**comparison.as_dict(), "paths": list(runs)}, options.json)
    if options.html:
        print(write_comparison_page(comparison, options.html))
    if options.plot:
        _plot(compare_reports(_picks(runs)), options.plot)
    return 0


def _picks(runs: dict[str, Path]) -> dict[str, "DesignReport"]:
    """What each pick of each run costs, by names such as ``old: smallest``."""
    from codesign.errors import ReportError
    from codesign.report.formats.own_json import pick_report
    from codesign.report.runs import read_run
    from codesign.report.sections.values import picked_rows
    from codesign.report.short_names import short_names

    named = zip(short_names(list(runs)), map(read_run, runs.values()))
    picks = [(f"{name}: {pick.get('role')}", pick_report(pick)) for name, run in named for pick in picked_rows(run)]
    found = {name: report for name, report in picks if report is not None}
    if not found:
        raise ReportError("--plot: expected runs with picks whose costs have a source. Received: none; run them again")
    return found


def _plot(comparison: "ReportComparison", path: str) -> None:
    from codesign.report.comparison_plot import plot_comparison
    from codesign.report.figure import save_figure

    save_figure(plot_comparison(comparison), path)
    print(path)


def _write_json(content: dict, path: str) -> None:
    from codesign._files import replace_file

    replace_file(path, (json.dumps(content, indent=1) + "\n").encode(), "the JSON", argument="--json")


def _read(paths: list[str]) -> tuple[dict[str, "DesignReport"], bool]:
    """Return the reports that can be read, and whether those are all; of the others, say a line each.

    Raises:
        ReportError: if none can.
    """
    from codesign.errors import CodesignError
    from codesign.report.parse import locate_design

    reports, read_from, errors, lines = {}, {}, [], []
    for path in paths:
        damaged: list[CodesignError] = []
        try:
            reports[path], read_from[path] = locate_design(path, damaged=damaged)
        except CodesignError as error:
            errors.append(error)
            damaged.append(error)
        lines += [_left_out(path, error) for error in damaged]
    for path, files in read_from.items():
        if [str(file) for file in files] != [path]:
            failures.say(f"{path}: read from {', '.join(map(str, files))}")
    for line in lines if reports else lines[:-1]:
        failures.say(line)
    if not reports:
        raise errors[-1]
    return {path: reports[path] for path in _each_once(list(read_from.items()))}, not lines


def _left_out(path: str, error: Exception) -> str:
    """The line of a report, with the folder that was given: what is in ``.`` has names without one."""
    names_it = str(error).startswith(path) or not os.path.isdir(path)
    return f"left out: {error}" if names_it else f"left out of {path}: {error}"
