"""Two or more runs side by side: picks, metrics with their difference in units of its error, costs, settings."""

import io
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codesign._arguments import checked
from codesign._untrusted import parse_json, read_text
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import SOURCES
from codesign.report.formats.own_json import is_project_json
from codesign.report.run_settings import SettingRow, differing_settings
from codesign.report.sections.values import mapping, metric_label, metric_text, metric_value, number, picked_rows, role
from codesign.report.table_width import WIDTH

if TYPE_CHECKING:
    from rich.table import Table

_ROLES = ("smallest", "fastest", "best")
_COSTS = ("lut", "ff", "dsp", "bram_18k", "latency_cycles", "latency_ns", "initiation_interval")
_UNITS = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram_18k": "BRAM 18 kb", "latency_cycles": "latency, cycles"}
_UNITS |= {"latency_ns": "latency, ns", "initiation_interval": "initiation interval, cycles"}
_LARGEST_BYTES = 200_000_000


@dataclass(frozen=True)
class RunRow:
    """One quantity of one pick in every run; None where a run does not say.

    Args:
        role: of the pick.
        key: name of a metric, or of a cost in report.json.
        is_metric: metrics are those on the test events.
        values, errors: one per run; errors are None for costs.
        sources: who says each cost.
        ratios: of a cost, its value over the first run's.
        sigmas: of a metric, its difference to the first run in units of the error of that difference, as if the runs
            were measured on different events; on the same events, what they share cancels and the true one is larger.
    """

    role: str
    key: str
    is_metric: bool
    values: tuple[float | None, ...]
    errors: tuple[float | None, ...]
    sources: tuple[str | None, ...]
    ratios: tuple[float | None, ...]
    sigmas: tuple[float | None, ...]

    @property
    def label(self) -> str:
        """The quantity in words."""
        return metric_label(self.key) if self.is_metric else _UNITS[self.key]

    def cell(self, index: int) -> tuple[str, str]:
        """Return the number of a run as text, and what to note: source, ratio or sigmas."""
        value = self.values[index]
        if value is None:
            return "\N{EN DASH}", ""
        if self.is_metric:
            sigma = self.sigmas[index]
            return metric_text(self.key, value, self.errors[index]), "" if sigma is None else f"{sigma:+.1f} sigma"
        ratio = self.ratios[index]
        notes = [self.sources[index] or "", f"x{ratio:.3g}" if index and ratio is not None else ""]
        return f"{value:,.6g}", ", ".join(filter(None, notes))


@dataclass(frozen=True)
class RunComparison:
    """Runs side by side: `rows` of quantities by pick, and `settings` that differ."""

    reports: Mapping[str, Mapping]
    rows: tuple[RunRow, ...]
    settings: tuple[SettingRow, ...]

    @property
    def warnings(self) -> list[str]:
        """One sentence for each cost whose numbers come from sources of different kinds."""
        found = []
        for row in self.rows:
            said = {name: source for name, source in zip(self.reports, row.sources) if source}
            if len({SOURCES.get(source, source) for source in said.values()}) > 1:
                listed = ", ".join(f"{source} in {name}" for name, source in said.items())
                found.append(f"{row.role}, {row.label}: {listed}: the ratio mixes the designs with the tools")
        return found

    def as_dict(self) -> dict:
        """Return the comparison for JSON."""
        lists = {"rows": [asdict(row) for row in self.rows], "settings": [asdict(row) for row in self.settings]}
        return {"runs": list(self.reports), **lists, "warnings": self.warnings}

    def to_tables(self, *, width: int = WIDTH) -> "Iterator[Table]":
        """Yield rich tables of a few runs each: of the picks, and of the settings that differ if any do."""
        from codesign.report.run_tables import run_tables

        yield from run_tables(self, width=width)

    def to_text(self, *, width: int = WIDTH) -> str:
        """Return the tables as plain text, at most `width` characters wide."""
        from rich.console import Console

        console = Console(file=io.StringIO(), width=width, color_system=None)
        for table in self.to_tables(width=width):
            console.print(table)
        return console.file.getvalue()


