"""LutBudget: trains a network of PosteriorDense layers to a number of LUTs, instead of to a weight of the cost."""

from collections.abc import Sequence

import numpy as np

from codesign._keras import keras
from codesign.compress import CollapseSchedule
from codesign.errors import BudgetError, ConfigError
from codesign.fpga.adder_graph import trace_adder_graph
from codesign.layers import PosteriorDense
from codesign.network import Network
from codesign.train import CostSchedule
from codesign.train.step_schedule import required_layers

_MEASUREMENTS = 24  # of a training; each takes about as long as two epochs of a small network
_FIRST_MEASUREMENT = 0.3  # share of the epochs: before, noise and signals have not found their balance
_TRIAL_EVENTS = 4096
_FIRST_GUESS = 0.02  # cost weight times LUTs, near which classifiers of a few hundred to ten thousand LUTs ended
_SHARE = 0.97  # of the budget that is aimed at
_GAIN = 0.7
_LARGEST_STEP = np.log(2.0)
_WIDTHS = (0.25, 16.0)
_BISECTIONS = 8


class LutBudget(keras.callbacks.Callback):
    """Steer the cost weight of all PosteriorDense layers until the network, if it collapsed now, would take `lut` LUTs.

    The weight rises to a first guess, 0.02 / lut, as with :class:`codesign.train.CostSchedule`. From 30 % of the epochs on, a copy of
    the network is collapsed and its adder graph is traced at each of 24 moments, and ``weight *= (lut_now / lut_asked)^0.7``, at most
    by a factor of 2. LUTs are da4ml's cost of the adder graph. :class:`CollapseToBudget` then ends within the budget.

    Args:
        lut: LUTs asked for.
        x_train: (n_events, n_features) training events; some thousand of them find the ranges.
        weight_width, input_width: of the collapse; see :class:`codesign.compress.CollapseSchedule`.

    Raises:
        ConfigError: for a budget that is none; when `fit` starts, for a model without PosteriorDense.
    """

    def __init__(self, lut: float, x_train: np.ndarray, *, weight_width: float = 4.0, input_width: float = 1.2) -> None:
        super().__init__()
        self.lut = _check_lut(lut)
        self._x = np.asarray(x_train, np.float32)[:_TRIAL_EVENTS]
        self._widths = {"weight_width": weight_width, "input_width": input_width}
        self.history: list[tuple[float, int]] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._layers = required_layers(self, PosteriorDense)
        self._weight = _FIRST_GUESS / self.lut
        self._rise = CostSchedule(self._weight)
        self._next = _FIRST_MEASUREMENT

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        progress = epoch / self.params["epochs"]
        if progress >= self._next:
            lut = trial_lut(self.model, self._x, **self._widths)
            self.history.append((self._weight, lut))
            step = _GAIN * np.log(max(lut, 1) / (_SHARE * self.lut))
            self._weight *= float(np.exp(np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)))
            self._next = max(self._next + (1 - _FIRST_MEASUREMENT) / _MEASUREMENTS, progress)
        weight = self._weight if self.history else self._rise.weight_at(progress)
        for layer in self._layers:
            layer.set_cost_weight(weight)


class CollapseToBudget(CollapseSchedule):
    """CollapseSchedule that ends with at most `lut` LUTs, and near them.

    At the start of each part, `weight_width` is chosen by bisection such that the network, if all of it collapsed now, takes 97 % of
    the budget. If it still takes more at the end, weights are set to zero, the smallest first in units of what their inputs carry,
    until it fits.

    Args:
        lut: LUTs that are not to be exceeded, by da4ml's cost of the adder graph.
        x_train: (n_events, n_features) training events.
        parts, input_width: see :class:`codesign.compress.CollapseSchedule`.

    Raises:
        ConfigError: for a budget that is none.
        BudgetError: when `fit` ends, for a budget that no network of this shape meets; it says the least that was reached.
    """

    def __init__(
        self,
        lut: float,
        x_train: np.ndarray,
        *,
        parts: Sequence[float] = (0.4, 0.65, 0.82, 0.92, 1.0),
        input_width: float = 1.2,
    ) -> None:
        super().__init__(x_train, parts=parts, input_width=input_width)
        self.lut = _check_lut(lut)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if self.wanted_parts(epoch) > self.begun_parts:
            self.weight_width = self._fitting_width()
        super().on_epoch_begin(epoch, logs)

    def on_train_end(self, logs: dict | None = None) -> None:
        super().on_train_end(logs)
        if all(layer.is_collapsed for layer in self.layers):
            self._trim()

    def _fitting_width(self) -> float:
        x = self.x_train[:_TRIAL_EVENTS]
        low, high = np.log(_WIDTHS)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            lut = trial_lut(self.model, x, weight_width=float(np.exp(middle)), input_width=self.input_width)
            low, high = (middle, high) if lut > _SHARE * self.lut else (low, middle)
        return float(np.exp(high))

    def _trim(self) -> None:
        """Set weights to zero until the network fits; as many at a time as the excess suggests, then fewer."""
        lut = lut_of(self.model)
        while lut > self.lut:
            sizes = [np.abs(layer.inference_kernel) * np.sqrt(layer.mean_square.numpy())[:, np.newaxis] for layer in self.layers]
            alive = np.concatenate([size[size > 0] for size in sizes])
            if not len(alive):
                raise BudgetError(f"lut: expected at least {lut}, the least that was reached. Received: {self.lut:g}")
            n_gone = max(1, int(0.5 * len(alive) * (1 - self.lut / lut)))
            limit = np.sort(alive)[n_gone - 1]
            for layer, size in zip(self.layers, sizes):
                layer.fix_weights(np.zeros(size.shape), size <= limit)
            self.cover_ranges()
            lut = lut_of(self.model)


def trial_lut(model: keras.Model, x: np.ndarray, *, weight_width: float, input_width: float) -> int:
    """Return the LUTs, about, that a network of PosteriorDense layers would take if it collapsed now, without any training.

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
    return lut_of(copy)


def lut_of(model: keras.Model) -> int:
    """Return da4ml's cost of a collapsed network's adder graph."""
    return trace_adder_graph(Network.from_keras(model)).cost


def _check_lut(lut: float) -> float:
    if not 0 < lut < np.inf:
        raise ConfigError(f"lut: expected a positive number of LUTs. Received: {lut}")
    return float(lut)
