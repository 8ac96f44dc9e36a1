"""refine_to_aim: coordinate descent on a rounded network, its price of a LUT moved until the network has a size."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from codesign.fpga.rtl.circuits import Circuit, trace_circuit
from codesign.network import Network
from codesign.refine import refine_network

if TYPE_CHECKING:
    from codesign.methods.posterior import PosteriorTraining

_AIMED = 0.98  # share of the aim that the price moves to
_POWERS = 1.5, 4.0  # price *= (size / aim)^power, of a network below the aim, and above: growing is easier
_LARGEST_STEP = 4.0
_LEAST_TRADE, _MOST_TRADE = 0.002, 0.05  # loss that all LUTs of the aim may be worth at first
_MORE_ROUNDS = 3


def refine_to_aim(network: Network, training: "PosteriorTraining", *, price: float) -> list[Network]:
    """Return the network, and what it becomes round by round; constants are left out.

    Each round minimises ``loss + price * LUTs``; then the price moves, up for a network above the aim, down for one
    below; without an aim it stays. All of them are networks to choose from: some larger, some smaller.

    Args:
        network: rounded.
        training: whose aim, events and settings count.
        price: loss per LUT at first; where the training with noise found no use for more bits it is next to nothing,
            and too low.
    """
    limits = np.array([_LEAST_TRADE, _MOST_TRADE]) / max(1.0, _aimed(training, trace_circuit(network)))
    found = list(_rounds(network, training, float(np.clip(price, *limits))))
    return [one for one, is_constant in found if not is_constant]


def _rounds(network: Network, training: "PosteriorTraining", price: float) -> Iterator[tuple[Network, bool]]:
    settings, task, aim = training.settings, training.task, training.aim
    some = slice(settings.refine_events)
    weights = None if task.weights is None else task.weights[some]
    graph = trace_circuit(network)
    for index in range(settings.refine_rounds + _MORE_ROUNDS + 1):
        yield network, graph.is_constant
        if graph.is_constant or (index >= settings.refine_rounds and (aim is None or aim.is_met(graph))):
            return
        if index and aim is not None:
            ratio = graph.adder_cost / (_AIMED * aim.adder_cost)
            step = ratio ** _POWERS[ratio > 1]
            price *= float(np.clip(step, 1 / _LARGEST_STEP, _LARGEST_STEP))
        network = refine_network(
            network,
            task.x[some],
            task.targets[some],
            loss=task.refine_loss,
            trade=price * graph.adder_cost,
            sweeps=settings.refine_sweeps,
            sample_weight=weights,
            sent=None if task.words is None else task.words.precision,
            seed=training.seed + index,
        )
        graph = trace_circuit(network)


def _aimed(training: "PosteriorTraining", graph: Circuit) -> float:
    """The adder cost that is aimed at, or the one there is."""
    return graph.adder_cost if training.aim is None else training.aim.adder_cost
