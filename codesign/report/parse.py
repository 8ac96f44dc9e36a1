"""Find out which tool wrote a report, by its content, and read it."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from codesign._arguments import checked
from codesign._untrusted import read_text
from codesign.errors import ReportError, UnreadableError
from codesign.fpga.design.report import DesignReport, best_report, foundation, merge_reports
from codesign.report.formats.known import FORMATS
from codesign.report.formats.own_json import is_project_json, parse_picks
from codesign.report.incomplete import what_is_missing

_Reports = TypeVar("_Reports", dict[str, DesignReport], list[DesignReport])
_OF_HLS4ML = ("hls4ml_config.yml", "project.tcl")
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
def locate_report(path: str | Path, *, damaged: list[ReportError] | None = None) -> tuple[DesignReport, Path]:
    """Return what :func:`parse_report` does, and the file that it is from.

    Args:
        path: of a report or a folder.
        damaged: takes the errors of a folder's reports, beside which others can be read; None: the first is raised.

    Raises:
        ReportError: as :func:`parse_report`.
    """
    path, is_folder = Path(path), os.path.isdir(path)
    project = path / "report.json" if is_folder else path
    try:
        picks = _parse_file(project, _parse_picks) if os.path.isfile(project) else []
    except ReportError:
        if not is_folder or damaged is None:
            raise
        picks = []  # the same error comes again below
    if picks:
        return best_report(picks), project
    found = _find(path, damaged)
    best = best_report([report for report, _ in found.values()])
    return best, next(file for report, file in found.values() if report is best)


def locate_design(path: str | Path, *, damaged: list[ReportError] | None = None) -> tuple[DesignReport, list[Path]]:
    """Return what :func:`locate_report` does, but of an hls4ml project all that its reports say of it, and the files.

    All reports in the folder of a project are of one design: each number is from the best-founded one that has it.

    Args:
        path, damaged: as of :func:`locate_report`.

    Raises:
        ReportError: as :func:`parse_report`.
    """
    if not is_hls4ml_project(path):
        report, file = locate_report(path, damaged=damaged)
        return report, [file]
    found = _find(Path(path), damaged).values()
    return merge_reports(report for report, _ in found), [file for _, file in found]


def is_hls4ml_project(path: str | Path) -> bool:
    """Whether a path is a folder that hls4ml wrote, and no project of codesign."""
    path = Path(path)
    return any((path / name).is_file() for name in _OF_HLS4ML) and not (path / "report.json").is_file()


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


def is_report(path: str | Path) -> bool:
    """Whether a file is a report, or runs' picks, that a folder stands for, damaged ones too."""
    path = Path(path)
    if path.suffix not in _SUFFIXES or path.stat().st_size > _LARGEST_BYTES:
        return False
    try:
        return bool(_parse_file(path)) or bool(_parse_file(path, _parse_picks))
    except ReportError:
        return True


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


def _find(path: Path, damaged: list[ReportError] | None = None) -> dict[str, _Located]:
    """Return what a file or folder holds by label, the best first, each with its file."""
    if not os.path.exists(path):
        raise ReportError(f"report: expected a file or a folder. Received: {path}, which does not exist")
    if os.path.isdir(path):
        found = _in_folder(path, damaged)
    else:
        found = _in_file(path)
        if not found:
            missing = what_is_missing(_text(path))
            known = f"not a report that is known; known: {', '.join(name for name, *_ in FORMATS)}"
            raise ReportError(f"{path}: {f'{missing}; expected a whole report' if missing else known}")
    return dict(sorted(found.items(), key=lambda item: foundation(item[1][0])))


def _in_file(path: Path) -> dict[str, _Located]:
    return {label: (report, path) for label, report in _parse_file(path).items()}


def _in_folder(folder: Path, damaged: list[ReportError] | None) -> dict[str, _Located]:
    project, errors = folder / "report.json", []
    if os.path.isfile(project) and (found := dict(_readable([project], errors))):
        return {label: (report, project) for label, report in found[project].items()}
    best: dict[tuple[str, bool], _Located] = {}
    errors.clear()  # project is one of those that follow
    for path, found in _readable(_candidates(folder), errors):
        for report in found.values():
            kind = report.source, report.lut is not None
            if kind not in best or _size(report) > _size(best[kind][0]):
                best[kind] = report, path
    if errors and (damaged is None or not best):
        raise errors[0]
    if not best:
        raise ReportError(_nothing_in(folder))
    if damaged is not None:
        damaged += errors
    counted = {source for source, has_counts in best if has_counts}
    return {
        source if has_counts or source not in counted else f"{source}, the clock": located
        for (source, has_counts), located in best.items()
    }


def _readable(paths: Iterable[Path], errors: list[ReportError]) -> Iterator[tuple[Path, dict[str, DesignReport]]]:
    """Yield the files that are reports, with what they hold, and keep the errors of the others."""
    for path in paths:
        try:
            found = _parse_file(path)
        except ReportError as error:
            errors.append(error)
            continue
        if found:
            yield path, found


def _nothing_in(folder: Path) -> str:
    if is_hls4ml_project(folder):
        return (
            f"{folder}: no report in this hls4ml project: it was not built; run its synthesis (hls4ml build, or "
            "build_prj.tcl), or codesign estimate for what it may cost"
        )
    return f"{folder}: no report in this folder; run the synthesis first, or name the report itself"


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
        return parse(_text(path))
    except UnreadableError as error:
        raise ReportError(f"{path}: cannot be read ({error})") from None
    except ReportError as error:
        raise ReportError(f"{path}: {error}") from None


def _text(path: Path) -> str:
    return read_text(path, largest_bytes=_LARGEST_BYTES, errors="replace")


def _size(report: DesignReport) -> tuple[int, int]:
    known = sum(value is not None for value in report.as_dict().values())
    return (-1 if report.lut is None else report.lut, known)
