"""One self-contained HTML page of a project's report.json: no script, font or image from elsewhere.

It reads and prints well without any script; the one that is inside adds hover, zoom and narrow screens.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from codesign._files import replace_file
from codesign.data.dataset import kind_text
from codesign.errors import ReportError
from codesign.fpga.design.reuse import reuse_text
from codesign.report import sections
from codesign.report.charts import SCRIPT
from codesign.report.pick_sentences import pick_sentences
from codesign.report.runs import RunComparison
from codesign.report.sections.values import PLUS_MINUS, listed, main_metric, metric_label, metric_text
from codesign.report.view import (
    MISSING,
    agreement_verdict,
    budget_rows,
    front_rows,
    interval_of,
    number_text,
    percent_text,
    pick_rows,
    quality_rows,
    seconds_text,
    step_seconds,
)

# In the order of the page: name of the section -> its heading. Those without their keys are left out.
_HEADINGS = {
    "front_chart": "{metric} against LUT",
    "comparison": "Quality and cost side by side",
    "cpu": "CPU beside FPGA",
    "roc": "ROC curves",
    "working_points": "Working points",
    "confusion": "Confusion matrix",
    "outputs": "Outputs, float against built",
    "residuals": "Residuals, float against built",
    "picks": "Picks, number by number",
    "resources": "Resources beside the part",
    "quality": "Metrics",
    "latency": "Latency",
    "agreement": "Agreement, bit for bit",
    "budget": "Budget",
    "inputs": "Inputs and their bits",
    "layers": "LUTs layer by layer",
    "stages": "Latency, stage by stage",
    "history": "Training",
    "front": "The front",
    "seconds": "Time per step",
    "provenance": "Provenance",
}
_OF_PICKS = ("picks", "quality", "latency", "agreement")


def write_page(report: Mapping, path: str | Path) -> Path:
    """Write the page of a ``report.json`` and return its path. Keys that the report lacks leave out their section.

    Args:
        report: the contents of ``report.json``; its texts are escaped. docs/report_json.md lists the keys.
        path: of the HTML file; missing folders are made.

    Raises:
        ReportError: if the report is not a mapping, or what must be a number of a pick is none.
        DataError: if the file cannot be written.
    """
    if not isinstance(report, Mapping):
        raise ReportError(f"report: expected the contents of report.json. Received: {type(report).__name__}")
    replace_file(path, render_page(report).encode(errors="replace"), "the page")
    return Path(path)


def write_comparison_page(comparison: RunComparison, path: str | Path) -> Path:
    """Write the page of :func:`codesign.report.compare_runs` and return its path.

    Raises:
        DataError: if the file cannot be written.
    """
    content = {"names": list(comparison.reports), "rows": comparison.rows, "settings": comparison.settings}
    content |= {"warnings": comparison.warnings, "front_chart": sections.runs_section(comparison.reports)}
    text = page_environment().get_template("compare.html").render(content)
    replace_file(path, text.encode(errors="replace"), "the page", argument="html")
    return Path(path)


def render_page(report: Mapping) -> str:
    """Return the page as text; the same report gives the same text."""
    content = _sections(report)
    metric = main_metric(report)
    label = metric_label(metric)
    heading = label[:1].upper() + label[1:]
    shown = {name: text.format(metric=heading) for name, text in _HEADINGS.items() if content.get(name)}
    return (
        page_environment()
        .get_template("report.html")
        .render(
            report=report,
            metric=metric,
            headings=shown,
            verdict=agreement_verdict,
            interval=interval_of,
            **content,
        )
    )


@lru_cache(maxsize=1)
def page_environment() -> Environment:
    """Return the templates with the filters that write numbers; every text is escaped."""
    environment = Environment(
        loader=PackageLoader("codesign.report", "templates"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number_text, percent=percent_text, seconds=seconds_text, kind=kind_text)
    environment.filters.update(listed=listed, sentences=pick_sentences)
    environment.filters.update(reuse=lambda factor: MISSING if factor is None else reuse_text(factor))
    environment.filters.update(
        metric=lambda cell, name: metric_text(name, *cell), label=metric_label, error=_error_text
    )
    script = Markup(SCRIPT.text)  # nosec B704  # our own file; a policy of its hash lets no other run
    environment.globals.update(script=script, script_source=SCRIPT.source)
    return environment


def _error_text(cell: tuple[float, float], metric: str) -> str:
    """The error of a metric alone: ± 0.29 %."""
    _, sign, error = metric_text(metric, *cell).partition(PLUS_MINUS)
    return sign + error


def _sections(report: Mapping) -> dict:
    """Name -> content of every section, by what the report holds."""
    picks = pick_rows(report)
    content = dict.fromkeys(_OF_PICKS, picks)
    content["quality"] = quality_rows(picks, report) if picks else None
    content["provenance"] = any(report.get(key) for key in ("data", "versions", "project_yml", "command"))
    content |= {"seconds": step_seconds(report), "budget": budget_rows(report), "front": front_rows(report)}
    for name in ("comparison", "cpu", "roc", "working_points", "confusion", "outputs", "residuals", "resources"):
        content[name] = getattr(sections, f"{name}_section")(report)
    for name in ("inputs", "layers", "stages", "history"):
        content[name] = getattr(sections, f"{name}_section")(report)
    return content | {"front_chart": sections.front_section(report)}
