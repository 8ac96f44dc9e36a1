"""Which columns of a sum are added by which carry chains: found by trying, on the heights of the columns alone.

A chain over n columns takes 3 n bits, one more of its first column, and leaves n + 2: its two ends are what it wastes.
So few, long, full chains are cheap, and which are is not plain: some random plans for each sum, in milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

_TRIES = 60
_IN_LAST = 5  # bits in a column whose carry nobody takes
_IN_PLACE = 3


@dataclass(frozen=True)
class Run:
    """A chain: how many bits it takes of each column from the first on, and whether one more of the first goes in."""

    start: int
    counts: tuple[int, ...]
    has_slot: bool

    @property
    def end(self) -> int:
        """The column behind the last."""
        return self.start + len(self.counts)


def is_last(heights: Sequence[int]) -> bool:
    """Whether one chain can add all columns."""
    first, last = first_to_add(heights), len(heights) - 1
    limits = [_IN_LAST if place == last else _IN_PLACE + (place == first) for place in range(len(heights))]
    return all(height <= limit for height, limit in zip(heights, limits))


def first_to_add(heights: Sequence[int]) -> int:
    """Return the lowest column of two bits or more, the number of columns if there is none."""
    return next((place for place, height in enumerate(heights) if height > 1), len(heights))


@lru_cache(maxsize=4096)
def planned(heights: tuple[int, ...]) -> tuple[tuple[Run, ...], ...]:
    """Return the chains of each round, up to where one chain adds the rest: the cheapest plan, then the shortest."""
    random = Random(0).random  # nosec B311  # tries plans, keeps no secret
    plans = [_tried(heights, random, step / _TRIES) for step in range(_TRIES)]
    return min(plans, key=lambda plan: (plan[0], len(plan[1])))[1]


def _tried(heights: Sequence[int], random: object, greed: float) -> tuple[int, tuple[tuple[Run, ...], ...]]:
    """A plan and its LUTs."""
    now, rounds, cost = list(heights), [], 0
    while first_to_add(now) < len(now) and not is_last(now):
        runs, now = _round(now, random, greed)
        cost += sum(map(_cost, runs))
        rounds.append(tuple(runs))
    return cost + _last_cost(now), tuple(rounds)


def _round(heights: list[int], random: object, greed: float) -> tuple[list[Run], list[int]]:
    """Chains that take what there is until every column has its goal; at least one."""
    left, made, runs = list(heights), [0] * (len(heights) + 1), []
    highest = max(heights)
    goal = _IN_PLACE if highest <= 9 and random() < 0.9 else int(highest * (1 - greed) / 3)
    while True:
        wanted = [have >= 3 and have + new > goal for have, new in zip(left, made)]
        if not any(wanted):
            if runs:
                break
            goal -= 1
            continue
        run = _run(left, made, wanted.index(True), goal, random)
        runs.append(run)
        for place, count in enumerate(run.counts, run.start):
            left[place] -= count
            made[place] += 1
        left[run.start] -= run.has_slot
        made[run.end] += sum(_ends(run))
    return runs, [have + new for have, new in zip(left, made)]


def _run(left: Sequence[int], made: Sequence[int], start: int, goal: int, random: object) -> Run:
    counts = []
    for place in range(start, len(left)):
        if left[place] >= 3 and (left[place] + made[place] > goal or random() < 0.5):
            counts.append(3)
        elif counts and left[place] in (1, 2) and random() < 0.15:
            counts.append(left[place])
        else:
            break
    has_slot = left[start] > 3 and left[start] + made[start] > goal + 2 and random() < 0.9
    return Run(start, tuple(counts), has_slot)


def _ends(run: Run) -> tuple[int, int]:
    """Whether there is a majority behind the last column, and a carry."""
    middle, carry = int(run.has_slot), 0
    for count in run.counts:
        carry = int(carry or middle or count == 2)
        middle = int(count == 3 or (count == 2 and middle))
    return middle, carry


def _cost(run: Run) -> int:
    return len(run.counts)


def _last_cost(heights: Sequence[int]) -> int:
    """LUTs of the last chain: a place where only a carry comes is none."""
    first, cost, middle = first_to_add(heights), 0, 0
    for place, height in enumerate(heights[first:], first):
        own = height - (place == first and height > 3)
        if place == first and height > 3:
            middle = 1
        cost += bool(own or middle)
        middle = int(own >= 3 or (own == 2 and middle))
    return cost
