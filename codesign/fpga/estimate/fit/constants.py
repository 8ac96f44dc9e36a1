"""Constants refitted without a family, so that what is said of the family's designs owes nothing to them.

The constants of the package were chosen with all families in view, and their residuals are too small. Here a family is
foretold with constants that start 30 % off (delays: 10 %) and are fitted to the other families: one that no other
family tells of stays where it started. The structure of the closed forms remains: only new designs can judge that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache

import numpy as np
from scipy.optimize import least_squares

from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.fit.measured import Measured, is_calibration, measured_designs, predict_row
from codesign.fpga.estimate.intervals import residual
from codesign.fpga.estimate.truth_rows import TruthRow

STARTS = 2
_IGNORANCE, _IGNORANCE_OF_DELAYS = 0.3, 0.1  # deviation of a constant's logarithm before any design is seen
_DELAY = re.compile(r"_ns(_|$)|usable_clock")
_RESIDUAL = 0.2  # scale of residuals, beyond which they count less than their square
_MOST_DESIGNS = 24  # of a family, evenly spaced: the others resemble them
_STEPS = 6
_FIGURES = ("csynth_lut", "csynth_ff", "lut", "ff", "latency_cycles")  # what constants decide: others are counts
_SEPARATE = ("resource_2019",)  # kernels that have nothing in common with today's
_NAMES = tuple(one.name for one in fields(CostConstants) if isinstance(one.default, float))
_STEP, _FAR = 0.03, 1.4  # of a logarithm, for differences; a factor that shows whether a constant matters


def left_out_constants(rows: Sequence[dict[str, str]], starts: int = STARTS) -> dict[str, list[CostConstants]]:
    """Return, for each family of calibration designs, constants that were refitted without it.

    Args:
        rows: of tables of designs.
        starts: from how many draws of all constants; 0 leaves the package's.
    """
    found = {}
    for is_separate in (False, True):
        group = [row for row in rows if is_calibration(row) and (row.get("strategy") in _SEPARATE) == is_separate]
        designs = measured_designs(group, known=("weights",))
        for family in sorted({row.get("family", "") for row in group}):
            others = [design for design in designs if design.row.family != family]
            found[family] = [refit_constants(others, start) for start in range(starts)] or [CostConstants()]
    return found


def left_out_designs(
    rows: Sequence[dict[str, str]], constants: Mapping[str, Sequence[CostConstants]]
) -> list[Measured]:
    """Return each calibration design with what each of the constants says that were refitted without its family."""
    families: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        families.setdefault(row.get("family", ""), []).append(row)
    return [
        design
        for family, refitted in constants.items()
        for one in refitted
        for design in measured_designs(families[family], one)
    ]


def refit_constants(designs: Sequence[Measured], start: int = 0) -> CostConstants:
    """Return constants fitted to designs, all families weighted alike, from a draw around the package's.

    Minimises sum of rho(residual / 0.2) / designs of the family + sum of (log(constant / start) / 0.3)**2, with rho(x)
    = 2 (sqrt(1 + x**2) - 1); of delays, which vendors publish, 0.1 in place of 0.3.

    Args:
        designs: at one state of knowledge.
        start: which draw.
    """
    ignorance = np.array([_IGNORANCE_OF_DELAYS if _DELAY.search(name) else _IGNORANCE for name in _NAMES])
    draw = np.random.default_rng(start).normal(0.0, ignorance)
    chosen = [design for design in _thinned(designs) if _figures(design)]
    if not chosen:
        return _constants(draw)
    families = [design.row.family for design in chosen]
    shares = [families.count(family) ** -0.5 for family in families]
    affected = [[_is_moved(design.row, name) for name in _NAMES] for design in chosen]

    def costs(logs: np.ndarray) -> list[np.ndarray]:
        found = _constants(logs)
        return [_soft(design, found) * share for design, share in zip(chosen, shares)]

    def cost(logs: np.ndarray) -> np.ndarray:
        return np.concatenate([*costs(logs), (logs - draw) / ignorance])

    def slopes(logs: np.ndarray) -> np.ndarray:
        """Differences, of each constant with those designs alone that it moves."""
        here, columns = costs(logs), []
        for index, step in enumerate(_STEP * np.eye(len(_NAMES))):
            there = _constants(logs + step)
            rows = zip(chosen, shares, affected, here)
            columns.append(np.concatenate([
                (_soft(design, there) * share - now) / _STEP if moved[index] else np.zeros_like(now)
                for design, share, moved, now in rows
            ]))  # fmt: skip
        return np.vstack([np.transpose(columns), np.diag(1 / ignorance)])

    return _constants(least_squares(cost, draw, slopes, max_nfev=_STEPS).x)


def _constants(logs: np.ndarray) -> CostConstants:
    """The package's, each times the exponential of its logarithm here."""
    package = CostConstants()
    return replace(package, **{name: getattr(package, name) * float(np.exp(x)) for name, x in zip(_NAMES, logs)})


@cache
def _is_moved(row: TruthRow, name: str) -> bool:
    """Whether a constant has a part in a design's figures."""
    package = CostConstants()
    moved = replace(package, **{name: getattr(package, name) * _FAR})
    return predict_row(row, package) != predict_row(row, moved)


def _soft(design: Measured, constants: CostConstants) -> np.ndarray:
    sizes = np.array(list(_residuals(design, constants))) / _RESIDUAL
    return np.sign(sizes) * np.sqrt(2 * (np.sqrt(1 + sizes**2) - 1))


def _residuals(design: Measured, constants: CostConstants) -> Iterable[float]:
    predicted, _ = predict_row(design.row, constants)
    return (residual(name, predicted[name], design.measured[name]) for name in _figures(design))


def _figures(design: Measured) -> list[str]:
    return [name for name in _FIGURES if name in design.measured]


def _thinned(designs: Sequence[Measured]) -> list[Measured]:
    families: dict[str, list[Measured]] = {}
    for design in designs:
        families.setdefault(design.row.family, []).append(design)
    return [one for found in families.values() for one in found[:: -(-len(found) // _MOST_DESIGNS)]]
