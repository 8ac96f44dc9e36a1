"""Fit of what makes synthesis fail: three numbers for Vivado HLS, counts for all that never fails by its size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from codesign.fpga.estimate.failure import any_fails, is_unrolled
from codesign.fpga.estimate.fit.measured import try_row, was_built
from codesign.fpga.estimate.truth_rows import TruthRow

# log(steepness), log2(limit), logit(background); Vivado HLS's limit on an array cut into registers is 4,096
_START = (np.log(8.0), 12.0, -3.5)
_BOUNDS = ((-1.0, 4.0), (6.0, 24.0), (-8.0, 0.0))
_CURRENT = ("latency", "resource")
_STEEPNESS_PENALTY = 0.05  # on its square: rows that are parted by size alone would make it infinite


@dataclass(frozen=True)
class Build:
    """One attempt.

    Args:
        row: what was to be built.
        sizes: multiplications of each unrolled layer.
        failed: whether it ended without a design.
    """

    row: TruthRow
    sizes: tuple[int, ...]
    failed: bool


def read_builds(rows: Iterable[dict[str, str]]) -> list[Build]:
    """Return every whole dense design that was tried."""
    builds = []
    for cells in rows:
        row = try_row(cells, "weights")
        if row is None or cells.get("level", "design") != "design" or cells.get("scope", "dense") != "dense":
            continue
        unrolled = (
            layer.n_weights for layer, factor in zip(row.layers, row.reuse_factors) if is_unrolled(row.strategy, factor)
        )
        builds.append(Build(row, tuple(unrolled), not was_built(cells)))
    return builds


def fit_failures(builds: Sequence[Build]) -> dict[str, dict[str, float]]:
    """Return what :func:`codesign.fpga.estimate.failure.failure_probability` reads."""
    unrolled = [build for build in builds if build.sizes]
    folded = [build for build in builds if not build.sizes]
    vivado = [build for build in builds if not build.row.toolchain.is_vitis and build.row.strategy in _CURRENT]
    vitis = [build for build in unrolled if build.row.toolchain.is_vitis]
    return {
        "vivado_hls": _fit_limit(vivado),
        "vitis_hls": {
            "background": _rate(vitis),
            "largest_built": max((max(build.sizes) for build in vitis if not build.failed), default=0),
        },
        "folded": {
            strategy: _rate([build for build in folded if build.row.strategy == strategy])
            for strategy in sorted({build.row.strategy for build in folded})
        },
    }


def _rate(builds: Sequence[Build]) -> float:
    """Laplace's rule of succession: the share of failures, were there one more of each kind."""
    return round((sum(build.failed for build in builds) + 1) / (len(builds) + 2), 4)


def _fit_limit(builds: Sequence[Build]) -> dict[str, float]:
    """Maximum likelihood; equal builds are counted together. Those without unrolled layers tell of the background."""
    counts: dict[tuple[tuple[int, ...], bool], int] = {}
    for build in builds:
        counts[build.sizes, build.failed] = counts.get((build.sizes, build.failed), 0) + 1

    def cost(parameters: np.ndarray) -> float:
        steepness, limit, background = _numbers(parameters)
        total = _STEEPNESS_PENALTY * steepness**2
        for (sizes, failed), count in counts.items():
            chance = any_fails(sizes, limit, steepness, background)
            total -= count * np.log(max(chance if failed else 1 - chance, 1e-12))
        return float(total)

    found = minimize(
        cost, _START, method="Nelder-Mead", bounds=_BOUNDS, options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 2000}
    ).x
    steepness, limit, background = _numbers(found)
    return {"limit": round(limit), "steepness": round(steepness, 3), "background": round(background, 4)}


def _numbers(parameters: np.ndarray) -> tuple[float, float, float]:
    steepness, limit, odds = float(np.exp(parameters[0])), 2.0 ** float(parameters[1]), np.exp(parameters[2])
    return steepness, limit, float(odds / (1 + odds))