def find_run(path: str) -> Path | None:
    """Return the ``report.json`` of a run: the file, or that in a run's folder or its project's; None if it is none."""
    places = [Path(path, "report.json"), Path(path, "build", "report.json")] if os.path.isdir(path) else [Path(path)]
    for place in places:
        try:
            if os.path.isfile(place) and is_project_json(read_text(place, largest_bytes=_LARGEST_BYTES)):
                return place
        except (UnreadableError, OSError):
            continue
    return None


def read_run(path: Path) -> Mapping:
    """Return the content of a ``report.json``.

    Raises:
        ReportError: if it is damaged.
    """
    try:
        content = parse_json(read_text(path, largest_bytes=_LARGEST_BYTES))
    except UnreadableError as error:
        raise ReportError(f"{path}: {error}") from None
    if not isinstance(content, Mapping):
        raise ReportError(f"{path}: expected the report.json of a run. Received: {type(content).__name__}")
    return content


@checked
def compare_runs(reports: Mapping[str, Mapping]) -> RunComparison:
    """Compare runs by name; differences and ratios are to the first.

    Args:
        reports: contents of ``report.json`` by name, at least two.

    Raises:
        ReportError: for less than two.

    Example:
        >>> from codesign.report import compare_runs
        >>> old = {"picked": [{"role": "smallest", "lut": 900, "sources": {"lut": "yosys"}}]}
        >>> new = {"picked": [{"role": "smallest", "lut": 600, "sources": {"lut": "yosys"}}]}
        >>> compare_runs({"old": old, "new": new}).rows[0].ratios[1]
        0.6666666666666666
    """
    if len(reports) < 2:
        raise ReportError(f"reports: expected at least two runs to compare. Received: {len(reports)}")
    found = [_by_role(report) for report in reports.values()]
    roles = [name for name in _ROLES if any(name in picks for picks in found)]
    roles += [name for name in dict.fromkeys(name for picks in found for name in picks) if name not in _ROLES]
    rows = tuple(row for name in roles for row in _rows(name, [picks.get(name, {}) for picks in found]))
    return RunComparison(dict(reports), rows, differing_settings(list(reports.values())))


def _by_role(report: Mapping) -> dict[str, Mapping]:
    """The picks by each of their roles."""
    return {name: pick for pick in picked_rows(report) for name in role(pick).split(" and ")}


def _rows(name: str, picks: Sequence[Mapping]) -> Iterator[RunRow]:
    named = [str(metric) for pick in picks for metric in mapping(pick, "metrics_test")]
    for metric in dict.fromkeys(["accuracy", *named]):
        values, errors = zip(*(metric_value(pick, metric, on="metrics_test") for pick in picks))
        if any(value is not None for value in values):
            nothing = (None,) * len(picks)
            sigmas = tuple(_sigma(values, errors, index) for index in range(len(picks)))
            yield RunRow(name, metric, True, values, errors, nothing, nothing, sigmas)
    for key in _COSTS:
        values = tuple(number(pick.get(key)) for pick in picks)
        if any(value is not None for value in values):
            said = "latency_cycles" if key == "latency_ns" else key
            sources = tuple(mapping(pick, "sources").get(said) for pick in picks)
            ratios = tuple(value / values[0] if value is not None and values[0] else None for value in values)
            nothing = (None,) * len(picks)
            yield RunRow(name, key, False, values, nothing, sources, ratios, nothing)


def _sigma(values: Sequence[float | None], errors: Sequence[float | None], index: int) -> float | None:
    """The difference to the first run over its error; None for the first, and where a number is missing."""
    numbers = (values[0], values[index], errors[0], errors[index])
    if not index or any(one is None for one in numbers):
        return None
    error = math.hypot(errors[0], errors[index])
    return (values[index] - values[0]) / error if error else None
