"""Rows of the table: means over seeds, errors, ratios to the dense net."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.cpu import Timing
from codesign.data.pid import CLASSES
from codesign.reproduce.pid.settings import DENSE_WEIGHTS
from codesign.reproduce.table import mean_and_error, with_error

BATCHES = (1, 10_000)
_TITLES = {
    "dense-150": "one dense net, 150 units",
    "dense": "grid search: dense, {} units",
    "binary": "6 binary nets, 150 units each",
    "ternary": "TTQ",
    "variational": "variational dropout, {} weights",
    "variational-published": "  as published, log alpha < 3 (for {})",
    "magnitude": "TFMOT magnitude, uniform, {} weights",
    "magnitude-spared": "TFMOT magnitude, output spared, {} weights",
    "gate": "exact-count gate, {} units",
    "peer": "pytorch-ard 0.2.4, KL x{}",
}
_VARIATIONAL = ("variational", "variational-published")
_ORDER = ("binary", "dense-150", "dense", "ternary", *_VARIATIONAL, "magnitude", "magnitude-spared", "gate", "peer")


def family(name: str) -> tuple[str, str]:
    """Return kind and setting of a row's name: ``variational-609`` -> (variational, 609)."""
    kind, _, setting = name.rpartition("-")
    return (name, "") if name in _TITLES else (kind, setting)


def title(name: str) -> str:
    """Return what the table calls a row."""
    kind, setting = family(name)
    return _TITLES[kind].format(setting)


def make_row(
    name: str,
    results: Sequence[Mapping],
    samples: Mapping[int, Mapping[str, Sequence[float]]],
    cpp: Mapping[int, Mapping[str, Timing]],
) -> dict:
    """Return the row of one method.

    Args:
        results: one per seed.
        samples: batch -> row -> CPU ns per event in TFLite in every round, of the first seed's networks.
        cpp: batch -> row -> times in generated C++, of the same.
    """
    row = {"method": name, "title": title(name), "seeds": len(results)}
    aucs = np.array([[*one["aucs"], np.mean(one["aucs"])] for one in results])
    for label, values in zip((*CLASSES, "mean"), aucs.T):
        row[f"auc_{label.lower()}"], row[f"auc_{label.lower()}_error"] = mean_and_error(values)
    for key in ("live_weights", "live_units", "live_inputs", "macs"):
        if all(key in one for one in results):
            row[key] = mean_and_error([one[key] for one in results])[0]
    row["weight_ratio"] = DENSE_WEIGHTS / row["live_weights"]
    row["mac_ratio"] = DENSE_WEIGHTS / row["macs"] if "macs" in row else None
    for batch in BATCHES:
        own, dense = samples[batch].get(name), samples[batch].get("dense-150")
        row[f"cpu_ns_per_event_batch_{batch}"] = float(np.median(own)) if own else None
        row[f"speed_up_batch_{batch}"] = float(np.median(np.divide(dense, own))) if own else None
        in_cpp = cpp[batch].get(name)
        row[f"cpp_cpu_ns_per_event_batch_{batch}"] = in_cpp.cpu_ns if in_cpp else None
        row[f"cpp_speed_up_batch_{batch}"] = cpp_speed_up(cpp, name, batch)
    return row


def cpp_speed_up(cpp: Mapping[int, Mapping[str, Timing]], name: str, batch: int) -> float | None:
    """Return the dense network's CPU time over a row's, both in generated C++; None if one was not timed."""
    times = cpp.get(batch, {})
    return times["dense-150"].cpu_ns / times[name].cpu_ns if {"dense-150", name} <= set(times) else None


def in_order(names: Sequence[str]) -> list[str]:
    """Return the names in the order of the table, large networks first."""

    def rank(name: str) -> tuple[int, float]:
        kind, setting = family(name)
        size = float(setting or 0)
        return _ORDER.index(kind), size if kind == "peer" else -size

    return sorted(names, key=rank)


def table_columns(rows: Sequence[Mapping]) -> dict[str, list[object]]:
    """Return the columns of the printed table."""
    columns: dict[str, list[object]] = {"method": [row["title"] for row in rows]}
    for label in (*CLASSES, "mean"):
        key = f"auc_{label.lower()}"
        columns[label] = [with_error(row[key], row[f"{key}_error"]) for row in rows]
    columns["weights"] = [_number(row["live_weights"]) for row in rows]
    columns["units"] = [_number(row["live_units"]) for row in rows]
    columns["weights /"] = [_ratio(row["weight_ratio"]) for row in rows]
    columns["MACs /"] = [_ratio(row["mac_ratio"]) for row in rows]
    for batch in BATCHES:
        columns[f"CPU x, {batch:,}"] = [_ratio(row[f"speed_up_batch_{batch}"]) for row in rows]
    for batch in BATCHES:
        columns[f"C++ x, {batch:,}"] = [_ratio(row[f"cpp_speed_up_batch_{batch}"]) for row in rows]
    return columns


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{value:.3g}"
