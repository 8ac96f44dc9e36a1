"""FastGeometricEnsembling: short cycles of the learning rate at the end of a training, a snapshot at each low."""

from codesign._arguments import checked
from codesign.errors import ConfigError
from codesign.train.averaging.snapshots import SnapshotSchedule
from codesign.train.rates.rate_schedule import check_epochs, check_rates


@checked
class FastGeometricEnsembling(SnapshotSchedule):
    """Walks from minimum to minimum of a trained network (Garipov et al., arXiv:1802.10026).

    In step i of a cycle of c, counted from 1, the learning rate is linear in ``t = i / c``: from the higher down to the
    lower at t = 1/2, where the weights are kept, and up again at t = 1:
    ``(1 - 2 t) high + 2 t low`` up to 1/2, then ``(2 - 2 t) low + (2 t - 1) high``.

    Args:
        learning_rates: lower and higher.
        cycle_epochs: epochs of a cycle.
        start: epochs before the first cycle, at the learning rate that the optimizer has: some 80 % of a training, or 0
            for a network that is trained already.
        keep: of the snapshots, the last so many; None: all.

    Attributes:
        snapshots: the weights, oldest first; :meth:`to_model` makes one model of them, :meth:`to_models` one of each.

    Raises:
        ConfigError: for rates that are not lower and higher, no epoch, or nothing to keep; when `fit` starts, for a
            training that ends before the first low, cycles of one step, an optimizer whose rate a schedule sets,
            another callback that sets it, or an epoch of unknown length.

    Example:
        >>> import numpy as np
        >>> from codesign import FastGeometricEnsembling, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> walk = FastGeometricEnsembling(cycle_epochs=2, start=2)
        >>> _ = model.fit(x, x[:, :1], epochs=8, verbose=0, callbacks=[walk])
        >>> len(walk.snapshots), walk.to_model().predict(x, verbose=0).shape
        (3, (64, 1))
    """

    def __init__(
        self,
        learning_rates: tuple[float, float] = (2e-4, 2e-3),
        *,
        cycle_epochs: int = 5,
        start: int = 0,
        keep: int | None = None,
    ) -> None:
        super().__init__(keep)
        check_rates(*learning_rates, "learning_rates")
        check_epochs(cycle_epochs, "cycle_epochs")
        check_epochs(start, "start", low=0)
        if keep is not None and keep < 1:
            raise ConfigError(f"keep: expected at least 1. Received: {keep}")
        self.learning_rates = (float(learning_rates[0]), float(learning_rates[1]))
        self.cycle_epochs, self.start = int(cycle_epochs), int(start)

    def learning_rate_at(self, share: float) -> float:
        """Return the learning rate at a share of a cycle, above 0 up to 1."""
        low, high = self.learning_rates
        return low + abs(1 - 2 * share) * (high - low)

    def on_train_begin(self, logs: dict | None = None) -> None:
        super().on_train_begin(logs)
        self._cycle, self._begun = self.cycle_epochs * self._steps, self.start * self._steps
        if self._cycle < 2:
            raise ConfigError("cycle_epochs: expected cycles of at least 2 steps. Received: 1; take more epochs")
        if self._begun + self._cycle // 2 > self.params["epochs"] * self._steps:
            raise ConfigError(
                f"start, cycle_epochs: expected half a cycle within the {self.params['epochs']} epochs of fit. "
                f"Received: {self.start}, {self.cycle_epochs}, so that there is no snapshot"
            )

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self._lows = self._lows_after(self._before)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        lows = self._lows_after(self._before + batch + 1)  # several steps may be one call
        if lows > self._lows:
            self._keep_weights()
        self._lows = lows

    def _lows_after(self, steps: int) -> int:
        return max(0, steps - self._begun - self._cycle // 2 + self._cycle) // self._cycle

    def _move(self, step: int) -> None:
        if step >= self._begun:
            self._set_rate(self.learning_rate_at(((step - self._begun) % self._cycle + 1) / self._cycle))
