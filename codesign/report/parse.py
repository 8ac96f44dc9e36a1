"""Find out which tool wrote a report, by its content, and read it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from codesign._arguments import checked
from codesign._untrusted import read_text
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import DesignReport, best_report, foundation
from codesign.report.formats.known import FORMATS
from codesign.report.formats.own_json import is_project_json, parse_picks

_Reports = TypeVar("_Reports", dict[str, DesignReport], list[DesignReport])
_SUFFIXES = frozenset({".xml", ".rpt", ".json", ".ndjson"})
_Located = tuple[DesignReport, Path]
_MOST_FILES = 20_000  # of a folder: vendors' projects have some thousands
_LARGEST_BYTES = 64_000_000  # a report is small: a larger file in a project is data


@checked
def parse_report(path: str | Path) -> DesignReport:
    """Read a report, or the best report in a folder (an hls4ml project, a build folder of codesign).

    The format is recognised by content. The best report is the one nearest to the device: post-route, then logic
    synthesis, then HLS, then an estimate. Reports that lie in one folder are never merged: they may be of different
    designs. A project's ``report.json`` holds the merged numbers of each pick, with a source for each number.

    Raises:
        ReportError: for a missing, truncated or unknown file, or a folder without a report; the message is one line.

    Example:
        >>> import json
        >>> from pathlib import Path
        >>> from codesign import parse_report
        >>> used = {"BestLatency": "4", "WorstLatency": "4", "LUT": "1200", "FF": "90", "DSP": "0", "BRAM_18K": "0"}
        >>> text = json.dumps({"CSynthesisReport": {"TargetClockPeriod": "5.00", **used}})
        >>> _ = Path("report.json").write_text(text)
        >>> parse_report("report.json").lut
        1200
    """
    return locate_report(path)[0]


@checked
def locate_report(path: str | Path) -> tuple[DesignReport, Path]:
    """Return what :func:`parse_report` does, and the file that it is from.

    Raises:
        ReportError: as :func:`parse_report`.
    """
    path = Path(path)
    project = path / "report.json" if os.path.isdir(path) else path
    picks = _parse_file(project, _parse_picks) if os.path.isfile(project) else []
    if picks:
        return best_report(picks), project
    found = _find(path)
    best = best_report([report for report, _ in found.values()])
    return best, next(file for report, file in found.values() if report is best)


@checked
def find_reports(path: str | Path) -> dict[str, DesignReport]:
    """Return what a file or folder holds by label, the best first: ``{"vsynth": ..., "csynth": ...}``.

    In a folder each source appears once: among several (one per module) it is the top module, which has the most LUTs.
    A folder with a project's ``report.json`` is represented by that file. Hidden folders hold a tool's own state and
    are skipped.

    Raises:
        ReportError: as :func:`parse_report`; a truncated report in a folder raises too, it is not passed over, and so
            does a folder of more than 20,000 files.
    """
    return {label: report for label, (report, _) in _find(Path(path)).items()}


def parse_text(text: str) -> dict[str, DesignReport]:
    """Return the reports that a file's text holds by label, nothing if its format is not known.

    Raises:
        ReportError: if the format is known, and the text is truncated or damaged.
    """
    for _, is_format, parse in FORMATS:
        if is_format(text):
            found = parse(text)
            return found if isinstance(found, dict) else {found.source: found}
    return {}


def _find(path: Path) -> dict[str, _Located]:
    """Return what a file or folder holds by label, the best first, each with its file."""
    if not os.path.exists(path):
        raise ReportError(f"report: expected a file or a folder. Received: {path}, which does not exist")
    if os.path.isdir(path):
        found = _in_folder(path)
    else:
        found = _in_file(path)
        if not found:
            raise ReportError(f"{path}: not a report that is known; known: {', '.join(name for name, *_ in FORMATS)}")
    return dict(sorted(found.items(), key=lambda item: foundation(item[1][0])))


def _in_file(path: Path) -> dict[str, _Located]:
    return {label: (report, path) for label, report in _parse_file(path).items()}


def _in_folder(folder: Path) -> dict[str, _Located]:
    project = folder / "report.json"
    if os.path.isfile(project) and (found := _in_file(project)):
        return found
    best: dict[str, _Located] = {}
    for path in _candidates(folder):
        for report in _parse_file(path).values():
            if report.source not in best or _size(report) > _size(best[report.source][0]):
                best[report.source] = report, path
    if not best:
        raise ReportError(f"{folder}: no report in this folder; run the synthesis first, or name the report itself")
    return best


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield the files that may be reports, in order; links to folders, which may lead back, are not followed."""
    count = 0
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        count += len(files) + len(folders)
        if count > _MOST_FILES:
            cure = "name the folder of one design, or the report itself"
            raise ReportError(f"{folder}: more than {_MOST_FILES:,} files to search; {cure}")
        for path in (Path(where, name) for name in sorted(files) if not name.startswith(".")):
            if path.suffix in _SUFFIXES and os.path.isfile(path) and path.stat().st_size <= _LARGEST_BYTES:
                yield path


def _parse_picks(text: str) -> list[DesignReport]:
    return parse_picks(text) if is_project_json(text) else []


def _parse_file(path: Path, parse: Callable[[str], _Reports] = parse_text) -> _Reports:
    try:
        return parse(read_text(path, largest_bytes=_LARGEST_BYTES, errors="replace"))
    except UnreadableError as error:
        raise ReportError(f"{path}: cannot be read ({error})") from None
    except ReportError as error:
        raise ReportError(f"{path}: {error}") from None


def _size(report: DesignReport) -> tuple[int, int]:
    known = sum(value is not None for value in report.as_dict().values())
    return (-1 if report.lut is None else report.lut, known)
