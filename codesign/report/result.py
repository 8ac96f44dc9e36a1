"""The JSON of every reproduction and benchmark: rows as measured, goals with their values, unmet ones too."""

import json
import operator
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from os import PathLike

from codesign._files import replace_file
from codesign._version import __version__

QUICK_NOTE = "a quick run: its numbers measure nothing, so no goals stand beside them"
_COMPARISONS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}
_KERAS_PACKAGES = ("tensorflow", "tf-keras", "qkeras", "tensorflow-model-optimization")
_PACKAGES = (*_KERAS_PACKAGES, "hls4ml", "da4ml", "ai-edge-litert", "scikit-learn", "numpy")


def goal(name: str, value: float | None, comparison: str, target: float) -> dict:
    """Return one goal with its verdict; a value of None was not measured, and is not met."""
    met = value is not None and bool(_COMPARISONS[comparison](value, target))
    return {"name": name, "value": value, "target": target, "comparison": comparison, "met": met}


def goal_line(entry: dict) -> str:
    """Return a goal as one line of text."""
    measured = "not measured" if entry["value"] is None else f"{entry['value']:.6g}"
    return (
        f"goal: {entry['name']}: {measured} ({entry['comparison']} {entry['target']:g}) "
        f"{'met' if entry['met'] else 'NOT MET'}"
    )


def versions() -> dict[str, str]:
    """Return the versions of Python, codesign and the packages that are installed."""
    found = {"python": platform.python_version(), "codesign": __version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write_json(
    path: str | PathLike,
    task: str,
    data_kind: str,
    rows: Sequence[dict],
    goals: Sequence[dict],
    *,
    seeds: Sequence[int],
    **more: object,
) -> None:
    """Write the JSON of a run.

    Args:
        path: of the file; ``-`` prints.
        task: name of the reproduction or benchmark.
        data_kind: REAL, GENERATED, STAND-IN or not stated.
        rows: one dict per method: ``method``, and numbers with units in their names.
        goals: from :func:`goal`.
        more: further top-level entries, such as the settings; of a ``quick`` run a note says that it measures nothing.

    Raises:
        DataError: if the path cannot be written.
    """
    content = {"task": task, "data_kind": data_kind, "seeds": list(seeds), "versions": versions()}
    content |= {"rows": list(rows), "goals": list(goals), **more}
    if more.get("quick"):
        content["note"] = QUICK_NOTE
    text = json.dumps(content, indent=1) + "\n"
    if path == "-":
        print(text, end="")
        return
    replace_file(path, text.encode(), "the JSON", argument="json")


def write_result(
    task: str, data_kind: str, rows: list[dict], goals: list[dict], *, path: str | None, seeds: list[int]
) -> None:
    """Print the rows and goals as lines, and write them as JSON if a path is given.

    ``-`` prints it, the lines to standard error.
    """
    lines = sys.stderr if path == "-" else sys.stdout
    for row in rows:
        words = (f"{key} {value:.6g}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items())
        print("  ".join(words), file=lines)
    for entry in goals:
        print(goal_line(entry), file=lines)
    if path:
        write_json(path, task, data_kind, rows, goals, seeds=seeds)
