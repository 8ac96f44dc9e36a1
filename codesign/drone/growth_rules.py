"""When a drone grows, and when it is done: the paper's rule, its reference code's, and a rule by events held out.

Benson, Gizdov 2019, "NNDrone: a toolkit for the mass application of machine learning in high energy physics",
arXiv:1712.09114. With L_j the loss of epoch j, Lhat that of the last growth, and ``delta_j = |L_j - L_{j-1}| / L_j``,
both published rules grow when ``delta_j < kappa`` and ``L_j < Lhat - sigma_j``, ``sigma_j = m (1 - exp(-b (t + n)))
delta_j L_j``; kappa = .02, b = .04, m = 50.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.errors import ConfigError, nearest

STAY, GROW, STOP = "stay", "grow", "stop"
_KAPPA, _B, _M = 0.02, 0.04, 50.0


class GrowthRule(ABC):
    """Decides at the end of each epoch."""

    @abstractmethod
    def decide(self, logs: dict[str, float], *, can_grow: bool) -> str:
        """Return ``stay``, ``grow`` or ``stop``.

        Args:
            logs: of Keras: ``loss``, and ``val_loss`` where events are held out.
            can_grow: whether a unit is left to switch on.
        """


@dataclass
class PaperRule(GrowthRule):
    """The rule as printed: t counts epochs since the last growth, n = 1.28; the first growth needs both conditions.

    Lhat is the first epoch's loss until something grew. Equation 5 and section 3.3 contradict each other on the largest
    sigma: this follows section 3.3, m = 50. It never stops by itself: the number of epochs does.
    """

    n: float = 1.28
    _previous: float | None = None
    _last_growth: float | None = None
    _since: int = 0

    def decide(self, logs: dict[str, float], *, can_grow: bool) -> str:
        loss = logs["loss"]
        if self._previous is None:
            self._previous = self._last_growth = loss
            return STAY
        delta, self._previous = abs(loss - self._previous) / max(loss, 1e-30), loss
        sigma = required_drop(delta * loss, self._since + self.n)
        self._since += 1
        if not (can_grow and delta < _KAPPA and loss < self._last_growth - sigma):
            return STAY
        self._last_growth, self._since = loss, 0
        return GROW


@dataclass
class ReferenceRule(GrowthRule):
    """The rule as the reference code has it: t counts flat epochs only, n = 0, 6 at least.

    The first growth needs no drop. The code runs on after its 300 epochs while the loss is above that of the last
    growth, which may be for ever: here the number of epochs is the end.
    """

    flat_epochs: int = 6
    _previous: float | None = None
    _last_growth: float = math.inf
    _flat: int = 0

    def decide(self, logs: dict[str, float], *, can_grow: bool) -> str:
        loss = logs["loss"]
        if self._previous is None:
            self._previous = loss
            return STAY
        delta, self._previous = abs(loss - self._previous) / max(loss, 1e-30), loss
        if delta >= _KAPPA:
            return STAY
        self._flat += 1
        sigma = required_drop(delta * loss, self._flat)
        if not can_grow or self._flat < self.flat_epochs or not loss < self._last_growth - sigma:
            return STAY
        self._last_growth, self._flat = loss, 0
        return GROW


@dataclass
class ValidationRule(GrowthRule):
    """Grow when the loss on events held out has stopped to fall.

    Stop when growing no longer helps, or nothing is left to grow.

    Args:
        least_gain: relative fall of the loss that counts as one.
        patience: epochs without such a fall before the next unit, or, at the largest size, before the end.
        idle_growths: units in a row that brought no gain before the end.
    """

    least_gain: float = 0.02
    patience: int = 4
    idle_growths: int = 4
    _best: float = math.inf
    _best_before_growth: float = math.inf
    _waited: int = field(default=0)
    _idle: int = 0

    def decide(self, logs: dict[str, float], *, can_grow: bool) -> str:
        loss = logs["val_loss"]
        if loss < self._best * (1 - self.least_gain):
            self._best, self._waited = loss, 0
            return STAY
        self._waited += 1
        if self._waited < self.patience:
            return STAY
        self._idle = 0 if self._best < self._best_before_growth * (1 - self.least_gain) else self._idle + 1
        if not can_grow or self._idle >= self.idle_growths:
            return STOP
        self._best_before_growth, self._waited = self._best, 0
        return GROW


def required_drop(change: float, epochs: float) -> float:
    """Return ``sigma = m (1 - exp(-b epochs)) change``: how far below that of the last growth the loss must be.

    Args:
        change: |L_j - L_{j-1}|.
        epochs: t + n.
    """
    return _M * (1 - math.exp(-_B * epochs)) * change


RULES = {"validation": ValidationRule, "paper": PaperRule, "reference": ReferenceRule}


def check_growth(rule: str, hidden: Sequence[int], max_units: int) -> None:
    """Check what a drone grows by, from and to.

    Raises:
        ConfigError: for an unknown rule, no units, or fewer at the end than at first.
    """
    if rule not in RULES:
        raise ConfigError(f"rule: expected one of {', '.join(RULES)}. Received: {rule}{nearest(rule, RULES)}")
    if not len(hidden) or not all(isinstance(units, (int, np.integer)) and units >= 1 for units in hidden):
        raise ConfigError(f"hidden: expected at least one layer of at least one unit. Received: {tuple(hidden)}")
    if max_units < max(hidden):
        raise ConfigError(f"max_units: expected at least the {max(hidden)} units of hidden. Received: {max_units}")
