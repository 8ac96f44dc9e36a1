"""One self-contained HTML page of reports side by side: numbers, differences, plot and modules; no script."""

from pathlib import Path

from markupsafe import Markup

from codesign._files import replace_file
from codesign.report.compare import ReportComparison, difference_text
from codesign.report.comparison_plot import plot_comparison
from codesign.report.figure import figure_to_svg
from codesign.report.module_table import largest_modules, module_cell, module_columns
from codesign.report.page import page_environment


def write_reports_page(comparison: ReportComparison, path: str | Path) -> Path:
    """Write the page of :func:`codesign.report.compare_reports` and return its path.

    Raises:
        DataError: if the file cannot be written.
    """
    text = (
        page_environment()
        .get_template("compare_reports.html")
        .render(
            names=list(comparison.reports),
            reports=comparison.reports,
            rows=comparison.rows,
            warnings=comparison.warnings,
            notes=comparison.notes,
            modules=[_modules(name, report) for name, report in comparison.reports.items() if report.modules],
            figure=Markup(figure_to_svg(plot_comparison(comparison))),  # nosec B704  # its texts are escaped by matplotlib
            difference=difference_text,
        )
    )
    replace_file(path, text.encode(errors="replace"), "the page", argument="html")
    return Path(path)


def _modules(name: str, report: object) -> dict:
    columns, (shown, left) = module_columns(report), largest_modules(report)
    rows = [(one.name, [module_cell(one, key, report) for key in columns]) for one in shown]
    return {"name": name, "source": shown[0].source, "headings": list(columns.values()), "rows": rows, "left": left}
