"""Settings of runs that differ: budget, data, hardware, versions, and every key of the project files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codesign._untrusted import parse_yaml
from codesign.errors import UnreadableError

_KEYS = ("part", "backend", "clock_period_ns", "seed", "metric", "processor", "designs")
_GROUPS = ("budget", "data", "versions")
_MISSING = "\N{EN DASH}"
_LONGEST = 60
_MOST_VALUES = 10_000


@dataclass(frozen=True)
class SettingRow:
    """One setting: its name, and its value in every run as text."""

    name: str
    values: tuple[str, ...]


def differing_settings(reports: Sequence[Mapping]) -> tuple[SettingRow, ...]:
    """Return the settings that are not the same in all runs, in the order in which they stand in the files."""
    found = [dict(_settings(report)) for report in reports]
    names = dict.fromkeys(name for settings in found for name in settings)
    rows = [SettingRow(name, tuple(settings.get(name, _MISSING) for settings in found)) for name in names]
    return tuple(row for row in rows if len(set(row.values)) > 1)


def _settings(report: Mapping) -> Iterator[tuple[str, str]]:
    for key in _KEYS:
        if report.get(key) is not None:
            yield key, _text(report[key])
    for key in _GROUPS:
        yield from _flat(key, report.get(key), [_MOST_VALUES])
    yield from _project_file(report.get("project_yml"))


def _project_file(text: object) -> Iterator[tuple[str, str]]:
    """Every key of the project file; of one that is none, its lines."""
    if not isinstance(text, str):
        return
    try:
        content = parse_yaml(text)
    except UnreadableError:
        content = dict(enumerate(text.splitlines(), start=1))
    for key, value in _flat("project.yml", content, [_MOST_VALUES]):
        if not key.startswith("project.yml: budget"):  # stands among the budget already
            yield key, value


def _flat(name: str, value: object, left: list[int]) -> Iterator[tuple[str, str]]:
    """Names with dots, and texts; no more values than are `left`."""
    left[0] -= 1
    if left[0] < 0:
        return
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _flat(f"{name}{'.' if ':' in name else ': '}{key}", child, left)
    elif value is not None:
        yield name, _text(value)


def _text(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
