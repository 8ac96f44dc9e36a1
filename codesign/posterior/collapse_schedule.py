"""CollapseSchedule: rounds a PosteriorDense network within its noise, part by part, while the rest trains on."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign.errors import ConfigError
from codesign.network.layout import Events
from codesign.posterior.collapse import INPUT_WIDTH, SEED, WEIGHT_WIDTH, CollapseSteps, check_widths
from codesign.posterior.training_events import read_events
from codesign.train.last_word import call_after_all_callbacks

PARTS = (0.4, 0.65, 0.82, 0.92, 1.0)


@checked
class CollapseSchedule(keras.callbacks.Callback):
    """Give every input, weight and bias of PosteriorDense layers its fixed-point value, in a second `fit`.

    Take a fresh optimizer for it.

    When `fit` starts, weights below their noise become zero and inputs are rounded, as
    :func:`codesign.posterior.collapse` says. Then the epochs are split evenly among the `parts`. At the start of each,
    weights are fixed at their value, in random order, until this share of a layer's is. The others train on with their
    noise. Biases are rounded from the start. When `fit` ends behind the last part, the layers are constant.

    Let the learning rate start anew with each part (keras.optimizers.schedules.CosineDecayRestarts): what was fixed
    last has to be made up for by what is left.

    A `fit` that ends early leaves a model that predicts, saves and loads; another one with this callback goes on with
    what is left. So does one in which EarlyStopping(restore_best_weights=True), wherever it stands, puts back weights
    from before the last part: the loss rises with each part, so let it start there (start_from_epoch), or do without
    it.

    Args:
        x_train: (n_events, n_features) training events, as `fit` gets them; of several inputs a list, or a mapping.
        parts: ascending shares of the weights above the noise, the last one 1.
        weight_width, input_width: how far values are rounded, in units of the noise.

    Raises:
        ConfigError: for shares that do not ascend to 1 or widths that are not positive; when `fit` starts, for a model
            without PosteriorDense layers that are still to collapse.
        DataError: for NaN or inf in the events; when `fit` starts, for events of a wrong shape, or beyond the range of
            the first layer's `input_precision`.
        TrainingError: for NaN or inf in the weights, at the start of a part or at the end.

    Example:
        >>> import numpy as np
        >>> from codesign import CollapseSchedule, CostSchedule, Network, PosteriorDense, keras
        >>> x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), PosteriorDense(4, activation="relu"), PosteriorDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[CostSchedule(1e-5)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=5, verbose=0, callbacks=[CollapseSchedule(x)])
        >>> str(Network.from_keras(model).layers[0].precision.weight)
        'ap_fixed<2,2>'
    """

    _supports_tf_logs = True

    def __init__(
        self,
        x_train: Events,
        *,
        parts: Sequence[float] = PARTS,
        weight_width: float = WEIGHT_WIDTH,
        input_width: float = INPUT_WIDTH,
    ) -> None:
        super().__init__()
        self.x_train = read_events(x_train, "x_train")
        self.parts = tuple(float(part) for part in parts)
        if not self.parts or self.parts[-1] != 1 or self.parts[0] <= 0 or not (np.diff(self.parts) > 0).all():
            raise ConfigError(f"parts: expected shares that ascend to 1, such as (0.5, 0.8, 1). Received: {self.parts}")
        check_widths(weight_width, input_width)
        self.weight_width, self.input_width = float(weight_width), float(input_width)

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._finishes_last = call_after_all_callbacks(self.model, self.finish)
        self._steps = CollapseSteps(self.model, self.x_train, "x_train", input_width=self.input_width)
        self._random = np.random.default_rng(SEED)
        self._n_free, self._begun_parts = self._steps.count_free(), 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        wanted = ((epoch + 1) * len(self.parts) - 1) // self.params["epochs"] + 1
        if wanted > self._begun_parts:
            share = self.parts[wanted - 1]
            n_left = [n_free - int(np.ceil(share * n_free)) for n_free in self._n_free]
            self._steps.fix(n_left, weight_width=self.next_width(), random=self._random)
            self._begun_parts = wanted

    def on_train_end(self, logs: dict | None = None) -> None:
        if not self._finishes_last:
            self.finish()

    def next_width(self) -> float:
        """Return how far the weights of the next part are rounded."""
        return self.weight_width

    def finish(self) -> bool:
        """Make the layers constant if all their weights are fixed, and return whether.

        Called when `fit` has ended, behind all callbacks.
        """
        return self._steps.finish()
