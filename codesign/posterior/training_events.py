"""The events on which a collapse finds ranges: finite, as the model takes them, and within a prescribed format."""

import numpy as np

from codesign._arguments import as_numbers
from codesign._keras import keras
from codesign._layer_graph import INERT
from codesign._layer_walk import chain_layers
from codesign.errors import DataError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_format import parse_input_precision


def read_events(x: np.ndarray, argument: str) -> np.ndarray:
    """Return training events, (n_events, n_features), as float32.

    Raises:
        DataError: for no events, or NaN or inf in them.
    """
    x = as_numbers(x, argument, np.float32)
    if not x.ndim or not len(x) or not np.isfinite(x).all():
        raise DataError(
            f"{argument}: expected finite training events. Received: NaN or inf, or none, in shape {x.shape}"
        )
    return x


def check_events(model: keras.Model, x: np.ndarray, argument: str) -> None:
    """Refuse events that the model does not take, or that its first layer's `input_precision` cannot hold.

    A detector that sends ap_fixed<8,4> sends nothing beyond -8 to 7.9375, so values beyond, by more than the step that
    rounding may add, are in other units than the detector's.

    Args:
        model: chain with PosteriorDense layers.
        x: (n_events, n_features).
        argument: what the user gave them by, for messages.

    Raises:
        DataError: for another number of features, or values beyond the format; it names the feature that is furthest
            beyond.
    """
    n_features = model.input_shape[-1]
    if x.ndim < 2 or x.shape[-1] != n_features:
        raise DataError(f"{argument}: expected shape (n_events, {n_features}). Received: {x.shape}; pass what fit gets")
    first = next((layer for layer in chain_layers(model) if type(layer).__name__ not in INERT), None)
    if isinstance(first, PosteriorDense) and first.input_precision is not None:
        _check_range(x.reshape(-1, n_features), first, argument)


def _check_range(x: np.ndarray, layer: PosteriorDense, argument: str) -> None:
    width, integer = parse_input_precision(layer.input_precision)
    step, low = 2.0 ** (integer - width), -(2.0 ** (integer - 1))
    high = -low - step
    beyond = np.maximum(low - x, x - high)
    excess = beyond.max(0)
    worst, n_features = int(excess.argmax()), int(np.sum(excess > step))
    if not n_features:
        return
    value = x[beyond[:, worst].argmax(), worst]
    more = f", and {n_features - 1} more of the {len(excess)} features are beyond" if n_features > 1 else ""
    raise DataError(
        f"{argument}: expected feature {worst} within {low:g} to {high:g}, the range of "
        f"input_precision={layer.input_precision} of layer '{layer.name}'. Received: {value:g}{more}; pass x in the "
        "detector's units, or widen the format"
    )
