"""Magnitude pruning of a collapsed network until its adder graph is small and shallow enough."""

from collections.abc import Callable, Sequence

import numpy as np

from codesign._keras import keras
from codesign.errors import BudgetError
from codesign.fpga.rtl.circuits import Circuit, trace_circuit
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior.graph_budget import GraphBudget

_SHARE_OF_EXCESS = 0.5
_SHARE_OF_PATHS = 1 / 16


def prune_to_budget(
    model: keras.Model, layers: Sequence[PosteriorDense], budget: GraphBudget, cover_ranges: Callable[[], None]
) -> None:
    """Set weights to zero, the smallest in units of their inputs first, until the network is within the budget.

    While it takes too many adders, any weight may go; then, while it is too deep, those on its critical paths. Weights
    without which no output would depend on an input any more stay.

    Args:
        model: collapsed chain.
        layers: those of its layers that may lose weights.
        budget: what is to be met.
        cover_ranges: called after each change, to find the ranges anew.

    Raises:
        BudgetError: for a network that is constant already, and when no more weights may go; the model then holds the
            last network.
    """
    network = Network.from_keras(model)
    graph = trace_circuit(network)
    if graph.is_constant:
        raise BudgetError(
            "adder_cost: expected a network whose outputs depend on its inputs. Received: constants, since the noise "
            "is above the weights that matter; train it anew with a larger adder_cost, or with a lower cost weight"
        )
    needed = np.zeros(sum(layer.inference_kernel.size for layer in layers), bool)
    n_most = len(needed)
    while not budget.is_met(graph):
        candidates = _candidates(layers, needed, budget, (network, graph))
        gone, kept = candidates[:n_most], model.get_weights()
        _remove(layers, gone)
        cover_ranges()
        smaller = Network.from_keras(model)
        trial = trace_circuit(smaller)
        if trial.is_constant:
            model.set_weights(kept)
            needed[gone] = len(gone) == 1
            n_most = max(1, len(gone) // 2)
        else:
            network, graph = smaller, trial


def _candidates(
    layers: Sequence[PosteriorDense], needed: np.ndarray, budget: GraphBudget, now: tuple[Network, Circuit]
) -> np.ndarray:
    """Return the weights that go next, numbered through all layers, the smallest first; BudgetError if none may."""
    network, graph = now
    sizes = _flat(
        [np.abs(layer.inference_kernel) * np.sqrt(layer.mean_square.numpy())[:, np.newaxis] for layer in layers]
    )
    alive = np.where(needed, 0, sizes) > 0
    share = _SHARE_OF_EXCESS * (1 - budget.adder_cost / max(graph.adder_cost, 1))
    if share <= 0:
        share = _SHARE_OF_PATHS
        alive &= _flat(_on_critical_paths(layers, network, graph))
    if not alive.any():
        raise BudgetError(budget.shortfall(graph))
    return np.argsort(np.where(alive, sizes, np.inf))[: max(1, int(share * alive.sum()))]


def _on_critical_paths(layers: Sequence[PosteriorDense], network: Network, graph: Circuit) -> list[np.ndarray]:
    """Return, for each layer, (n_in, units) bool: weights of the units whose lateness makes the outputs late.

    In a graph, those of the latest units of each layer: which of its ways is the longest is not followed.
    """
    if not network.is_chain:
        return [np.broadcast_to(_latest(layer, network, graph), layer.kernel.shape) for layer in layers]
    levels_of = list(graph.unit_levels.values())
    late, units = levels_of[-1] == levels_of[-1].max(), {}
    for index in reversed(range(len(network.layers))):
        dense = network.layers[index]
        units[dense.name] = late
        if index:
            feeds = (dense.kernel[:, late] != 0).any(1)
            levels = np.where(feeds, levels_of[index - 1], -1)
            late = feeds & (levels == levels.max())
    return [np.broadcast_to(units[layer.name], layer.kernel.shape) for layer in layers]


def _latest(layer: PosteriorDense, network: Network, graph: Circuit) -> np.ndarray:
    """(units,) bool: which of a layer's units come last, of the places where it is used in the latest."""
    kernel = layer.inference_kernel
    levels = [graph.unit_levels[one.name] for one in network.layers if np.array_equal(one.kernel, kernel)]
    latest = np.max(levels, 0)
    return latest == latest.max()


def _remove(layers: Sequence[PosteriorDense], indices: np.ndarray) -> None:
    ends = np.cumsum([int(np.prod(layer.kernel.shape)) for layer in layers])
    gone = np.isin(np.arange(ends[-1]), indices)
    for layer, part in zip(layers, np.split(gone, ends[:-1])):
        layer.fix_weights(np.zeros(layer.kernel.shape), part.reshape(layer.kernel.shape))


def _flat(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])
