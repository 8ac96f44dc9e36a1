"""Stages: what is done to one integer, one after the other, with the exact range of every result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.types.codes import MAX_WIDTH

Range = tuple[int, int]
INT64: Range = (-(2**63), 2**63 - 1)
_BITS = 64


@dataclass(frozen=True)
class Stage:
    """One operation on an integer v.

    Args:
        kind: ``add`` (v + a), ``times`` (v a), ``left`` (v 2^a), ``right`` (floor v / 2^a), ``half_even`` (v / 2^a to
            the nearest, ties to even), ``at_least`` (max(v, a)), ``at_most`` (min(v, a)), ``wrapped`` (the lowest a
            bits, of a signed number if b), ``divided`` (v / a towards 0), ``leaky`` (v 2^b above 0, v a below),
            ``reaches`` (1 where v >= a, else 0), ``looked_up`` (entry v of the table).
        a, b: whole numbers.
        table: of ``looked_up``: its entries.
    """

    kind: str
    a: int
    b: int = 0
    table: tuple[int, ...] = ()


@dataclass(frozen=True)
class Passed:
    """A range behind stages.

    Args:
        stages: those that change something.
        range: of the result.
        widest: the range of all that appears on the way.
    """

    stages: tuple[Stage, ...]
    range: Range
    widest: Range


def hull(*ranges: Range) -> Range:
    """Return the range that holds all of them."""
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def fits(found: Range, bits: int) -> bool:
    """Return whether signed integers of so many bits hold a range."""
    return -(2 ** (bits - 1)) <= found[0] and found[1] < 2 ** (bits - 1)


def passed(stages: Sequence[Stage], found: Range) -> Passed:
    """Send a range through stages, without those that change nothing in it."""
    kept, widest = [], found
    for stage in stages:
        low, high = _RANGES[stage.kind](stage, *found)
        if stage.kind in _MAY_BE_IDLE and (low, high) == found and _is_idle(stage, found):
            continue
        kept.append(stage)
        on_the_way = _ON_THE_WAY.get(stage.kind, lambda stage, *found: found)(stage, *found)
        widest = hull(widest, on_the_way, (low, high))
        found = (low, high) if fits((low, high), 64) and fits(on_the_way, 64) else _unknown(stage)
    return Passed(tuple(kept), found, widest)


def settled(stages: Sequence[Stage]) -> list[Stage]:
    """Return stages that do the same, the clips last, additions first, shifts joined.

    A function that never falls commutes with a clip: f(max(v, a)) = max(f(v), f(a)); and floor(v / 2^a) + b =
    floor((v + b 2^a) / 2^a).
    """
    found: list[Stage] = []
    limits: list[int | None] = [None, None]
    for stage in stages:
        if stage.kind in ("at_least", "at_most"):
            own, choose = (0, max) if stage.kind == "at_least" else (1, min)
            limits = [None if one is None else choose(one, stage.a) for one in limits]
            limits[own] = stage.a if limits[own] is None else limits[own]
        elif stage.kind in _RISING and (stage.kind != "times" or stage.a > 0):
            limits = [None if one is None else _RANGES[stage.kind](stage, one, one)[0] for one in limits]
            _join(found, stage)
        else:
            found += [*_limit(limits), stage]
            limits = [None, None]
    return found + _limit(limits)


def _join(found: list[Stage], stage: Stage) -> None:
    """Put an addition or a shift behind others, and together with them where that is exact."""
    last = found[-1] if found else None
    if last is None or last.kind not in ("add", "right", "left"):
        found.append(stage)
    elif stage.kind == last.kind:
        found[-1] = Stage(stage.kind, last.a + stage.a)
    elif stage.kind == "add" and last.kind == "right":
        found.pop()
        _join(found, Stage("add", stage.a << last.a))
        found.append(last)
    elif stage.kind == "right" and last.kind == "left":
        found.pop()
        shift = stage.a - last.a
        if shift:
            _join(found, Stage("right", shift) if shift > 0 else Stage("left", -shift))
    else:
        found.append(stage)


def _limit(limits: Sequence[int | None]) -> list[Stage]:
    kinds = zip(("at_least", "at_most"), limits)
    return [Stage(kind, limit) for kind, limit in kinds if limit is not None]


def casts(fraction: int | np.ndarray, to: FixedPoint, shape: tuple[int, ...]) -> list[list[Stage]]:
    """Return for each of a tensor's values the conversion of its code of step ``2**-fraction`` to a type."""
    bits = (np.broadcast_to(one, shape).ravel().tolist() for one in (fraction, to.width, to.integer, to.signed))
    return [_cast(*own, to.rounding, to.overflow) for own in zip(*bits)]


