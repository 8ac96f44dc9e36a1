"""Which clocks the HLS compiler reached, in tables of designs."""

from collections import Counter
from collections.abc import Iterable

from codesign.fpga.estimate.clock import clock_group
from codesign.fpga.estimate.fit.measured import is_calibration, number_of, try_row

_FULL_FAMILY = 3  # builds that a family counts as, at most


def fit_clocks(rows: Iterable[dict[str, str]]) -> dict[str, list[list[float]]]:
    """Return, for each kind of build, [target in ns, reported in ns, weight, how many]; what was reached is its target.

    Args:
        rows: of tables of designs, with columns clock_target_ns and clock_est_ns.
    """
    counts: dict[str, Counter] = {}
    for cells in filter(is_calibration, rows):
        target, reported = (number_of(cells.get(f"clock_{which}_ns", "")) for which in ("target", "est"))
        row = try_row(cells, "shape")
        if row is not None and target and reported and target > 0 and reported > 0:
            found = counts.setdefault(clock_group(row.toolchain), Counter())
            found[row.family, target, max(target, round(reported, 2))] += 1
    return {group: _weighted(found) for group, found in sorted(counts.items())}


def _weighted(found: Counter) -> list[list[float]]:
    builds, sizes = {}, Counter()
    for (family, _, _), count in found.items():
        sizes[family] += count
    for (family, target, reported), count in found.items():
        weight, number = builds.get((target, reported), (0.0, 0))
        share = count * min(1.0, _FULL_FAMILY / sizes[family])
        builds[target, reported] = weight + share, number + count
    return [[*build, round(weight, 3), number] for build, (weight, number) in sorted(builds.items())]
