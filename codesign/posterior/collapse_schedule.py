"""CollapseSchedule: rounds a network of PosteriorDense layers within its noise, part by part, while the rest trains on."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign._chain import chain_layers
from codesign._keras import keras
from codesign.errors import ConfigError, TrainingError
from codesign.layers import PosteriorDense
from codesign.layers.posterior_dense import COLLAPSED, COLLAPSING, NOISY
from codesign.layers.posterior_math import step_of_noise
from codesign.posterior.balance import balance
from codesign.posterior.cheap_values import cheapest_values
from codesign.posterior.posterior_chain import PosteriorChain
from codesign.posterior.training_events import check_events, read_events
from codesign.train.last_word import call_after_all_callbacks

_SEED = 0


@checked
class CollapseSchedule(keras.callbacks.Callback):
    """Give every input, weight and bias of the PosteriorDense layers its fixed-point value, in a second `fit` with a fresh optimizer.

    When `fit` starts, weights below their noise (``theta^2 < sigma^2 / 4``) become zero, and inputs are rounded to steps 2^-F,
    ``F = round(-log2(sqrt(12) tau input_width))`` within -2 to 8: to the nearest, saturating, or, behind another PosteriorDense,
    down and wrapping, with half a step added to the bias before. Integer bits cover all of `x_train`. Then the epochs are split
    evenly among the `parts`. At the start of each, weights are fixed until this share of a layer's is: at the value with the
    fewest signed digits within ``theta +- weight_width sigma`` (:func:`codesign.compress.cheapest_values`), in
    random order. The others train on with their noise. Biases are rounded from the start, to half the step that they feed (1/16 at the
    output). When `fit` ends behind the last part, the layers are constant.

    Let the learning rate start anew with each part (keras.optimizers.schedules.CosineDecayRestarts): what was fixed last has to be
    made up for by what is left.

    A `fit` that ends early leaves a model that predicts, saves and loads; another one with this callback goes on with what is left.
    So does one in which EarlyStopping(restore_best_weights=True), wherever it stands, puts back weights from before the last part: the
    loss rises with each part, so let it start there (start_from_epoch), or do without it.

    Args:
        x_train: (n_events, n_features) training events, as `fit` gets them.
        parts: ascending shares of the weights above the noise, the last one 1.
        weight_width, input_width: how far values are rounded, in units of the noise.

    Raises:
        ConfigError: for shares that do not ascend to 1 or widths that are not positive; when `fit` starts, for a model without
            PosteriorDense layers that are still to collapse.
        DataError: for NaN or inf in the events; when `fit` starts, for events of a wrong shape, or beyond the range of the first
            layer's `input_precision`.
        TrainingError: for NaN or inf in the weights, at the start of a part or at the end.
    """

    _supports_tf_logs = True

    def __init__(
        self,
        x_train: np.ndarray,
        *,
        parts: Sequence[float] = (0.4, 0.65, 0.82, 0.92, 1.0),
        weight_width: float = 4.0,
        input_width: float = 1.2,
    ) -> None:
        super().__init__()
        self.x_train = read_events(x_train)
        self.parts = tuple(float(part) for part in parts)
        if not self.parts or self.parts[-1] != 1 or self.parts[0] <= 0 or not (np.diff(self.parts) > 0).all():
            raise ConfigError(f"parts: expected shares that ascend to 1, such as (0.5, 0.8, 1). Received: {self.parts}")
        if not (0 < weight_width < np.inf and 0 < input_width < np.inf):
            raise ConfigError(
                f"weight_width, input_width: expected positive numbers. Received: {weight_width}, {input_width}"
            )
        self.weight_width, self.input_width = float(weight_width), float(input_width)

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._finishes_last = call_after_all_callbacks(self.model, self.finish)
        layers = chain_layers(self.model)
        self.layers = [layer for layer in layers if isinstance(layer, PosteriorDense) and layer.stage < COLLAPSED]
        if not self.layers:
            raise ConfigError(
                "CollapseSchedule: expected a model with PosteriorDense layers that are not collapsed. Received: none; remove the callback"
            )
        check_events(self.model, self.x_train)
        self._check_weights()
        self._chain, self._random = PosteriorChain(layers), np.random.default_rng(_SEED)
        if all(layer.stage == NOISY for layer in self.layers):
            self._start()
        self._n_free = [int(np.sum(layer.frozen.numpy() < 1)) for layer in self.layers]
        self.begun_parts = 0

    def wanted_parts(self, epoch: int) -> int:
        """Return how many parts are to be begun by the start of an epoch."""
        return ((epoch + 1) * len(self.parts) - 1) // self.params["epochs"] + 1

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        wanted = self.wanted_parts(epoch)
        if wanted > self.begun_parts:
            self._check_weights()
            for layer, n_free in zip(self.layers, self._n_free):
                self._fix(layer, n_left=n_free - int(np.ceil(self.parts[wanted - 1] * n_free)))
            self.cover_ranges()
            self.begun_parts = wanted

    def on_train_end(self, logs: dict | None = None) -> None:
        if not self._finishes_last:
            self.finish()

    def finish(self) -> None:
        """Make the layers constant if all their weights are fixed; called when `fit` has ended, behind all callbacks."""
        if all(layer.stage == COLLAPSING and (layer.frozen.numpy() > 0).all() for layer in self.layers):
            self._check_weights()
            for layer in self.layers:
                layer.finish_collapse()
            self.cover_ranges()

    def cover_ranges(self) -> None:
        """Let the formats cover what the training events bring now."""
        self._chain.cover(self.x_train)

    def _check_weights(self) -> None:
        for layer in self.layers:
            if not all(np.isfinite(weight).all() for weight in layer.get_weights()):
                raise TrainingError(
                    f"layer '{layer.name}': expected finite weights to round. Received: NaN or inf; lower the learning_rate, "
                    "and add codesign.train.StopAtDivergence to the callbacks"
                )

    def _start(self) -> None:
        for layer in self.layers:
            mode, feeder = self._chain.mode_and_feeder(layer)
            if feeder is not None:
                balance(feeder, layer)
            layer.start_collapse(mode, step_of_noise(layer.log_tau2.numpy(), self.input_width))
            if feeder is not None:
                feeder.bias.assign_add(0.5 * layer.input_step)
        for layer in self.layers:
            layer.bias_step.assign(np.broadcast_to(self._chain.bias_step(layer), layer.units))

    def _fix(self, layer: PosteriorDense, *, n_left: int) -> None:
        """Fix weights, any of them, until only `n_left` are free: of small moves first or last, neither ended better."""
        free = layer.frozen.numpy() < 1
        theta, sigma = (
            layer.kernel.numpy().astype(np.float64),
            np.exp(0.5 * layer.log_sigma2.numpy().astype(np.float64)),
        )
        values = cheapest_values(theta - self.weight_width * sigma, theta + self.weight_width * sigma, theta)
        fixed = np.zeros(free.shape, bool)
        fixed.flat[self._random.permutation(np.flatnonzero(free))[: max(0, int(free.sum()) - n_left)]] = True
        layer.fix_weights(values, fixed)
