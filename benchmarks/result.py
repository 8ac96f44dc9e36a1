"""The JSON that every benchmark writes: rows as measured, goals with their measured values, unmet ones included."""

import json
import operator
import platform
from importlib.metadata import version
from pathlib import Path

_COMPARISONS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}
_PACKAGES = ("codesign", "tensorflow", "hls4ml", "da4ml", "numpy")


def goal(name: str, value: float, comparison: str, target: float) -> dict:
    """Return one goal with its verdict."""
    return {"name": name, "value": value, "target": target, "comparison": comparison, "met": bool(_COMPARISONS[comparison](value, target))}


def write_result(task: str, data_kind: str, rows: list[dict], goals: list[dict], *, path: str | None, seeds: list[int]) -> None:
    """Print the rows and goals, and write them as JSON if a path is given."""
    for row in rows:
        print("  ".join(f"{key} {value:.6g}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()))
    for entry in goals:
        verdict = "met" if entry["met"] else "NOT MET"
        print(f"goal: {entry['name']}: {entry['value']:.6g} ({entry['comparison']} {entry['target']:g}) {verdict}")
    if path:
        versions = {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}}
        content = {"task": task, "data_kind": data_kind, "seeds": seeds, "versions": versions, "rows": rows, "goals": goals}
        Path(path).write_text(json.dumps(content, indent=1) + "\n")
