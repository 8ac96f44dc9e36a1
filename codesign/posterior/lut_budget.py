"""LutBudget: trains a network of PosteriorDense layers to a size of its circuit, instead of to a weight of the cost."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.fpga.rtl.circuits import Circuit
from codesign.layers import PosteriorDense
from codesign.network.layout import Events
from codesign.posterior.collapse import INPUT_WIDTH, WEIGHT_WIDTH, check_widths
from codesign.posterior.graph_budget import AIMED_SHARE, GraphBudget, TrialCopy
from codesign.posterior.training_events import check_events, read_events
from codesign.train import CostSchedule
from codesign.train.schedules.step_schedule import required_layers

_FIRST_MEASUREMENT = 0.3  # share of the epochs: before, noise and signals have not found their balance
_FIRST_GUESS = 0.02  # cost weight times adder cost, near which classifiers of a few hundred to ten thousand LUTs ended
_GAIN = 0.7
_LARGEST_STEP = np.log(2.0)


@checked
class LutBudget(keras.callbacks.Callback):
    """Steer the cost weight of PosteriorDense layers until their network, if it collapsed now, had this adder cost.

    The weight rises to a first guess, 0.02 / adder_cost, as with :class:`codesign.train.CostSchedule`. From 30 % of the
    epochs on, at each of so many `measurements`, a copy of the network is collapsed and its adder graph is traced, and
    ``weight *= (cost_now / adder_cost)^0.7``, at most by a factor of 2. With `adder_levels`, the weight also rises
    while the graph is too deep: as for 2^(excess / layers) times too large a cost, since a level is twice the terms in
    one layer. :class:`CollapseToBudget` then ends within the budget.

    Args:
        adder_cost: da4ml's cost of the adder graph that is asked for: within a few per cent the LUTs of the circuit.
        x_train: (n_events, n_features) training events, of several inputs a list or a mapping by name; some thousand
            of them find the ranges.
        adder_levels: adders asked for on the critical path, the longest from an input to an output; None leaves it
            open.
        measurements: of a training; each takes about as long as two epochs of a small network.
        weight_width, input_width: of the collapse; see :func:`codesign.posterior.collapse`.

    Raises:
        ConfigError: for a budget below 1, or widths that are not positive; when `fit` starts, for a model without
            PosteriorDense.
        DataError: for events that no collapse takes: see :func:`codesign.posterior.collapse`.

    Example:
        >>> import numpy as np
        >>> from codesign import LutBudget, PosteriorDense, keras
        >>> x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), PosteriorDense(4, activation="relu"), PosteriorDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[LutBudget(60, x)])
    """

    def __init__(
        self,
        adder_cost: float,
        x_train: Events,
        *,
        adder_levels: int | None = None,
        measurements: int = 24,
        weight_width: float = WEIGHT_WIDTH,
        input_width: float = INPUT_WIDTH,
    ) -> None:
        super().__init__()
        if measurements < 1:
            raise ConfigError(f"measurements: expected at least 1. Received: {measurements}")
        self.measurements = int(measurements)
        self.budget = GraphBudget(adder_cost, adder_levels)
        check_widths(weight_width, input_width)
        self._widths = {"weight_width": weight_width, "input_width": input_width}
        self._x = read_events(x_train, "x_train")
        self.history: list[tuple[float, int]] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._layers = required_layers(self, PosteriorDense)
        check_events(self.model, self._x, "x_train")
        self._trial = TrialCopy(self.model)
        self._weight = _FIRST_GUESS / self.budget.adder_cost
        self._rise = CostSchedule(self._weight)
        self._next = _FIRST_MEASUREMENT

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        progress = epoch / self.params["epochs"]
        if progress >= self._next:
            graph = self._trial.graph(self._x, **self._widths)
            self.history.append((self._weight, graph.adder_cost))
            self._weight *= float(np.exp(np.clip(_GAIN * self._excess(graph), -_LARGEST_STEP, _LARGEST_STEP)))
            self._next = max(self._next + (1 - _FIRST_MEASUREMENT) / self.measurements, progress)
        weight = self._weight if self.history else self._rise.weight_at(progress)
        for layer in self._layers:
            layer.set_cost_weight(weight)

    def _excess(self, graph: Circuit) -> float:
        """Return the log of by how much too large the network is, or too deep."""
        too_large = np.log(max(graph.adder_cost, 1) / (AIMED_SHARE * self.budget.adder_cost))
        return max(too_large, np.log(2) * self.budget.excess_levels(graph) / len(graph.unit_levels))
