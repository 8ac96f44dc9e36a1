"""The public names, and that reading a report loads no drawing package."""

import subprocess
import sys

import codesign.report

NAMES = {
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
}


def test_public_names():
    assert set(codesign.report.__all__) == NAMES
    assert all(callable(getattr(codesign.report, name)) for name in NAMES)


def test_unknown_name_is_an_attribute_error():
    assert not hasattr(codesign.report, "parse_reprot")


def test_reading_reports_loads_no_drawing_package():
    code = "import sys; from codesign.report import parse_report, compare_reports; print(HEAVY & set(sys.modules))"
    code = "HEAVY = {'matplotlib', 'jinja2', 'rich'}; " + code
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
