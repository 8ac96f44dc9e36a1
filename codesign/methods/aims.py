"""The sizes of adder graphs that networks are trained for, so that some are within a budget."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from codesign.errors import BudgetError
from codesign.fpga import Budget, Design
from codesign.fpga.design.budget import measured, within_limit
from codesign.fpga.estimate.unrolled import AdderPrices
from codesign.methods.measure import LEVELS_PER_STAGE
from codesign.posterior.graph_budget import GraphBudget

_LARGEST_COST = 2000.0  # where a budget leaves the LUTs open, at first
_SHARES = (1.0, 0.5)  # of the budget, where nothing says how good a network must be
_SHARES_TO_A_FLOOR = (1.0, 0.3)
_ENLARGED, _ENLARGEMENTS = (2.0, 4.0), 3
_NEAR_ENOUGH = 1.7  # ratio of sizes of which the larger reaches a floor and the smaller does not: each takes minutes


@dataclass(frozen=True)
class Aims:
    """What is aimed at: at first shares of the budget, then sizes at which a limit on a metric is just met.

    Args:
        budget: its LUTs bound the adder cost, its latency the adders on the critical path.
        clock_period_ns: of the designs.
    """

    budget: Budget
    clock_period_ns: float

    @property
    def largest(self) -> GraphBudget:
        """The adder graph that just meets the budget; BudgetError for less than a clock period."""
        cost, levels = _LARGEST_COST, None
        if self.budget.lut is not None:
            cost = max(1.0, math.floor(self.budget.lut / AdderPrices().per_adder_cost))
        if self.budget.latency_ns is not None:
            stages = int(self.budget.latency_ns / self.clock_period_ns + 1e-9)
            if stages < 1:
                raise BudgetError(
                    f"budget.latency_ns: expected at least one clock period, {self.clock_period_ns:g} ns. Received: "
                    f"{self.budget.latency_ns:g}; allow more, or a faster clock"
                )
            levels = stages * max(LEVELS_PER_STAGE)
        return GraphBudget(cost, levels)

    @property
    def has_floor(self) -> bool:
        """Whether the budget says how good a network must be."""
        return bool(self.budget.limits_on_metrics())

    def first(self) -> tuple[GraphBudget, ...]:
        """Return what is trained at first, the largest first."""
        shares = _SHARES_TO_A_FLOOR if self.has_floor else _SHARES
        return tuple(self._of(share * self.largest.adder_cost) for share in shares)

    def more(self, tried: Sequence[float], designs: Sequence[Design], *, n: int, index: int) -> tuple[GraphBudget, ...]:
        """Return what is trained next, nothing if the search is over.

        Args:
            tried: adder costs that were aimed at.
            designs: that were found.
            n: how many at once.
            index: of this round, from 0.
        """
        if not self.has_floor:
            return ()
        good = [design.report.lut for design in designs if self._is_good(design)]
        if not good:
            is_open = self.budget.lut is None and index < _ENLARGEMENTS
            return tuple(self._of(factor * max(tried)) for factor in _ENLARGED[:n]) if is_open else ()
        if index and len(tried) > len(self.first()) + n:
            return ()
        ratio = AdderPrices().per_adder_cost
        high = min(good) / ratio
        low = max((one for one in tried if one < high / 1.05), default=high / 4)
        if high <= _NEAR_ENOUGH * low:
            return ()
        return tuple(self._of(low * (high / low) ** (step / (n + 1))) for step in range(n, 0, -1))

    def is_met(self, designs: Sequence[Design]) -> bool:
        """Whether a design is as good as the budget asks for."""
        return any(map(self._is_good, designs))

    def _is_good(self, design: Design) -> bool:
        return all(within_limit(name, measured(design, name), limit) for name, limit in self.budget.limits_on_metrics())

    def _of(self, cost: float) -> GraphBudget:
        return replace(self.largest, adder_cost=max(1.0, float(round(cost))))
