"""One self-contained HTML page of a project's report.json: no script, no font, no image from elsewhere."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from codesign._files import replace_file
from codesign.data.dataset import kind_text
from codesign.errors import ReportError
from codesign.report.view import (
    accuracy_rows,
    agreement_verdict,
    budget_rows,
    estimate_note,
    front_rows,
    number_text,
    percent_text,
    pick_rows,
    seconds_text,
)


def write_page(report: Mapping, path: str | Path, figures: Mapping[str, str] | None = None) -> Path:
    """Write the page of a ``report.json`` and return its path. Keys that the report lacks leave out their section.

    Args:
        report: the contents of ``report.json``; its texts are escaped.
        path: of the HTML file; missing folders are made.
        figures: SVG by name (``pareto``, ``resources``) as ``draw_figures`` returns them, embedded as they are; None
            draws those that the report's numbers allow.

    Raises:
        ReportError: if the report is not a mapping.
        DataError: if the file cannot be written.
    """
    if not isinstance(report, Mapping):
        raise ReportError(f"report: expected the contents of report.json. Received: {type(report).__name__}")
    if figures is None:
        from codesign.report.plots import draw_figures

        figures = draw_figures(report)
    text = render_page(report, figures)
    replace_file(path, text.encode(), "the page")
    return Path(path)


def render_page(report: Mapping, figures: Mapping[str, str]) -> str:
    """Return the page as text; the same report gives the same text."""
    environment = Environment(
        loader=PackageLoader("codesign.report", "templates"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number_text, percent=percent_text, seconds=seconds_text, kind=kind_text)
    picks = pick_rows(report)
    embedded = {name: Markup(svg) for name, svg in figures.items()}  # nosec B704  # SVG of figure_to_svg, which escapes texts
    return environment.get_template("report.html").render(
        report=report,
        picks=picks,
        accuracies=accuracy_rows(picks, report),
        budget=budget_rows(report),
        front=front_rows(report),
        verdict=agreement_verdict,
        estimate_note=estimate_note,
        figures=embedded,
    )
