"""LutBudget: trains a network of PosteriorDense layers to a number of LUTs, instead of to a weight of the cost."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign.fpga.rtl.adder_graph import AdderGraph, trace_adder_graph
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.posterior import CollapseSchedule
from codesign.posterior.graph_budget import GraphBudget
from codesign.posterior.training_events import check_events
from codesign.train import CostSchedule
from codesign.train.step_schedule import required_layers

_MEASUREMENTS = 24  # of a training; each takes about as long as two epochs of a small network
_FIRST_MEASUREMENT = 0.3  # share of the epochs: before, noise and signals have not found their balance
TRIAL_EVENTS = 4096
_FIRST_GUESS = 0.02  # cost weight times LUTs, near which classifiers of a few hundred to ten thousand LUTs ended
AIMED_SHARE = 0.97  # of the budget that is aimed at
_GAIN = 0.7
_LARGEST_STEP = np.log(2.0)


@checked
class LutBudget(keras.callbacks.Callback):
    """Steer the cost weight of all PosteriorDense layers until the network, if it collapsed now, would take `lut` LUTs.

    The weight rises to a first guess, 0.02 / lut, as with :class:`codesign.train.CostSchedule`. From 30 % of the epochs on, a copy of
    the network is collapsed and its adder graph is traced at each of 24 moments, and ``weight *= (lut_now / lut_asked)^0.7``, at most
    by a factor of 2. LUTs are da4ml's cost of the adder graph. With `adder_levels`, the weight also rises while the graph is too deep:
    as for 2^(excess / layers) times too many LUTs, since a level is twice the terms in one layer. :class:`CollapseToBudget` then ends
    within the budget.

    Args:
        lut: LUTs asked for.
        x_train: (n_events, n_features) training events; some thousand of them find the ranges.
        adder_levels: adders asked for on the longest way from an input to an output; None leaves it open.
        weight_width, input_width: of the collapse; see :class:`codesign.compress.CollapseSchedule`.

    Raises:
        ConfigError: for a budget or widths that are none; when `fit` starts, for a model without PosteriorDense.
        DataError: for events that no collapse takes: see :class:`codesign.compress.CollapseSchedule`.
    """

    def __init__(
        self,
        lut: float,
        x_train: np.ndarray,
        *,
        adder_levels: int | None = None,
        weight_width: float = 4.0,
        input_width: float = 1.2,
    ) -> None:
        super().__init__()
        self.budget = GraphBudget(lut, adder_levels)
        self._widths = {"weight_width": weight_width, "input_width": input_width}
        self._x = CollapseSchedule(x_train, **self._widths).x_train
        self.history: list[tuple[float, int]] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._layers = required_layers(self, PosteriorDense)
        check_events(self.model, self._x)
        self._weight = _FIRST_GUESS / self.budget.lut
        self._rise = CostSchedule(self._weight)
        self._next = _FIRST_MEASUREMENT

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        progress = epoch / self.params["epochs"]
        if progress >= self._next:
            graph = trial_graph(self.model, self._x[:TRIAL_EVENTS], **self._widths)
            self.history.append((self._weight, graph.cost))
            self._weight *= float(np.exp(np.clip(_GAIN * self._excess(graph), -_LARGEST_STEP, _LARGEST_STEP)))
            self._next = max(self._next + (1 - _FIRST_MEASUREMENT) / _MEASUREMENTS, progress)
        weight = self._weight if self.history else self._rise.weight_at(progress)
        for layer in self._layers:
            layer.set_cost_weight(weight)

    def _excess(self, graph: AdderGraph) -> float:
        """Return the log of by how much too large the network is, or too deep."""
        too_large = np.log(max(graph.cost, 1) / (AIMED_SHARE * self.budget.lut))
        return max(too_large, np.log(2) * self.budget.excess_levels(graph) / len(graph.unit_levels))


def trial_lut(model: keras.Model, x: np.ndarray, *, weight_width: float, input_width: float) -> int:
    """Return the LUTs, about, that a network of PosteriorDense layers would take if it collapsed now: see :func:`trial_graph`."""
    return trial_graph(model, x, weight_width=weight_width, input_width=input_width).cost


def trial_graph(model: keras.Model, x: np.ndarray, *, weight_width: float, input_width: float) -> AdderGraph:
    """Return the adder graph that a network of PosteriorDense layers would have if it collapsed now, without any training.

    Args:
        model: chain of PosteriorDense layers, not all collapsed; it is left as it is.
        x: (n_events, n_features) to find ranges on.
        weight_width, input_width: see :class:`codesign.compress.CollapseSchedule`.
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    collapse = CollapseSchedule(x, parts=(1.0,), weight_width=weight_width, input_width=input_width)
    collapse.set_model(copy)
    collapse.set_params({"epochs": 1})
    collapse.on_train_begin()
    collapse.on_epoch_begin(0)
    collapse.on_train_end()
    return trace_adder_graph(Network.from_keras(copy))
