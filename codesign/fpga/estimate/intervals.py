"""90 % intervals of estimated figures.

An interval is symmetric in log(figure + offset): multiplicative for large figures, additive for small ones, and of no
width where the closed forms are exact. Its half-width is that of :mod:`codesign.fpga.estimate.conformal`, over families
of designs left out one at a time.
"""

from collections.abc import Mapping, Sequence
from math import ceil, exp, floor, log

from codesign.errors import ConfigError, nearest
from codesign.fpga.design.chances import OFFSETS
from codesign.fpga.design.report import CSYNTH
from codesign.fpga.estimate.cost import HardwareCost
from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.statistics import KNOWN

COUNTS = ("lut", "ff", "dsp", "bram_18k")
_SCHEDULE = ("latency_cycles", "initiation_interval")
FIGURES = (*(CSYNTH + name for name in COUNTS), *COUNTS, *_SCHEDULE)


def figures(cost: HardwareCost) -> dict[str, float]:
    """Return the numbers of a cost by their names in :data:`FIGURES`."""
    first = {CSYNTH + name: getattr(cost.csynth, name) for name in COUNTS}
    after = {name: getattr(cost.vsynth, name) for name in COUNTS}
    return {**first, **after, **{name: getattr(cost, name) for name in _SCHEDULE}}


def intervals(
    cost: HardwareCost,
    known: str,
    strategy: str | Sequence[str],
    possible: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, tuple[int, int]]:
    """Return the 90 % interval of each figure, by its name in a :class:`codesign.DesignReport`.

    ``csynth_lut`` is the HLS compiler's, ``lut`` that of logic synthesis. One whose error is not known is left out.

    Args:
        cost: of the design.
        known: the least that is known of any layer: its ``weights``, its ``sparsity`` or its ``shape``.
        strategy: of the design, or one for each layer.
        possible: the least and the most that each figure can be, whatever the weights.

    Raises:
        ConfigError: for another `known`.
    """
    if known not in KNOWN:
        raise ConfigError(f"known: expected {', '.join(KNOWN)}. Received: {known!r}{nearest(known, KNOWN)}")
    kind = kind_of_design(strategy, cost.initiation_interval)
    return bounds(figures(cost), kind, known, fitted_numbers()["half_widths"], possible)


def bounds(
    found: Mapping[str, float],
    kind: str,
    known: str,
    half_widths: Mapping[str, Mapping[str, Mapping[str, float | None]]],
    possible: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, tuple[int, int]]:
    """Return the intervals of figures by half-widths of figure, kind of design and state of knowledge.

    An interval ends where those end of the least and the most that a figure can be, as if its weights were known.
    """
    intervals = {}
    for name, value in found.items():
        width, known_width = (half_widths[name][kind][one] for one in (known, KNOWN[0]))
        if width is None:
            continue
        low, high = around(name, value, width)
        if possible is not None and known_width is not None:
            least, most = min(possible[name][0], value), max(possible[name][1], value)
            low, high = max(low, around(name, least, known_width)[0]), min(high, around(name, most, known_width)[1])
        intervals[name] = (low, high)
    return intervals


def kind_of_design(strategy: str | Sequence[str], initiation_interval: int) -> str:
    """Return what decides how well the closed forms know a design.

    Returns:
        ``pipelined``: one function whose weights are constants, which takes an event each cycle; ``shared``: one that
        takes fewer, since it shares its multipliers; ``unfolded``: Strategy: Resource with a reuse factor of 1;
        ``folded``: layers that read their weights one after the other; ``resource_2019``: the same, of the kernels of
        2018 and 2019.
    """
    strategies = {strategy} if isinstance(strategy, str) else set(strategy)
    if "resource_2019" in strategies:
        return "resource_2019"
    if "resource" in strategies:
        return "folded" if initiation_interval > 2 else "unfolded"
    return "shared" if initiation_interval > 1 else "pipelined"


def offset_of(name: str) -> float:
    """Return what is added to a figure before its logarithm is taken."""
    return OFFSETS[name.removeprefix(CSYNTH)]


def residual(name: str, predicted: float, measured: float) -> float:
    """Return log((measured + offset) / (predicted + offset))."""
    return log(measured + offset_of(name)) - log(predicted + offset_of(name))


def around(name: str, value: float, half_width: float) -> tuple[int, int]:
    """Return whole numbers around a figure, a half-width in its logarithm away."""
    offset, least = offset_of(name), int(name == "initiation_interval")
    low, high = ((value + offset) * exp(sign * half_width) - offset for sign in (-1, 1))
    return max(least, floor(low + 1e-9)), max(least, ceil(high - 1e-9))
