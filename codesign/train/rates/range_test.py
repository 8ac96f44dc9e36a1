"""lr_range_test: the loss of a model while the learning rate rises from batch to batch."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from codesign._arguments import check_range, checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError, TrainingError
from codesign.train.fit_events import check_finite_fit, finite_batches, refusals_in_one_line
from codesign.train.rates.optimizer_settings import inner_optimizer, rate_variable
from codesign.train.rates.range_curve import LearningRateCurve
from codesign.train.rates.rate_schedule import check_rates
from codesign.train.restart import generators_of
from codesign.train.schedules.step_schedule import known_steps

_FEWEST = 10  # batches
_NAME = "lr_range_test"


@checked
def lr_range_test(
    model: keras.Model,
    data: object,
    *,
    low: float = 1e-7,
    high: float = 10.0,
    batch_size: int = 32,
    stop_factor: float = 100.0,
) -> LearningRateCurve:
    """Train one epoch of n batches while the learning rate rises from batch to batch by ``(high / low)^(1 / n)``.

    The range test of Smith, arXiv:1506.01186. It ends early once the loss is `stop_factor` times the lowest. Afterwards
    the model and its optimizer are what they were, to the bit.

    Args:
        model: compiled, with the learning rate as a number.
        data: (x, y) or (x, y, sample_weight), as `fit` takes them, or a tf.data.Dataset of batches.
        low, high: learning rates of the first batch, and after the last.
        batch_size: events of a batch; a Dataset has its own. Take that of the training.
        stop_factor: above 1.

    Returns:
        Its `suggestion` is a learning rate, `learning_rates` and `losses` are the curve, `plot()` draws it.

    Raises:
        ConfigError: for a model that is not built and compiled, an impossible range, fewer than 10 batches, an epoch of
            unknown length, or an optimizer whose rate a schedule sets.
        DataError: for NaN or inf in the data, or another number of labels or weights than of events.
        TrainingError: for a loss that is NaN from the start, or a range that diverges at once.

    Example:
        >>> import numpy as np
        >>> from codesign import keras, lr_range_test
        >>> x = np.random.default_rng(0).normal(size=(640, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> curve = lr_range_test(model, (x, x[:, :1]))
        >>> len(curve.losses), float(curve.learning_rates[0]), 1e-3 < curve.suggestion < 1
        (20, 1e-07, True)
    """
    if not low > 0:
        raise ConfigError(f"low: expected a learning rate above 0. Received: {low}")
    check_rates(low, high, "low, high")
    check_range(batch_size, "batch_size", 1, 10**9)
    if not stop_factor > 1:
        raise ConfigError(f"stop_factor: expected a number above 1. Received: {stop_factor}")
    rate = rate_variable(inner_optimizer(model, _NAME), _NAME)
    if not model.built:
        raise ConfigError(
            f"model: expected one that is built. Received: '{model.name}'; begin it with keras.Input, or call "
            "model.build"
        )
    arrays, options = _as_fit_takes_it(data, batch_size)
    rising = _RisingRate(rate, low, high, stop_factor)
    with _state_kept(model, rate), refusals_in_one_line(model, "data"):
        model.fit(*arrays, **options, epochs=1, verbose=0, callbacks=[rising])
    return _checked_curve(rising)


class _RisingRate(keras.callbacks.Callback):
    """Sets the rate before, and notes the loss after each batch, until it runs away."""

    def __init__(self, rate: tf.Variable, low: float, high: float, stop_factor: float) -> None:
        super().__init__()
        self._rate, self.low, self.high, self._stop_factor = rate, low, high, stop_factor
        self.rates: list[float] = []
        self.losses: list[float] = []
        self.is_stopped = False

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._n = known_steps(self.params)
        if self._n < _FEWEST:
            raise ConfigError(
                f"batch_size: expected at least {_FEWEST} batches. Received: {self._n}; take smaller batches"
            )

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        self.model.reset_metrics()  # or the loss would be the mean of all batches so far
        self.rates.append(self.low * (self.high / self.low) ** (batch / self._n))
        self._rate.assign(self.rates[-1])

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.losses.append(float(logs["loss"]))
        best = min(self.losses)
        if not math.isfinite(self.losses[-1]) or self.losses[-1] > self._stop_factor * best > 0:
            self.is_stopped = self.model.stop_training = True


def _as_fit_takes_it(data: object, batch_size: int) -> tuple[tuple, dict]:
    if isinstance(data, tf.data.Dataset):
        return (finite_batches(data, "data"),), {}
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        raise ConfigError(
            "data: expected (x, y), (x, y, sample_weight) or a tf.data.Dataset of batches. Received: "
            f"{type(data).__name__}{f' of {len(data)}' if isinstance(data, (tuple, list)) else ''}"
        )
    check_finite_fit(data, ("data[0]", "data[1]", "data[2]"))
    options = {"batch_size": batch_size, "sample_weight": data[2] if len(data) == 3 else None}
    return tuple(data[:2]), options


def _checked_curve(rising: _RisingRate) -> LearningRateCurve:
    rates, losses = np.array(rising.rates), np.array(rising.losses)
    if not math.isfinite(losses[0]):
        raise TrainingError(
            f"model: expected a finite loss before the first step. Received: {losses[0]}; look for NaN or inf in its "
            "weights, or numbers beyond float32 in the data"
        )
    if rising.is_stopped and (len(losses) < _FEWEST / 2 or losses.argmin() == 0):
        raise TrainingError(
            f"low: expected a learning rate at which the loss falls first. Received: {rising.low:g}, where it went "
            f"from {losses[0]:.4g} to {losses[-1]:.4g} in {len(losses)} batches; lower low, such as "
            f"low={rising.low / 1e4:g}"
        )
    return LearningRateCurve(rates, losses, rising.is_stopped)


@contextmanager
def _state_kept(model: keras.Model, rate: tf.Variable) -> Iterator[None]:
    """Put back what a `fit` changes of a model and its optimizer."""
    _build_slots(model)
    kept = [*model.weights, *model.optimizer.variables(), rate, *(one.state for one in generators_of(model))]
    values = [variable.numpy() for variable in kept]
    history, stop = model.history, model.stop_training
    try:
        yield
    finally:
        for variable, value in zip(kept, values):
            variable.assign(value)
        model.history, model.stop_training = history, stop
        model.reset_metrics()


def _build_slots(model: keras.Model) -> None:
    """Make the optimizer's variables of each weight, which it has from its first step on."""
    is_old = isinstance(model.optimizer, keras.optimizers.legacy.Optimizer)
    build = model.optimizer._create_all_weights if is_old else model.optimizer.build
    build(model.trainable_variables)
