"""The sizes of adder graphs that networks are trained for, so that some are within a budget."""

import math
from dataclasses import replace

from codesign.fpga import Budget
from codesign.fpga.estimate.constants import CostConstants
from codesign.posterior.graph_budget import GraphBudget

LEVELS_PER_STAGE = (2, 3, 5)
_LARGEST_COST = 4000.0  # where a budget leaves the LUTs open
_STEP = 2.0


def aims_of(budget: Budget, *, clock_period_ns: float, n_aims: int) -> tuple[GraphBudget, ...]:
    """Return what networks are trained for, the largest first, each half as large as the one before.

    Args:
        budget: its LUTs, and its latency, which bounds the adders on the critical path.
        clock_period_ns: of the design.
        n_aims: how many.
    """
    cost = _LARGEST_COST
    if budget.lut is not None:
        cost = max(1.0, math.floor(budget.lut / CostConstants().lut_per_adder_cost))
    levels = None
    if budget.latency_ns is not None:
        levels = max(1, int(budget.latency_ns / clock_period_ns + 1e-9) * max(LEVELS_PER_STAGE))
    largest = GraphBudget(cost, levels)
    sizes = (max(1.0, cost / _STEP**index) for index in range(n_aims))
    return tuple(replace(largest, adder_cost=size) for size in dict.fromkeys(sizes))
