"""How the PosteriorDense layers of a chain feed one another, and which values pass between them."""

from collections.abc import Sequence

import numpy as np

from codesign._keras import keras
from codesign._layer_graph import INERT
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import COLLAPSED, NOISY, ROUNDED, TRUNCATED, UNTOUCHED
from codesign.refine.digit_cost import OUTPUT_STEP

_OTHER_STEP = 2.0**-8
_EVENTS_PER_BLOCK = 65536


class PosteriorChain:
    """The layers of a model in a row.

    Args:
        layers: all of them, from the input to the output.
    """

    def __init__(self, layers: Sequence[keras.layers.Layer]) -> None:
        self._layers = [layer for layer in layers if type(layer).__name__ != "InputLayer"]

    def mode_and_feeder(self, layer: PosteriorDense) -> tuple[int, PosteriorDense | None]:
        """Return how a layer rounds its inputs, and the layer whose bias takes the half step if it truncates.

        Behind a QActivation inputs have their format already; behind another PosteriorDense, with relu or nothing in
        between, they are truncated; everything else, the network's input above all, is rounded. A prescribed format
        always rounds.
        """
        for before in self._layers[: self._layers.index(layer)][::-1]:
            if _is_quantised(before):
                return UNTOUCHED, None
            if isinstance(before, PosteriorDense):
                can_feed = _passes(before.activation) and before.bias is not None and before.stage < COLLAPSED
                return (TRUNCATED, before) if can_feed and layer.input_precision is None else (ROUNDED, None)
            if not _is_passing(before):
                return ROUNDED, None
        return ROUNDED, None

    def bias_step(self, layer: PosteriorDense) -> np.ndarray | float:
        """Return (units,) half the step of the inputs that a layer's outputs become, or one number for all.

        A half, because truncated values are half a step too low on average, which the bias makes up for.
        """
        for after in self._layers[self._layers.index(layer) + 1 :]:
            if isinstance(after, PosteriorDense):
                return 0.5 * after.input_step.numpy() if after.mode == TRUNCATED else _OTHER_STEP
            if hasattr(after, "units"):
                return _OTHER_STEP
        return OUTPUT_STEP

    def cover(self, x: np.ndarray) -> None:
        """Let the formats of all inputs cover what events, (n_events, n_features), bring."""
        last = max(index for index, layer in enumerate(self._layers) if isinstance(layer, PosteriorDense))
        values = x
        for layer in self._layers[: last + 1]:
            if isinstance(layer, PosteriorDense) and layer.stage != NOISY:
                flat = values.reshape(-1, values.shape[-1])
                layer.cover_inputs(flat.min(0), flat.max(0))
            if layer is not self._layers[last]:
                blocks = range(0, len(values), _EVENTS_PER_BLOCK)
                values = np.concatenate(
                    [np.asarray(layer(values[start : start + _EVENTS_PER_BLOCK])) for start in blocks]
                )


def _is_passing(layer: keras.layers.Layer) -> bool:
    """Whether it leaves relu and the step of truncation exchangeable: nothing, or relu itself."""
    kind = type(layer).__name__
    if kind == "ReLU":
        return layer.max_value is None and not layer.negative_slope and not layer.threshold
    return kind in INERT or (kind == "Activation" and _passes(layer.activation))


def _passes(activation: object) -> bool:
    return activation in (keras.activations.linear, keras.activations.relu)


def _is_quantised(layer: keras.layers.Layer) -> bool:
    return type(layer).__name__ == "QActivation" or type(getattr(layer, "activation", None)).__module__.startswith(
        "qkeras"
    )
