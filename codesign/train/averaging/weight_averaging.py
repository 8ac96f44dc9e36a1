"""WeightAveraging: the mean of the weights of a training's last epochs, as one network."""

import warnings

from codesign._arguments import check_range, checked
from codesign._keras import keras
from codesign.errors import ConfigError, UnfinishedWarning
from codesign.train.averaging.batch_statistics import batch_norms, update_batch_statistics
from codesign.train.averaging.running_mean import add_state
from codesign.train.fit_events import check_finite_fit, check_model_takes, first_event, refusals_in_one_line
from codesign.train.rates.rate_schedule import check_epochs


@checked
class WeightAveraging(keras.callbacks.Callback):
    """Stochastic weight averaging, SWA (Izmailov et al., arXiv:1803.05407): one network, not an ensemble.

    From the end of epoch `start` on, ``mean = (n mean + weights) / (n + 1)`` at each epoch's end; when `fit` ends, the
    model has the mean. Keep the learning rate high while it averages: constant, or cycles.

    With `validation_data` the mean is renewed, so that `start` need not be known (Strong, arXiv:2002.01427): a second
    mean begins `renewal` epochs behind the first, and `renewal` epochs later takes its place if its loss is smaller;
    else it begins anew, and is given `renewal` epochs more than the last time.

    A `fit` from epoch 0 begins anew; one with `initial_epoch` goes on with the mean that there is.

    Args:
        start: epoch, counted from 1, whose weights are the first.
        x: training events, as `fit` takes them, to compute the statistics of batch normalisation anew; a model without
            needs none.
        validation_data: (x, y) or (x, y, sample_weight); None: the mean is never renewed.
        renewal: epochs between the two means.
        batch_size: events at a time, of both.

    Raises:
        ConfigError: for epochs or a batch below 1; when `fit` starts, for a training that ends before `start`, a model
            with batch normalisation without `x`, or events that the model does not take.
        DataError: when `fit` starts, for NaN or inf in `x` or `validation_data`, or lengths that differ.

    Warns:
        UnfinishedWarning: when `fit` ends before `start`, by EarlyStopping: nothing is averaged.

    Example:
        >>> import numpy as np
        >>> from codesign import WeightAveraging, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
        >>> layers = [keras.layers.Dense(8, "relu"), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
        >>> model = keras.Sequential([keras.Input((4,)), *layers])
        >>> model.compile("adam", "mse")
        >>> average = WeightAveraging(start=2, x=x)
        >>> _ = model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[average])
        >>> average.n_averaged
        3
    """

    def __init__(
        self,
        start: int = 5,
        *,
        x: object = None,
        validation_data: tuple | None = None,
        renewal: int = 5,
        batch_size: int = 1024,
    ) -> None:
        super().__init__()
        check_epochs(start, "start")
        check_epochs(renewal, "renewal")
        check_range(batch_size, "batch_size", 1, 10**9)
        if validation_data is not None and len(validation_data) not in (2, 3):
            raise ConfigError(
                f"validation_data: expected (x, y) or (x, y, sample_weight). Received: {len(validation_data)} values"
            )
        self.start, self.x, self.renewal, self.batch_size = int(start), x, int(renewal), int(batch_size)
        self.validation_data = validation_data
        self._begin()

    @property
    def n_averaged(self) -> int:
        """States in the mean; 0 before the first."""
        return 0 if self._mean is None else self._mean[0]

    def on_train_begin(self, logs: dict | None = None) -> None:
        if self.start > self.params["epochs"]:
            raise ConfigError(
                f"start: expected at most the {self.params['epochs']} epochs of fit. Received: {self.start}, so that "
                "nothing is averaged"
            )
        if self.x is not None:
            check_model_takes(self.model, self.x, "x")
        if self.validation_data is not None:
            self._check_validation_data()
        self._epochs = 0
        norms = batch_norms(self.model)
        if self.x is None and norms:
            raise ConfigError(
                f"x: expected the training events, of which the statistics of layer '{norms[0].name}' are computed "
                "anew. Received: None; use WeightAveraging(x=x)"
            )

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if epoch == 0:
            self._begin()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._epochs = epoch + 1
        if self._epochs < self.start:
            return
        weights = self.model.get_weights()
        is_first, self._mean = self._mean is None, add_state(self._mean, weights)
        if self.validation_data is None or is_first:
            return
        if self._second is not None:
            self._second = add_state(self._second, weights)
        self._wait -= 1
        if not self._wait:
            self._renew(weights)

    def on_train_end(self, logs: dict | None = None) -> None:
        if self._mean is not None:
            self._put(self._mean)
            return
        warnings.warn(
            f"WeightAveraging: expected a training up to epoch {self.start}, its start. Received: one that ended after "
            f"epoch {self._epochs}, so that nothing is averaged, and the model has its own weights; start earlier, or "
            "stop later",
            UnfinishedWarning,
            stacklevel=2,
        )

    def _check_validation_data(self) -> None:
        """Evaluate the first event: what does not fit is found before the training."""
        names = ("validation_data[0]", "validation_data[1]", "validation_data[2]")
        check_finite_fit(self.validation_data, names)
        check_model_takes(self.model, self.validation_data[0], names[0])
        with refusals_in_one_line(self.model, "validation_data"):
            x, y, *weight = (None if one is None else first_event(one) for one in self.validation_data)
            self.model.evaluate(x, y, sample_weight=weight[0] if weight else None, verbose=0)

    def _begin(self) -> None:
        self._mean, self._second = None, None
        self._wait, self._times = self.renewal, 1

    def _renew(self, weights: list) -> None:
        if self._second is not None:
            is_better = self._loss(self._second, weights) < self._loss(self._mean, weights)
            self._mean = self._second if is_better else self._mean
            self._times = 1 if is_better else self._times + 1
        self._second, self._wait = add_state(None, weights), self.renewal * self._times

    def _loss(self, mean: list, weights: list) -> float:
        self._put(mean)
        x, y, *sample_weight = self.validation_data
        options = {"batch_size": self.batch_size, "verbose": 0, "return_dict": True}
        loss = self.model.evaluate(x, y, sample_weight=sample_weight[0] if sample_weight else None, **options)["loss"]
        self.model.set_weights(weights)
        return loss

    def _put(self, mean: list) -> None:
        self.model.set_weights(mean[1])
        if self.x is not None:
            update_batch_statistics(self.model, self.x, batch_size=self.batch_size)
