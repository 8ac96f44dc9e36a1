"""Rows of the table: means over seeds, errors, ratios to the dense net."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from codesign.cpu import Timing
from codesign.data.pid import CLASSES
from codesign.reproduce.columns import mean_and_error
from codesign.reproduce.pid.settings import DENSE_WEIGHTS
from codesign.reproduce.study import Results

BATCHES = (1, 10_000)
TIMES = "times"
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


def by_row(results: Results) -> dict[str, dict[int, Mapping]]:
    """Return row -> seed -> result: a training may give several rows, the times give none."""
    found: dict[str, dict[int, Mapping]] = {}
    for method, by_seed in results.items():
        for seed, rows in by_seed.items() if method != TIMES else ():
            for name, result in rows.items():
                found.setdefault(name, {})[seed] = result
    return found


def make_rows(results: Results, times: Mapping[str, Mapping[str, float | None]]) -> list[dict]:
    """Return the rows, large networks first.

    Args:
        results: row -> seed -> result.
        times: row -> times, see :func:`times_of`.
    """
    not_timed = times_of("", {}, {})
    return [
        {**_make_row(name, list(results[name].values())), **times.get(name, not_timed)} for name in in_order(results)
    ]


def _make_row(name: str, results: Sequence[Mapping]) -> dict:
    row = {"method": name, "title": title(name), "seeds": len(results)}
    aucs = np.array([[*one["aucs"], np.mean(one["aucs"])] for one in results])
    for label, values in zip((*CLASSES, "mean"), aucs.T):
        row[f"auc_{label.lower()}"], row[f"auc_{label.lower()}_error"] = mean_and_error(values)
    for key in ("live_weights", "live_units", "live_inputs", "macs"):
        if all(key in one for one in results):
            row[key] = mean_and_error([one[key] for one in results])[0]
    row["weight_ratio"] = DENSE_WEIGHTS / row["live_weights"]
    row["mac_ratio"] = DENSE_WEIGHTS / row["macs"] if "macs" in row else None
    return row


def times_of(
    name: str, samples: Mapping[int, Mapping[str, Sequence[float]]], cpp: Mapping[int, Mapping[str, Timing]]
) -> dict[str, float | None]:
    """Return the times of one row, and the dense network's over them; None for what was not timed.

    Args:
        name: of the row.
        samples: batch -> row -> CPU ns per event in TFLite in every round, of the first seed's networks.
        cpp: batch -> row -> times in generated C++, of the same.
    """
    found = {}
    for batch in BATCHES:
        own, dense = (samples.get(batch, {}).get(row) for row in (name, "dense-150"))
        found[f"cpu_ns_per_event_batch_{batch}"] = float(np.median(own)) if own else None
        found[f"speed_up_batch_{batch}"] = float(np.median(np.divide(dense, own))) if own else None
        own, dense = (cpp.get(batch, {}).get(row) for row in (name, "dense-150"))
        found[f"cpp_cpu_ns_per_event_batch_{batch}"] = own.cpu_ns if own else None
        found[f"cpp_speed_up_batch_{batch}"] = dense.cpu_ns / own.cpu_ns if own and dense else None
    return found


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names in the order of the table, large networks first."""

    def rank(name: str) -> tuple[int, float]:
        kind, setting = family(name)
        size = float(setting or 0)
        return _ORDER.index(kind), size if kind == "peer" else -size

    return sorted(names, key=rank)
