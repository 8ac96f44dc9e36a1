"""collapse: rounds a network of PosteriorDense layers within its noise."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign._layer_walk import read_layer_graph
from codesign.errors import ConfigError, TrainingError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import COLLAPSED, COLLAPSING, NOISY
from codesign.layers.posterior.math import step_of_noise
from codesign.network.layout import Events
from codesign.posterior.cheap_values import cheapest_values
from codesign.posterior.equalize import equalize_scales
from codesign.posterior.feeds import Feeds
from codesign.posterior.training_events import check_events, read_events

WEIGHT_WIDTH, INPUT_WIDTH = 4.0, 1.2  # how far values are rounded, in units of their noise
SEED = 0


@checked
def collapse(
    model: keras.Model, x: Events, *, weight_width: float = WEIGHT_WIDTH, input_width: float = INPUT_WIDTH
) -> keras.Model:
    """Return a copy of a network of PosteriorDense layers whose inputs, weights and biases are fixed-point numbers.

    Weights below their noise (``theta^2 < sigma^2 / 4``) become zero, and inputs are rounded to steps 2^-F,
    ``F = round(-log2(sqrt(12) tau input_width))`` within -2 to 8: to the nearest, saturating, or, behind another
    PosteriorDense, down and wrapping, with half a step added to the bias before; of words behind DetectorWords bits are
    left out at the low end, with half a step added to the own bias. Integer bits cover all of `x`, or are sent. Weights
    take the value with the fewest signed digits within ``theta +- weight_width sigma``
    (:func:`codesign.posterior.cheapest_values`), biases multiples of half the step that they feed (1/16 at the output).

    Nothing is trained: :class:`codesign.posterior.CollapseSchedule` rounds part by part in a `fit`, which costs far
    less accuracy.

    Args:
        model: with PosteriorDense layers that are not collapsed: a chain or a graph; it is left as it is.
        x: (n_events, n_features) events, as `fit` gets them; of several inputs a list, or a mapping by name.
        weight_width, input_width: how far values are rounded, in units of the noise.

    Raises:
        ConfigError: for a model without such layers, or widths that are not positive.
        DataError: for events of a wrong shape, NaN or inf in them, or beyond the range of the first layer's
            `input_precision`.
        TrainingError: for NaN or inf in the weights.
        UnsupportedLayerError: for a model whose layers cannot be followed.

    Example:
        >>> import numpy as np
        >>> from codesign import CostSchedule, collapse, Network, PosteriorDense, keras
        >>> x = np.random.default_rng(0).normal(size=(256, 4)).astype("float32")
        >>> model = keras.Sequential([keras.Input((4,)), PosteriorDense(4, activation="relu"), PosteriorDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[CostSchedule(1e-5)])
        >>> str(Network.from_keras(collapse(model, x)).layers[0].precision.weight)
        'ap_fixed<2,2>'
    """
    check_widths(weight_width, input_width)
    x = read_events(x, "x")
    layers_to_collapse(model)
    check_events(model, x, "x")  # before the copy, which takes seconds
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    collapse_in_place(copy, x, weight_width=weight_width, input_width=input_width)
    return copy


def collapse_in_place(model: keras.Model, x: Events, *, weight_width: float, input_width: float) -> None:
    """Collapse a model itself; see :func:`collapse`.

    Args:
        x: as :func:`codesign.posterior.training_events.read_events` gives it.
    """
    steps = CollapseSteps(model, x, "x", input_width=input_width)
    random = np.random.default_rng(SEED)
    for layer in steps.layers:
        _fix(layer, 0, weight_width, random)
    steps.finish()  # which covers the ranges: those of what is not finished yet would be thrown away


class CollapseSteps:
    """The steps of a collapse of a model, in place: it is begun here, then weights are fixed, then it is finished.

    It holds no state of its own: what is fixed, the layers know.

    Args:
        model: with PosteriorDense layers that are not collapsed; of some, the weights may be fixed.
        x: finite float32 events that the formats are to cover.
        argument: what the user gave them by, for messages.
        input_width: see :func:`collapse`.

    Raises:
        ConfigError, DataError, TrainingError, UnsupportedLayerError: as :func:`collapse`.
    """

    def __init__(self, model: keras.Model, x: Events, argument: str, *, input_width: float) -> None:
        self.layers = layers_to_collapse(model)
        self._x, self._feeds = check_events(model, x, argument), Feeds(read_layer_graph(model))
        self.check_weights()
        if all(layer.stage == NOISY for layer in self.layers):
            self._start(input_width)

    def count_free(self) -> list[int]:
        """Return how many weights of each layer are not fixed."""
        return [int(np.sum(layer.frozen.numpy() < 1)) for layer in self.layers]

    def fix(self, n_left: Sequence[int], *, weight_width: float, random: np.random.Generator) -> None:
        """Fix weights of each layer until only `n_left` are free.

        Any, since of small moves first or last, neither ended better.
        """
        self.check_weights()
        for layer, n_left_here in zip(self.layers, n_left, strict=True):
            _fix(layer, n_left_here, weight_width, random)
        self.cover_ranges()

    def finish(self) -> bool:
        """Make the layers constant if all their weights are fixed, and return whether they are."""
        if any(layer.stage != COLLAPSING for layer in self.layers) or any(self.count_free()):
            return False
        self.check_weights()
        for layer in self.layers:
            layer.finish_collapse()
        self.cover_ranges()
        return True

    def cover_ranges(self) -> None:
        """Let the formats cover what the events bring now."""
        self._feeds.cover(self._x)

    def check_weights(self) -> None:
        """TrainingError for NaN or inf in the weights."""
        for layer in self.layers:
            if not all(np.isfinite(weight).all() for weight in layer.get_weights()):
                raise TrainingError(
                    f"layer '{layer.name}': expected finite weights to round. Received: NaN or inf; lower the "
                    "learning_rate, and add codesign.train.StopAtDivergence to the callbacks"
                )

    def _start(self, input_width: float) -> None:
        steps = self._input_steps(input_width)
        for layer in self.layers:
            mode, feeders = self._feeds.mode_and_feeders(layer)
            if feeders:
                equalize_scales(feeders, layer)
            step = steps.get(layer.name, step_of_noise(layer.log_tau2.numpy(), input_width))
            layer.start_collapse(mode, step, self._feeds.sent(layer))
            for feeder in feeders:
                feeder.layer.bias.assign_add(0.5 * layer.input_step[feeder.inputs])
        for layer in self.layers:
            layer.bias_step.assign(np.broadcast_to(self._feeds.bias_step(layer), layer.units))

    def _input_steps(self, input_width: float) -> dict[str, np.ndarray]:
        """The steps of what is rounded at the inputs, by layer: the finest that one of their readers asks for."""
        return {
            layer.name: np.min([step_of_noise(other.log_tau2.numpy(), input_width) for other in readers], 0)
            for readers in self._feeds.input_readers()
            for layer in readers
        }


def layers_to_collapse(model: keras.Model) -> list[PosteriorDense]:
    """Return the PosteriorDense layers of a model that are not collapsed; ConfigError if there is none."""
    layers = read_layer_graph(model).layers
    found = [layer for layer in layers if isinstance(layer, PosteriorDense) and layer.stage < COLLAPSED]
    if not found:
        raise ConfigError(
            "collapse: expected a model with PosteriorDense layers that are not collapsed. Received: none; "
            "use PosteriorDense in place of Dense, and collapse once"
        )
    return found


def check_widths(weight_width: float, input_width: float) -> None:
    """ConfigError for widths that are not positive."""
    if not (0 < weight_width < np.inf and 0 < input_width < np.inf):
        raise ConfigError(
            f"weight_width, input_width: expected positive numbers. Received: {weight_width}, {input_width}"
        )


def _fix(layer: PosteriorDense, n_left: int, weight_width: float, random: np.random.Generator) -> None:
    free = layer.frozen.numpy() < 1
    theta = layer.kernel.numpy().astype(np.float64)
    reach = weight_width * np.exp(0.5 * layer.log_sigma2.numpy().astype(np.float64))
    values = cheapest_values(theta - reach, theta + reach, theta)
    fixed = np.zeros(free.shape, bool)
    fixed.flat[random.permutation(np.flatnonzero(free))[: max(0, int(free.sum()) - n_left)]] = True
    layer.fix_weights(values, fixed)
