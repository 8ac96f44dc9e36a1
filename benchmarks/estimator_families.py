"""Errors of predictions by family, all families weighted alike."""

from collections.abc import Collection, Mapping, Sequence
from statistics import mean, median

from result import goal

from codesign.fpga.estimate.fit.measured import measured_figures, try_row
from codesign.fpga.estimate.statistics import KNOWN

Figures = tuple[Mapping[str, float], Mapping[str, tuple[float, float]]]  # values and 90 % intervals, by figure
FLOORS = {"lut": 100, "ff": 100, "dsp": 10, "bram_18k": 4, "latency_cycles": 1, "initiation_interval": 1}
PACKAGE, REFITTED = "package, {} known", "refitted, {} known"  # methods, by where the constants are from
ALL, CURRENT = "all families alike", "families of current kernels alike"
WEIGHED = "families of current kernels alike, designs whose weights the table knows"
_OLD_KERNELS = "resource_2019"
_LEAST_DESIGNS = 3  # of a family that counts
_SCHEDULE = ("latency_cycles", "initiation_interval")


def evaluate(method: str, rows: Sequence[dict[str, str]], found: Mapping[str, Figures]) -> list[dict]:
    """Return one entry per stage, figure and family, and for families alike: all, those of current kernels, and of
    these the designs whose weights the table knows.

    The latency and the interval are the HLS compiler's; beside figures of logic synthesis they count again, of the
    designs that have those. What is not answered has an error of 100 %.
    """
    old = {cells.get("family", "") for cells in rows if cells.get("strategy") == _OLD_KERNELS}
    current = [cells for cells in rows if cells.get("family", "") not in old]
    groups = {ALL: rows, CURRENT: current, WEIGHED: [cells for cells in current if _has_weights(cells)]}
    entries = []
    for stage in ("csynth", "vsynth"):
        for number in FLOORS:
            summaries = {name: _summaries(group, found, stage, number) for name, group in groups.items()}
            overall = [_overall(name, of) for name, of in summaries.items() if of]
            entries.extend(
                {"method": method, "stage": stage, "number": number, **one} for one in [*summaries[ALL], *overall]
            )
    return entries


def _has_weights(cells: dict[str, str]) -> bool:
    row = try_row(cells, KNOWN[0])
    return row is not None and row.known == KNOWN[0]


def _summaries(
    rows: Sequence[dict[str, str]], found: Mapping[str, Figures], stage: str, number: str
) -> list[dict[str, float | str]]:
    families: dict[str, list[dict[str, float]]] = {}
    for cells in rows:
        scores = _scores(cells, found.get(cells["id"]), stage, number)
        if scores:
            families.setdefault(cells.get("family", ""), []).append(scores)
    return [_summary(family, scores) for family, scores in sorted(families.items())]


def _scores(cells: dict[str, str], found: Figures | None, stage: str, number: str) -> dict[str, float] | None:
    """Return the error of one design, whether it lies within its interval, and how wide that is."""
    measured = measured_figures(cells)
    figure = number if number in _SCHEDULE or stage == "vsynth" else f"csynth_{number}"
    if figure not in measured or ("lut" if stage == "vsynth" else "csynth_lut") not in measured:
        return None
    truth, (values, intervals) = measured[figure], found or ({}, {})
    if figure not in values:
        return {"error": 100.0}
    scores = {"error": 100 * abs(values[figure] - truth) / max(truth, FLOORS[number])}
    if figure in intervals:
        low, high = intervals[figure]
        scores.update(inside=float(low <= truth <= high), width=(high + 1) / (low + 1))
    return scores


def _summary(family: str, scores: Sequence[Mapping[str, float]]) -> dict:
    found = {"family": family, "designs": len(scores), "median_error_percent": median(one["error"] for one in scores)}
    inside, widths = ([one[name] for one in scores if name in one] for name in ("inside", "width"))
    if inside:
        found.update(covered_percent=100 * mean(inside), median_high_over_low=median(widths))
    return _rounded(found)


