"""CostSchedule: bits begin to cost once the network has learnt something."""

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.limits import COST_WEIGHT_LIMITS
from codesign.train.schedules.step_schedule import StepSchedule, required_layers


@checked
class CostSchedule(StepSchedule):
    """Set the cost weight of every PosteriorDense along the training: 0, then linear to `weight`, then constant.

    The weight is one of the model's variables: weights that EarlyStopping puts back bring that of their epoch. The loss
    of validation events is often best before bits cost anything, so give EarlyStopping a start_from_epoch behind `end`.

    Args:
        weight: final factor of the cost in the loss; more gives a smaller network. 1e-6 to 1e-4 for classifiers with
            cross-entropy.
        start, end: shares of the steps of all epochs, at which the weight begins to rise and has risen.

    Raises:
        ConfigError: for a weight outside 0 to 1e6 or impossible shares; when `fit` starts, for a model without
            PosteriorDense, or an epoch of unknown length.

    Example:
        >>> import numpy as np
        >>> from codesign import CostSchedule, PosteriorDense, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), PosteriorDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=5, verbose=0, callbacks=[CostSchedule(1e-5)])
    """

    def __init__(self, weight: float, *, start: float = 0.05, end: float = 0.2) -> None:
        super().__init__()
        low, high = COST_WEIGHT_LIMITS
        if not low <= weight <= high:
            raise ConfigError(f"weight: expected {low:g} to {high:g}. Received: {weight}")
        if not 0 <= start <= end <= 1:
            raise ConfigError(
                f"start, end: expected shares of the training with 0 <= start <= end <= 1. Received: {start}, {end}"
            )
        self.weight, self.start, self.end = float(weight), float(start), float(end)

    def weight_at(self, progress: float) -> float:
        """Return the cost weight at a share of the training."""
        if progress >= self.end:
            return self.weight
        return self.weight * (progress - self.start) / (self.end - self.start) if progress > self.start else 0.0

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._layers = required_layers(self, PosteriorDense)
        super().on_train_begin(logs)

    def _move(self, progress: float) -> None:
        for layer in self._layers:
            layer.set_cost_weight(self.weight_at(progress))
