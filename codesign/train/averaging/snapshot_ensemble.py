"""SnapshotEnsemble: the weights at the end of each cosine of one training, as an ensemble."""

from codesign._arguments import check_range, checked
from codesign.errors import ConfigError
from codesign.train.averaging.snapshots import SnapshotSchedule
from codesign.train.rates.cosine import along_cosine
from codesign.train.rates.rate_schedule import check_epochs, check_rates


@checked
class SnapshotEnsemble(SnapshotSchedule):
    """An ensemble for the price of one training (Huang et al., arXiv:1704.00109).

    The learning rate is ``learning_rate (1 + cos(pi t / T)) / 2`` before each step, t of the T epochs of a cycle done;
    at the end of each cycle the weights are kept. When `fit` ends, the model has the weights of its last epoch, and the
    optimizer the learning rate that it was compiled with.

    Args:
        cycle_epochs: T; cycles of fewer than some ten epochs give snapshots that are alike.
        keep: of the snapshots, the last so many; None: all.
        learning_rate: at the start of each cycle.

    Attributes:
        snapshots: the weights, oldest first; :meth:`to_model` makes one model of them, :meth:`to_models` one of each.

    Raises:
        ConfigError: for a rate of 0 or less, no epoch, or nothing to keep; when `fit` starts, for cycles longer than
            the training, an optimizer whose rate a schedule sets, another callback that sets it, or an epoch of unknown
            length.

    Example:
        >>> import numpy as np
        >>> from codesign import SnapshotEnsemble, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> snapshots = SnapshotEnsemble(cycle_epochs=2)
        >>> _ = model.fit(x, x[:, :1], epochs=6, verbose=0, callbacks=[snapshots])
        >>> len(snapshots.snapshots), snapshots.to_model().predict(x, verbose=0).shape
        (3, (64, 1))
    """

    def __init__(self, cycle_epochs: int = 50, *, keep: int | None = 4, learning_rate: float = 2e-3) -> None:
        super().__init__(keep)
        check_epochs(cycle_epochs, "cycle_epochs")
        check_rates(0.0, learning_rate, "0, learning_rate")
        if keep is not None:
            check_range(keep, "keep", 1, 10**6)
        self.cycle_epochs, self.learning_rate = int(cycle_epochs), float(learning_rate)

    def learning_rate_at(self, epochs: float) -> float:
        """Return the learning rate after a number of epochs, which need not be whole."""
        return along_cosine(self.learning_rate, 0.0, epochs % self.cycle_epochs / self.cycle_epochs)

    def on_train_begin(self, logs: dict | None = None) -> None:
        super().on_train_begin(logs)
        if self.cycle_epochs > self.params["epochs"]:
            raise ConfigError(
                f"cycle_epochs: expected at most the {self.params['epochs']} epochs of fit. Received: "
                f"{self.cycle_epochs}, so that no cycle ends"
            )

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        if (epoch + 1) % self.cycle_epochs == 0:
            self._keep_weights()

    def _move(self, step: int) -> None:
        self._set_rate(self.learning_rate_at(step / self._steps))
