"""OneCycle: the learning rate up and down once along cosines, the momentum down and up."""

from codesign._arguments import check_range, checked
from codesign.errors import ConfigError
from codesign.train.rates.cosine import along_cosine
from codesign.train.rates.optimizer_settings import Momentum
from codesign.train.rates.rate_schedule import RateSchedule, check_rates


@checked
class OneCycle(RateSchedule):
    """One cycle over all steps of a `fit` (Smith, arXiv:1803.09820): large rates in between need less momentum.

    With the share p of the cycle's first or second part, each value is ``b + (a - b) (1 + cos(pi p)) / 2``: of the
    learning rate from `start` to `learning_rate`, then to `end`; of the momentum from the first of `momentum` to the
    second, then back. When `fit` ends, the optimizer has the learning rate and momentum that it was compiled with.

    Args:
        learning_rate: the highest; that of :func:`codesign.lr_range_test`, or a few times more.
        start, end: learning rates before and after.
        momentum: at the start and end, and at the highest learning rate; of SGD its momentum, of Adam beta_1. None
            leaves it alone.
        warm_up: share of the steps before the highest rate; 1/3 makes parts of lengths 1:2.

    Raises:
        ConfigError: for rates that do not rise from `start` to `learning_rate` and fall to `end`, or a momentum or
            share outside 0 to 1; when `fit` starts, for an optimizer without momentum, or whose rate a schedule sets,
            another callback that sets the rate, or an epoch of unknown length.

    Example:
        >>> import numpy as np
        >>> from codesign import OneCycle, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> cycle = OneCycle(1e-2)
        >>> _ = model.fit(x, x[:, :1], epochs=3, verbose=0, callbacks=[cycle])
        >>> cycle.learning_rate_at(1 / 3), round(cycle.momentum_at(1 / 3), 2)
        (0.01, 0.85)
    """

    def __init__(
        self,
        learning_rate: float = 1e-2,
        *,
        start: float = 1e-4,
        end: float = 0.0,
        momentum: tuple[float, float] | None = (0.95, 0.85),
        warm_up: float = 1 / 3,
    ) -> None:
        super().__init__()
        check_rates(start, learning_rate, "start, learning_rate")
        check_rates(end, learning_rate, "end, learning_rate")
        for value in momentum or ():
            if not 0 <= value < 1:
                raise ConfigError(f"momentum: expected two numbers from 0 to below 1. Received: {value}")
        check_range(warm_up, "warm_up", 0, 1)
        self.learning_rate, self.start, self.end = float(learning_rate), float(start), float(end)
        self.momentum = momentum if momentum is None else (float(momentum[0]), float(momentum[1]))
        self.warm_up = float(warm_up)

    def learning_rate_at(self, progress: float) -> float:
        """Return the learning rate at a share of the training."""
        return self._between(self.start, self.learning_rate, self.end, progress)

    def momentum_at(self, progress: float) -> float | None:
        """Return the momentum at a share of the training; None if it is left alone."""
        return None if self.momentum is None else self._between(*self.momentum, self.momentum[0], progress)

    def on_train_begin(self, logs: dict | None = None) -> None:
        super().on_train_begin(logs)
        self._moved = None if self.momentum is None else Momentum(self.model, type(self).__name__)

    def on_train_end(self, logs: dict | None = None) -> None:
        super().on_train_end(logs)
        if self._moved is not None:
            self._moved.put_back()

    def _move(self, step: int) -> None:
        progress = step / (self._steps * self.params["epochs"])
        self._set_rate(self.learning_rate_at(progress))
        if self._moved is not None:
            self._moved.assign(self.momentum_at(progress))

    def _between(self, first: float, middle: float, last: float, progress: float) -> float:
        if progress < self.warm_up:
            return along_cosine(first, middle, progress / self.warm_up)
        return along_cosine(middle, last, (progress - self.warm_up) / (1 - self.warm_up)) if self.warm_up < 1 else last
