"""GraphBudget: how large and how deep the adder graph of a network may be, and which graph a network would have."""

from dataclasses import dataclass

import numpy as np

from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.fpga.rtl.circuits import Circuit, trace_circuit
from codesign.network.layout import Events
from codesign.posterior.collapse import INPUT_WIDTH, WEIGHT_WIDTH, collapse_in_place, layers_to_collapse
from codesign.posterior.training_events import first_events
from codesign.read.keras_reader import read_unchecked

AIMED_SHARE = 0.97  # of the budget that is aimed at
_TRIAL_EVENTS = 4096


@dataclass(frozen=True)
class GraphBudget:
    """Limits of an adder graph.

    Args:
        adder_cost: da4ml's cost of the graph, about its LUTs.
        adder_levels: adders on the critical path, the longest from an input to an output; None leaves it open.

    Raises:
        ConfigError: for limits below 1.
    """

    adder_cost: float
    adder_levels: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.adder_cost < np.inf:
            raise ConfigError(f"adder_cost: expected a positive number, at least 1. Received: {self.adder_cost}")
        if self.adder_levels is not None and not (
            isinstance(self.adder_levels, (int, np.integer)) and self.adder_levels >= 1
        ):
            raise ConfigError(
                f"adder_levels: expected an integer of at least 1, or None. Received: {self.adder_levels}"
            )

    def is_met(self, graph: Circuit, *, share: float = 1.0) -> bool:
        """Whether a graph takes no more than this share of the cost, and no more levels than allowed."""
        return graph.adder_cost <= share * self.adder_cost and self.excess_levels(graph) <= 0

    def excess_levels(self, graph: Circuit) -> float:
        """Return by how many levels a graph is too deep: negative if there is room, -inf without a limit."""
        return -np.inf if self.adder_levels is None else graph.adder_levels - self.adder_levels

    def shortfall(self, graph: Circuit) -> str:
        """Return one line for a budget that was not met, and the graph that came nearest."""
        limits = {"adder_cost": (f"{self.adder_cost:g}", graph.adder_cost)}
        if self.adder_levels is not None:
            limits["adder_levels"] = (f"{self.adder_levels}", graph.adder_levels)
        least = " and ".join(str(reached) for _, reached in limits.values())
        received = ", ".join(f"{name}={asked}" for name, (asked, _) in limits.items())
        return (
            f"{', '.join(limits)}: expected at least {least}, the least that was reached before all outputs became "
            f"constant. Received: {received}; the model holds that least network"
        )


class TrialCopy:
    """A copy of a model that is collapsed again and again, for the adder graph that the model would have.

    Making a copy takes longer than all else, so that one is kept for a training.

    Args:
        model: with PosteriorDense layers, not all collapsed.
    """

    def __init__(self, model: keras.Model) -> None:
        layers_to_collapse(model)
        self._model, self._copy = model, keras.models.clone_model(model)

    def graph(self, x: Events, *, weight_width: float = WEIGHT_WIDTH, input_width: float = INPUT_WIDTH) -> Circuit:
        """Return the adder graph that the model would have if it collapsed now, without any training.

        Args:
            x: events; some thousand of them find the ranges.
            weight_width, input_width: see :func:`codesign.posterior.collapse`.
        """
        self._copy.set_weights(self._model.get_weights())
        collapse_in_place(
            self._copy, first_events(x, _TRIAL_EVENTS), weight_width=weight_width, input_width=input_width
        )
        return trace_circuit(read_unchecked(self._copy)[1])
