"""CosineWarmRestarts: the learning rate falls along a cosine, again and again, each time more slowly."""

from codesign._arguments import check_range, checked
from codesign.train.rates.cosine import along_cosine
from codesign.train.rates.rate_schedule import RateSchedule, check_epochs, check_rates


@checked
class CosineWarmRestarts(RateSchedule):
    """SGDR (Loshchilov, Hutter, arXiv:1608.03983): before each step the rate is set to

    ``end + (learning_rate - end) (1 + cos(pi t / T)) / 2``, t of the T epochs of a cycle done. The first cycle has
    `cycle_epochs`, each next `factor` times more: a factor of 2 and one epoch end cycles after 1, 3, 7, 15, 31 epochs,
    so train as many. When `fit` ends, the optimizer has the learning rate that it was compiled with.

    Args:
        learning_rate: at the start of each cycle; that of :func:`codesign.lr_range_test`.
        end: learning rate at the end of each.
        cycle_epochs: of the first cycle.
        factor: of the lengths of cycles.

    Raises:
        ConfigError: for rates that do not fall, or cycles below one epoch; when `fit` starts, for an optimizer whose
            rate a schedule sets, another callback that sets it, or an epoch of unknown length.

    Example:
        >>> import numpy as np
        >>> from codesign import CosineWarmRestarts, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> schedule = CosineWarmRestarts(2e-3)
        >>> _ = model.fit(x, x[:, :1], epochs=3, verbose=0, callbacks=[schedule])
        >>> [round(schedule.learning_rate_at(epochs), 4) for epochs in (0, 0.5, 1, 2, 3)]
        [0.002, 0.001, 0.002, 0.001, 0.002]
    """

    def __init__(
        self, learning_rate: float = 2e-3, *, end: float = 0.0, cycle_epochs: int = 1, factor: float = 2
    ) -> None:
        super().__init__()
        check_rates(end, learning_rate, "end, learning_rate")
        check_epochs(cycle_epochs, "cycle_epochs")
        check_range(factor, "factor", 1, 1000)
        self.learning_rate, self.end = float(learning_rate), float(end)
        self.cycle_epochs, self.factor = int(cycle_epochs), float(factor)

    def learning_rate_at(self, epochs: float) -> float:
        """Return the learning rate after a number of epochs, which need not be whole."""
        length = float(self.cycle_epochs)
        while epochs >= length:
            if self.factor == 1:
                epochs %= length
                break
            epochs, length = epochs - length, length * self.factor
        return along_cosine(self.learning_rate, self.end, epochs / length)

    def _move(self, step: int) -> None:
        self._set_rate(self.learning_rate_at(step / self._steps))
