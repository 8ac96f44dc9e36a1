"""TrainingSearch: which trainings are searched, their hidden sizes and what a bit costs, and how."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import check_range, checked
from codesign.errors import ConfigError, nearest
from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.proposals import METHODS

LAYERS, COST_WEIGHT, UNITS = "layers", "cost_weight", "units"
MOST_TRAININGS = 100_000
LIMITS = {LAYERS: (1, 64), UNITS: (1, 4096), COST_WEIGHT: (1e-12, 1e3)}  # beyond is a slip of the keyboard
_UNITS_STEP, _COST_STEP = 2**0.5, 2.0  # ratios of neighbours
_EXAMPLES = {LAYERS: "[1, 3]", UNITS: "[8, 64]", COST_WEIGHT: "[1e-6, 1e-4]"}


@checked
@dataclass(frozen=True)
class TrainingSearch:
    """Trainings of the method ``posterior`` that are searched, instead of those that the budget asks for.

    Args:
        trainings: how many; fewer where there are no more.
        layers: least and most hidden layers.
        units: least and most ReLU units of a hidden layer, each its own, in steps of the square root of 2.
        cost_weight: least and most of what a bit product costs, as :class:`codesign.CostSchedule` has it, in steps
            of 2.
        method: as of :func:`codesign.search`.

    Raises:
        ConfigError: for ranges that are none, reversed ones too, an unknown method, or trainings outside 1 to 100,000.

    Example:
        >>> from codesign import TrainingSearch
        >>> TrainingSearch(trainings=20, layers=(1, 2), units=(8, 32)).choices.count
        240
    """

    trainings: int = 20
    layers: Sequence[int] = (1, 3)
    units: Sequence[int] = (8, 64)
    cost_weight: Sequence[float] = (1e-6, 1e-4)
    method: str = METHODS[0]

    def __post_init__(self) -> None:
        check_range(self.trainings, "trainings", 1, MOST_TRAININGS)
        for name, (low, high) in LIMITS.items():
            _check_ends(name, getattr(self, name), low, high)
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.method not in METHODS:
            hint = nearest(self.method, METHODS)
            raise ConfigError(f"method: expected one of {', '.join(METHODS)}. Received: {self.method}{hint}")

    @property
    def choices(self) -> Choices:
        """What is chosen from: the number of layers decides which units there are."""
        low, high = self.layers
        units = tuple(dict.fromkeys(round(one) for one in _spaced(*self.units, _UNITS_STEP)))
        weights = tuple(float(f"{one:.3g}") for one in _spaced(*self.cost_weight, _COST_STEP))
        shared = {COST_WEIGHT: tuple(dict.fromkeys(weights))}
        shared |= {f"{UNITS}.{number}": units for number in range(1, low + 1)}
        layouts = {
            count: {f"{UNITS}.{number}": units for number in range(low + 1, count + 1)}
            for count in range(low, high + 1)
        }
        return Choices(LAYERS, {**shared, LAYERS: tuple(layouts)}, layouts)


def hidden_of(point: Point) -> tuple[int, ...]:
    """Return the units of each hidden layer of a point."""
    values = dict(point)
    return tuple(values[f"{UNITS}.{number}"] for number in range(1, values[LAYERS] + 1))


def _spaced(low: float, high: float, step: float) -> np.ndarray:
    """Numbers from one end to the other whose ratios are alike, and about a step."""
    return np.geomspace(low, high, 1 + math.ceil(round(math.log(high / low, step), 9)))


def _check_ends(name: str, given: Sequence[float], low: float, high: float) -> None:
    example = f"the least and the most, such as {_EXAMPLES[name]}"
    if len(given) != 2:
        raise ConfigError(f"{name}: expected two numbers, {example}. Received: {list(given)!r:.60}")
    for end in given:
        check_range(end, name, low, high)
    if given[0] > given[1]:
        raise ConfigError(f"{name}: expected {example}. Received: {list(given)}; put the lower one first")