@lru_cache(maxsize=4096)
def _cast(fraction: int, width: int, integer: int, *modes: object) -> list[Stage]:
    """Round, then overflow."""
    to = FixedPoint(np.array([width]), np.array([integer]), *modes)
    shift, stages = fraction - (width - integer), []
    right = min(shift, MAX_WIDTH)
    if shift < 0:
        stages.append(Stage("left", -shift) if -shift < _BITS else Stage("times", 0))  # as NumPy shifts
    elif right and to.rounding == "RND_CONV":
        stages.append(Stage("half_even", right))
    elif right:
        stages += [Stage("add", 1 << (right - 1))] * (to.rounding == "RND") + [Stage("right", right)]
    if to.overflow == "WRAP":
        return [*stages, Stage("wrapped", width, int(to.signed))]
    return [*stages, *clip(int(to.code_low[0]), int(to.code_high[0]))]


def clip(low: int, high: int) -> list[Stage]:
    """Return the two stages of a clip."""
    return [Stage("at_least", low), Stage("at_most", high)]


def _truncated(value: int, divisor: int) -> int:
    return -(-value // divisor) if value < 0 else value // divisor


def _half_even(value: int, right: int) -> int:
    return (value + (1 << (right - 1)) - 1 + ((value >> right) & 1)) >> right


def _wrapped(stage: Stage, low: int, high: int) -> Range:
    limits = (-(2 ** (stage.a - 1)), 2 ** (stage.a - 1) - 1) if stage.b and stage.a else (0, 2**stage.a - 1)
    return (low, high) if limits[0] <= low and high <= limits[1] else limits


def _leaky(stage: Stage, low: int, high: int) -> Range:
    ends = [] if high <= 0 else [max(low, 1) << stage.b, high << stage.b]
    ends += [] if low > 0 else [low * stage.a, min(high, 0) * stage.a]
    return min(ends), max(ends)


def _shifted_left(stage: Stage, low: int, high: int) -> Range:
    return low << stage.a, high << stage.a


def _looked_up(stage: Stage, low: int, high: int) -> Range:
    entries = stage.table[max(low, 0) : max(0, high) + 1] or stage.table
    return min(entries), max(entries)


_RANGES: Mapping[str, Callable[[Stage, int, int], Range]] = MappingProxyType(
    {
        "add": lambda stage, low, high: (low + stage.a, high + stage.a),
        "times": lambda stage, low, high: (min(low * stage.a, high * stage.a), max(low * stage.a, high * stage.a)),
        "left": _shifted_left,
        "right": lambda stage, low, high: (low >> stage.a, high >> stage.a),
        "half_even": lambda stage, low, high: (_half_even(low, stage.a), _half_even(high, stage.a)),
        "at_least": lambda stage, low, high: (max(low, stage.a), max(high, stage.a)),
        "at_most": lambda stage, low, high: (min(low, stage.a), min(high, stage.a)),
        "wrapped": _wrapped,
        "divided": lambda stage, low, high: (_truncated(low, stage.a), _truncated(high, stage.a)),
        "leaky": _leaky,
        "reaches": lambda stage, low, high: (int(low >= stage.a), int(high >= stage.a)),
        "looked_up": _looked_up,
    }
)
_ON_THE_WAY: Mapping[str, Callable[[Stage, int, int], Range]] = MappingProxyType(
    {
        "half_even": lambda stage, low, high: (low, high + (1 << (stage.a - 1))),
        "leaky": lambda stage, low, high: hull(
            _RANGES["times"](stage, low, high), _shifted_left(Stage("left", stage.b), low, high)
        ),
        "divided": lambda stage, low, high: (low, max(high, stage.a)),
        "at_least": lambda stage, low, high: (min(low, stage.a), max(high, stage.a)),
        "at_most": lambda stage, low, high: (min(low, stage.a), max(high, stage.a)),
        "wrapped": lambda stage, low, high: hull((low, high), (0, 2**stage.a - 1) if not stage.b else (0, 0)),
        "looked_up": lambda stage, low, high: hull((low, high), (min(stage.table), max(stage.table))),
    }
)
_RISING = ("add", "times", "left", "right", "half_even", "divided", "reaches")
_MAY_BE_IDLE = ("add", "times", "left", "at_least", "at_most", "wrapped", "divided", "right")


def _is_idle(stage: Stage, found: Range) -> bool:
    """Whether a stage that leaves a range as it is leaves every number in it as it is."""
    if stage.kind == "times":
        return stage.a == 1
    if stage.kind in ("right", "divided"):
        return found in ((0, 0),) or (stage.kind == "divided" and stage.a == 1)
    if stage.kind == "left":
        return stage.a == 0 or found == (0, 0)
    return True


def _unknown(stage: Stage) -> Range:
    """The range behind a stage whose result may leave 64 bits and is then wrong in the same way as NumPy's."""
    low, high = _RANGES[stage.kind](stage, *INT64)
    return (low, high) if fits((low, high), 64) else INT64
