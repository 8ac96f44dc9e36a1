"""GraphBudget: how large and how deep the adder graph of a network may be."""

from dataclasses import dataclass

import numpy as np

from codesign.errors import ConfigError
from codesign.fpga.rtl.adder_graph import AdderGraph


@dataclass(frozen=True)
class GraphBudget:
    """Limits of an adder graph.

    Args:
        lut: LUTs, by da4ml's cost.
        adder_levels: adders on the longest way from an input to an output; None leaves it open.

    Raises:
        ConfigError: for limits below 1.
    """

    lut: float
    adder_levels: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.lut < np.inf:
            raise ConfigError(f"lut: expected a positive number of LUTs, at least 1. Received: {self.lut}")
        if self.adder_levels is not None and not (
            isinstance(self.adder_levels, (int, np.integer)) and self.adder_levels >= 1
        ):
            raise ConfigError(
                f"adder_levels: expected an integer of at least 1, or None. Received: {self.adder_levels}"
            )

    def is_met(self, graph: AdderGraph, *, lut_share: float = 1.0) -> bool:
        """Whether a graph takes no more than this share of the LUTs, and no more levels than allowed."""
        return graph.cost <= lut_share * self.lut and self.excess_levels(graph) <= 0

    def excess_levels(self, graph: AdderGraph) -> float:
        """Return by how many levels a graph is too deep: negative if there is room, -inf without a limit."""
        return -np.inf if self.adder_levels is None else graph.adder_levels - self.adder_levels

    def shortfall(self, graph: AdderGraph) -> str:
        """Return one line for a budget that was not met, and the graph that came nearest."""
        limits = {"lut": (f"{self.lut:g}", graph.cost)}
        if self.adder_levels is not None:
            limits["adder_levels"] = (f"{self.adder_levels}", graph.adder_levels)
        least = " and ".join(str(reached) for _, reached in limits.values())
        received = ", ".join(f"{name}={asked}" for name, (asked, _) in limits.items())
        return (
            f"{', '.join(limits)}: expected at least {least}, the least that was reached before all outputs became constant. "
            f"Received: {received}; the model holds that least network"
        )
