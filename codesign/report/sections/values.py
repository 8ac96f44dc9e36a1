"""Values of a report.json, whatever it holds: numbers that are numbers, measured ones with errors, true rows."""

import math
from collections.abc import Mapping

from codesign.errors import ConfigError
from codesign.metrics import DEFAULT_METRIC, find_metric
from codesign.report.formats.own_json import pick_sources

_SHARES = ("accuracy", "signal_efficiency")
_MISSING = "\N{EN DASH}"
PLUS_MINUS = "\N{PLUS-MINUS SIGN}"


def number(value: object) -> float | None:
    """Return a finite number, or None for whatever else it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def numbers(values: object) -> list[float]:
    """Return the list as numbers, NaN for what is none; the script and the axes leave those out."""
    found = [number(value) for value in values] if isinstance(values, (list, tuple)) else []
    return [math.nan if value is None else value for value in found]


def measured(value: object) -> tuple[float | None, float | None]:
    """Return (value, error) of a measured number: ``{"value": 0.82, "error": 0.01}``, or a plain one."""
    if isinstance(value, Mapping):
        return number(value.get("value")), number(value.get("error"))
    return number(value), None


def rows(owner: object, key: str) -> list[Mapping]:
    """Return the rows under a key: those that are mappings."""
    found = owner.get(key) if isinstance(owner, Mapping) else None
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, (list, tuple)) else []


def listed(value: object) -> list:
    """Return what is in a list, nothing of whatever else it is."""
    return list(value) if isinstance(value, (list, tuple)) else []


def mapping(owner: object, key: str) -> Mapping:
    """Return the mapping under a key, an empty one if there is none."""
    found = owner.get(key) if isinstance(owner, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def role(pick: Mapping) -> str:
    """Return the name of a pick."""
    return str(pick.get("role") or "pick")


def picked_rows(report: Mapping) -> list[dict]:
    """Return the picks, each with the `sources` of its numbers, as the file or its reports name them."""
    found = []
    for pick in rows(report, "picked"):
        own = {**pick, "reports": [one for one in rows(pick, "reports") if one.get("source")]}
        sources = {name: source for name, source in pick_sources(own).items() if isinstance(source, str)}
        found.append({**own, "sources": sources})
    return found


def distinct(report: Mapping, key: str) -> list[tuple[str, object]]:
    """Return (roles, block) of every different block that picks have under a key; equal ones stand once."""
    found: list[tuple[str, object]] = []
    for pick in rows(report, "picked"):
        same = next((index for index, one in enumerate(found) if one[1] == pick.get(key)), None)
        if same is not None:
            found[same] = (f"{found[same][0]} and {role(pick)}", found[same][1])
        elif pick.get(key):
            found.append((role(pick), pick[key]))
    return found


def main_metric(report: Mapping) -> str:
    """Return the metric that the designs of a report are compared by."""
    data = mapping(report, "data")
    task = "regression" if data.get("targets") and not data.get("classes") else "classification"
    return str(report.get("metric") or DEFAULT_METRIC[task])


def metric_label(metric: str) -> str:
    """Return a metric in words: ``signal efficiency of t at 0.001 background``."""
    name, _, level = metric.partition("@")
    word, _, part = name.partition("[")
    words = {"auc": "AUC", "rmse": "RMSE"}.get(word, word.replace("_", " "))
    words += f" of {part.removesuffix(']')}" if part else ""
    return words + (
        f" at {level} background" if level and word == "signal_efficiency" else f" at {level}" if level else ""
    )


def metric_value(row: Mapping, metric: str, *, on: str = "metrics") -> tuple[float | None, float | None]:
    """Return a row's (value, error) of a metric, on the events ``metrics`` (held out) or ``metrics_test``.

    The accuracy may stand under keys of its own: ``accuracy`` of a swept design is on the events held out, that of a
    pick on the test events.
    """
    value, error = measured(mapping(row, on).get(metric))
    if value is not None or metric != "accuracy":
        return value, error
    held_out = on == "metrics" and number(row.get("accuracy_held_out")) is not None
    key = "accuracy_held_out" if held_out else "accuracy"
    return number(row.get(key)), number(row.get(f"{key}_error"))


def higher_is_better(metric: str) -> bool:
    """Whether a metric is to be high; of a name that nobody knows, yes."""
    try:
        return find_metric(metric).higher_is_better
    except ConfigError:
        return True


def is_share(metric: str) -> bool:
    """Whether a metric is written in percent."""
    return metric.removeprefix("min_").removeprefix("max_").partition("[")[0].partition("@")[0] in _SHARES


def metric_text(metric: str, value: object, error: object = None) -> str:
    """Return a metric for people: 66.78 ± 0.27 %, 0.9312 ± 0.0011, 4.31; a dash for what is not known."""
    value, error = number(value), number(error)
    if value is None:
        return _MISSING
    if is_share(metric):
        return f"{100 * value:.2f}" + (f" {PLUS_MINUS} {100 * error:.2f} %" if error is not None else " %")
    if not error or error <= 0:
        return f"{value:.4f}" if abs(value) < 1 else f"{value:,.4g}"
    digits = max(0, min(8, 1 - math.floor(math.log10(error))))
    return f"{value:,.{digits}f} {PLUS_MINUS} {error:,.{digits}f}"
