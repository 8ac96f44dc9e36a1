"""Quality and cost side by side: float model, teacher, QKeras network, picks; and the CPU beside the FPGA."""

from collections.abc import Mapping

from codesign.report.sections.values import mapping, metric_text, metric_value, number, picked_rows, role, rows

_COSTS, _MORE_COSTS = ("lut", "latency_ns"), ("ff", "dsp", "bram_18k")  # before and behind the metrics
_RUNTIMES = {
    "litert": "TFLite float",
    "litert-int8": "TFLite int8",
    "cpp": "C++ float",
    "cpp-integer": "C++ integers",
}


def comparison_section(report: Mapping) -> dict | None:
    """Return metrics and one row per model; None without references, as the picks have a table of their own."""
    references, picked = rows(report, "references"), picked_rows(report)
    if not references:
        return None
    metrics = _metrics([*references, *picked])
    lines = [_row(row, str(row.get("name") or row.get("kind") or "reference"), metrics, report) for row in references]
    lines += [{**_row(row, role(row), metrics, report), "picked": True} for row in picked]
    notes = [f"{row.get('name')}: {row['note']}" for row in references if row.get("note")]
    return {"metrics": metrics, "rows": lines, "notes": notes}


def cpu_section(report: Mapping) -> dict | None:
    """Return runtimes with their batches and one row per model; None if nothing was timed."""
    models = [(role(row), row, True) for row in picked_rows(report)]
    models += [(str(row.get("name") or row.get("kind")), row, False) for row in rows(report, "references")]
    timed = [(runtime, batch) for _, row, _ in models for runtime, batch in _times(row)]
    if not timed:
        return None
    order = list(_RUNTIMES)
    columns = sorted(set(timed), key=lambda one: (order.index(one[0]) if one[0] in order else len(order), *one))
    runtimes = {name: [batch for one, batch in columns if one == name] for name in dict.fromkeys(n for n, _ in columns)}
    lines = [
        {"name": name, "picked": is_pick, **_fpga(row, report), "times": [_times(row).get(one) for one in columns]}
        for name, row, is_pick in models
        if _times(row)
    ]
    heads = [(_RUNTIMES.get(name, name), batches) for name, batches in runtimes.items()]
    return {"runtimes": heads, "rows": lines, "processor": report.get("processor")}


def _metrics(models: list[Mapping]) -> list[str]:
    """Names of all metrics on test events, the accuracy first where there is one."""
    named = [str(name) for row in models for name in mapping(row, "metrics_test")]
    has_accuracy = any(metric_value(row, "accuracy", on="metrics_test")[0] is not None for row in models)
    return list(dict.fromkeys(["accuracy"] * has_accuracy + named))


def _row(row: Mapping, name: str, metrics: list[str], report: Mapping) -> dict:
    quality = [metric_text(metric, *metric_value(row, metric, on="metrics_test")) for metric in metrics]
    costs, more = ([_cost(row, key) for key in keys] for keys in (_COSTS, _MORE_COSTS))
    rate = _fpga(row, report)["events_per_second"]
    return {"name": name, "quality": quality, "costs": costs, "more": more, "rate": rate, "picked": False}


def _cost(row: Mapping, key: str) -> tuple[float | None, object]:
    said = "latency_cycles" if key == "latency_ns" else key
    return number(row.get(key)), mapping(row, "sources").get(said)


def _fpga(row: Mapping, report: Mapping) -> dict:
    """Latency, time between events and events per second of a design, at the clock that its latency is at."""
    interval = number(row.get("initiation_interval"))
    reached = row.get("latency_clock") == "reached"
    clock = number(row.get("clock_estimated_ns")) if reached else None
    clock = clock or number(row.get("clock_target_ns")) or number(report.get("clock_period_ns"))
    between = interval * clock if interval and clock else None
    return {
        "latency": _cost(row, "latency_ns"),
        "between_ns": between,
        "events_per_second": 1e9 / between if between else None,
    }


def _times(row: Mapping) -> dict[tuple[str, int], float]:
    """Time per event, ns, by runtime and events per call."""
    found = {}
    for one in rows(row, "cpu"):
        value, batch = number(one.get("ns_per_event")), number(one.get("batch"))
        if value is not None and batch is not None:
            found[str(one.get("runtime")), int(batch)] = value
    return found
