"""KLSchedule: the KL term comes in once the network has learnt something."""

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.layers import VariationalDense
from codesign.train.schedules.step_schedule import required_layers


@checked
class KLSchedule(keras.callbacks.Callback):
    """Set the KL weight of every VariationalDense: 0 up to epoch `start`, then linear to `weight` at epoch `end`.

    Epochs count from 1; start = 5 and end = 20 are the authors' (Molchanov et al. 2017, arXiv:1701.05369).

    The weight is one of the model's variables: weights that EarlyStopping puts back bring that of their epoch. The loss
    of validation events is often best before the pruning begins, so give EarlyStopping start_from_epoch=end, or it puts
    back a network that is not pruned.

    Args:
        n_train: events of the training set, which divides the KL term: `len(x)`, less a `validation_split`. It
            overrides that of the layers; None leaves it to them. `fit` does not tell a callback this number, so one of
            the two must.
        start, end: epochs.
        weight: final factor; 1 is the variational bound, more prunes harder.

    Raises:
        ConfigError: for impossible epochs or weights; when `fit` starts, for a model without VariationalDense or
            without the training size, or a size below the number of steps in an epoch.

    Example:
        >>> import numpy as np
        >>> from codesign import KLSchedule, VariationalDense, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), VariationalDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=3, verbose=0, callbacks=[KLSchedule(n_train=len(x), start=1, end=2)])
    """

    def __init__(self, *, n_train: int | None = None, start: int = 5, end: int = 20, weight: float = 1.0) -> None:
        super().__init__()
        if not 0 <= start <= end:
            raise ConfigError(f"start, end: expected epochs with 0 <= start <= end. Received: {start}, {end}")
        if not 0 <= weight < np.inf:
            raise ConfigError(f"weight: expected a number of at least 0. Received: {weight}")
        if n_train is not None and n_train < 1:
            raise ConfigError(f"n_train: expected the number of training events. Received: {n_train}")
        self.n_train = n_train
        self.start, self.end, self.weight = start, end, float(weight)

    def weight_at(self, epoch: int) -> float:
        """Return the KL weight in an epoch, counted from 1."""
        if epoch > self.end or self.start == self.end:
            return self.weight if epoch > self.start else 0.0
        return self.weight * max(0.0, (epoch - self.start) / (self.end - self.start))

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._layers = required_layers(self, VariationalDense)
        unknown = [layer.name for layer in self._layers if layer.n_train is None]
        if self.n_train is None and unknown:
            raise ConfigError(
                f"n_train: expected the training size for the KL term of layer '{unknown[0]}'. Received: None; use "
                "KLSchedule(n_train=len(x))"
            )
        steps = self.params.get("steps")
        if self.n_train is not None and steps and self.n_train < steps:
            raise ConfigError(
                f"n_train: expected the number of training events. Received: {self.n_train}, fewer than the {steps} "
                "steps of an epoch"
            )

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        for layer in self._layers:
            layer.set_kl_weight(self.weight_at(epoch + 1), self.n_train)
