"""Half-widths of the intervals, from designs whose whole family was left out."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import hypot, isfinite

from codesign.fpga.design.report import CSYNTH
from codesign.fpga.estimate.conformal import half_width, spread_of_medians
from codesign.fpga.estimate.fit.measured import Measured
from codesign.fpga.estimate.intervals import COUNTS, FIGURES, residual
from codesign.fpga.estimate.statistics import KNOWN

KINDS = ("pipelined", "shared", "unfolded", "folded", "resource_2019")
_CURRENT = KINDS[:4]
_UNROLLED = KINDS[:3]  # whose weights are constants
_ALIKE = KINDS[:2]  # but for what sharing multipliers decides
_TABLES = ("csynth_bram_18k", "bram_18k")  # which do not depend on the weights of unrolled layers
# The forms themselves were chosen with the families in view. A former set of them had a median error of 26 % in LUTs on
# 426 designs that were in no table here, and of 23 % in these families: in quadrature 12 %, or 30 % at 9 designs of 10.
_STRUCTURE = dict.fromkeys(("csynth_lut", "csynth_ff", "lut", "ff"), 0.3)
_BY_SHARING = ("csynth_dsp", "dsp", "latency_cycles", "initiation_interval")  # what sharing multipliers decides
_DSPS = (CSYNTH + "dsp", "dsp")  # of current kernels the same number: 4 of 4 designs that state both, in 2 families
_ENOUGH = 3  # families that speak for themselves
_OTHER_STAGE, _OTHER_KIND = 0.5, 0.125  # weight of a family that is borrowed, beside own ones
Residuals = dict[str, list[float]]
Cell = tuple[str, str, str]  # figure, kind of design, what is known
Table = dict[str, dict[str, dict[str, float | None]]]


def fit_half_widths(designs: Sequence[Measured], in_sample: Sequence[Measured] = ()) -> Table:
    """Return the half-width of each figure, kind of design and state of knowledge; never narrower for knowing less.

    Args:
        designs: each with what constants say that were refitted without its family.
        in_sample: the same with the package's constants. They stand for a family that is alone with its kind of design:
            without it nothing is known of some constants, and its residuals say no more than where those started.
    """
    cells, alone = residual_cells(designs), residual_cells(in_sample)
    cells.update({cell: found for cell, found in alone.items() if len(cells.get(cell, ())) == 1})
    ratios = _stage_ratios(designs)
    table: Table = {}
    for name in FIGURES:
        table[name] = {}
        for kind in KINDS:
            widths = [_half_width(cells, ratios, (name, kind, known)) for known in KNOWN]
            table[name][kind] = {known: _widest(widths[: index + 1]) for index, known in enumerate(KNOWN)}
    return table


def _widest(widths: Sequence[float | None]) -> float | None:
    found = [width for width in widths if width is not None]
    return round(max(found), 4) if found else None


def residual_cells(designs: Iterable[Measured]) -> dict[Cell, Residuals]:
    """Return residuals by figure, kind and state of knowledge, and there by family.

    What folded layers cost hardly depends on the weights, so that such a design counts whatever is known of it. LUTs
    and registers of designs that share multipliers are as well known as those of others. Of current kernels a DSP block
    that the compiler takes stays one in logic synthesis: one that states the DSPs of one stage speaks for the other.
    """
    cells: dict[Cell, Residuals] = {}
    for design in designs:
        is_unrolled = design.kind in _UNROLLED
        for name, value in design.measured.items():
            kinds = _ALIKE if design.kind in _ALIKE and name not in _BY_SHARING else (design.kind,)
            states = (design.row.known,) if is_unrolled and name not in _TABLES else KNOWN
            for cell in product(_spoken_for(name, design), kinds, states):
                found = cells.setdefault(cell, {})
                found.setdefault(design.row.family, []).append(residual(name, design.predicted[name], value))
    return cells


def _spoken_for(name: str, design: Measured) -> list[str]:
    """The figures that a measured one is evidence of: itself, and DSPs at the stage where they were not measured."""
    if name not in _DSPS or design.kind not in _CURRENT:
        return [name]
    return [one for one in _DSPS if one == name or one not in design.measured]


def _half_width(cells: Mapping[Cell, Residuals], ratios: Mapping[str, Residuals], cell: Cell) -> float | None:
    """Own families, if there are enough, else borrowed ones; without own ones, the step to logic synthesis on top."""
    name = cell[0]
    own = cells.get(cell, {})
    weights = dict.fromkeys(own, 1.0)
    pooled = dict(own)
    if len(own) < _ENOUGH:
        for other, weight in _related(cell):
            for family, values in cells.get(other, {}).items():
                if family not in pooled:
                    pooled[family], weights[family] = values, weight
    if not pooled:
        return None
    step = spread_of_medians(ratios.get(name, {})) if not own and name in COUNTS else 0.0
    width = hypot(half_width(pooled, weights=weights), step, _STRUCTURE.get(name, 0.0))
    return width if isfinite(width) else None


def _related(cell: Cell) -> list[tuple[Cell, float]]:
    """Return where else to look, with the weight: the same designs before or after logic synthesis, other kinds."""
    name, kind, known = cell
    counted = name.removeprefix(CSYNTH)
    stage = (CSYNTH + name if name == counted else counted) if counted in COUNTS else None
    first = [((stage, kind, known), _OTHER_STAGE)] if stage else []
    if kind not in _CURRENT:
        return first
    others = [other for other in _CURRENT if other != kind]
    states = {other: KNOWN[0] if kind == "folded" and other != kind else known for other in others}
    return [*first, *(((name, other, states[other]), _OTHER_KIND) for other in others)]


def _stage_ratios(designs: Iterable[Measured]) -> dict[str, Residuals]:
    """Return how far logic synthesis over csynth is from what is foretold, where both were measured."""
    ratios: dict[str, Residuals] = {}
    for design in designs:
        for name in COUNTS:
            if name in design.measured and CSYNTH + name in design.measured:
                after, first = (
                    residual(one, design.predicted[one], design.measured[one]) for one in (name, CSYNTH + name)
                )
                ratios.setdefault(name, {}).setdefault(design.row.family, []).append(after - first)
    return ratios
