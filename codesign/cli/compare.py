"""`codesign compare REPORT REPORT ...`: resource reports side by side."""

import argparse
import json

_EXAMPLES = """examples:
  codesign compare build/smallest/hls4ml old/csynth.xml
  codesign compare v2020/csynth.xml v2024/csynth.xml vivado_synth.rpt --json comparison.json

Reads csynth.xml and .rpt of Vivado/Vitis HLS, Vivado utilisation reports, hls4ml's JSON, oneAPI's and Bambu's
reports, yosys' stat -json, and codesign's own JSON; a folder stands for the best report inside it.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "compare",
        help="put resource reports of any tool side by side",
        description="Compare resource reports across designs, tools and versions; every number keeps its source.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reports", nargs="+", help="report files, or folders that hold one")
    parser.add_argument("--json", metavar="PATH", help="also write the comparison as JSON")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from codesign._files import replace_file
    from codesign.report import compare_reports, parse_report

    comparison = compare_reports({path: parse_report(path) for path in options.reports})
    print(comparison.to_text())
    if options.json:
        replace_file(options.json, (json.dumps(comparison.as_dict(), indent=1) + "\n").encode(), "the JSON", argument="--json")
