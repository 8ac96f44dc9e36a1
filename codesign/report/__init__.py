"""Read any tool's report, compare reports, and write the HTML page of a project.

Reading and comparing are light; matplotlib, jinja2, rich and TensorFlow load when a name that needs them is first used.
"""

from codesign._lazy_names import lazy_names
from codesign.report.compare import ReportComparison, compare_reports
from codesign.report.parse import find_reports, parse_report

_LAZY = {
    "RunComparison": "codesign.report.runs",
    "compare_runs": "codesign.report.runs",
    "figure_to_svg": "codesign.report.figure",
    "input_bits_report": "codesign.report.input_bits",
    "plot_pareto": "codesign.report.pareto",
    "plot_resources": "codesign.report.plots",
    "print_picks": "codesign.report.terminal",
    "shortfalls": "codesign.report.view",
    "write_comparison_page": "codesign.report.page",
    "write_page": "codesign.report.page",
}

__all__ = [
    "ReportComparison",
    "RunComparison",
    "compare_reports",
    "compare_runs",
    "figure_to_svg",
    "find_reports",
    "input_bits_report",
    "parse_report",
    "plot_pareto",
    "plot_resources",
    "print_picks",
    "shortfalls",
    "write_comparison_page",
    "write_page",
]
__getattr__ = lazy_names(__name__, _LAZY)


def __dir__() -> list[str]:
    return sorted(__all__)