def _overall(name: str, summaries: Sequence[Mapping]) -> dict:
    large = [one for one in summaries if one["designs"] >= _LEAST_DESIGNS] or summaries
    columns = ("median_error_percent", "covered_percent", "median_high_over_low")
    known = {column: [one[column] for one in large if column in one] for column in columns}
    means = {column: mean(values) for column, values in known.items() if values}
    worst = max(one["median_error_percent"] for one in large)
    return _rounded(
        {"family": name, "designs": sum(one["designs"] for one in large), **means, "worst_family_error_percent": worst}
    )


def _rounded(entry: dict) -> dict:
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in entry.items()}


GOALS = {  # by what is known: stage, number -> percent, families alike
    "weights": {
        ("csynth", "lut"): 18, ("csynth", "ff"): 40, ("csynth", "dsp"): 5, ("csynth", "bram_18k"): 20,
        ("csynth", "latency_cycles"): 12, ("csynth", "initiation_interval"): 0, ("vsynth", "lut"): 22,
        ("vsynth", "ff"): 28, ("vsynth", "dsp"): 0, ("vsynth", "latency_cycles"): 3,
    },
    "sparsity": {("csynth", "lut"): 28, ("csynth", "ff"): 55, ("csynth", "dsp"): 20},
}  # fmt: skip
_WORST_LUT = 35


def goals_of(results: Sequence[Mapping]) -> list[dict]:
    """Return each goal with what was measured: median errors, the worst family's LUTs, coverage of the intervals.

    Errors are judged on the designs whose weights the table knows, of which more or less is used, and on every row,
    whatever the table knows of it; coverage is that of every row.
    """
    found = []
    for method in (PACKAGE, REFITTED):
        for known in GOALS:
            name = method.format(known)
            for family, title in ((WEIGHED, name), (CURRENT, f"every row, {name}")):
                entries = {
                    (one["stage"], one["number"]): one
                    for one in results
                    if one["method"] == name and one["family"] == family
                }
                found.extend(_error_goals(title, known, entries))
            found.extend(_coverage_goals(name, entries.values()))
    return found


def _error_goals(title: str, known: str, entries: Mapping[tuple[str, str], Mapping]) -> list[dict]:
    found = [
        goal(f"{title}: {' '.join(key)}: median error in percent", entries[key]["median_error_percent"], "<=", target)
        for key, target in GOALS[known].items()
        if key in entries
    ]
    if known == KNOWN[0] and ("csynth", "lut") in entries:
        worst = entries["csynth", "lut"]["worst_family_error_percent"]
        found.append(goal(f"{title}: csynth lut: worst family", worst, "<=", _WORST_LUT))
    return found


def _coverage_goals(name: str, entries: Collection[Mapping]) -> list[dict]:
    shares = [entry["covered_percent"] for entry in entries if "covered_percent" in entry]
    if not shares:
        return []
    title = f"{name}: designs within 90 % intervals, percent, mean of all numbers"
    return [goal(title, round(mean(shares), 2), sign, end) for sign, end in ((">=", 85), ("<=", 95))]


def print_table(results: Sequence[Mapping]) -> None:
    """Print families alike, one line for each method, stage and number."""
    names = ("median_error_percent", "worst_family_error_percent", "covered_percent", "median_high_over_low")
    for family in (ALL, CURRENT, WEIGHED):
        print(f"\n{family}\n{'method':<34}{'stage':<8}{'number':<21}{'designs':>8}", end="")
        print("".join(f"{title:>10}" for title in ("error %", "worst %", "within %", "hi/lo")))
        for one in results:
            if one.get("family") == family:
                cells = "".join(f"{'-' if one.get(name) is None else format(one[name], '.2f'):>10}" for name in names)
                print(f"{one['method']:<34}{one['stage']:<8}{one['number']:<21}{one['designs']:>8}{cells}")
