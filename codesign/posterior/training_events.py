"""The events on which a collapse finds ranges: finite, as the model takes them, and within a prescribed format."""

from collections.abc import Iterator, Mapping

import numpy as np

from codesign._arguments import as_numbers
from codesign._keras import keras
from codesign._layer_graph import INERT, LayerGraph
from codesign._layer_walk import read_layer_graph
from codesign.errors import DataError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_format import parse_input_precision
from codesign.network.layout import Events


def read_events(x: Events, argument: str) -> Events:
    """Return training events, (n_events, n_features), as float32; of several inputs a list, or a mapping by name.

    Raises:
        DataError: for no events, or NaN or inf in them.
    """
    if isinstance(x, Mapping):
        return {name: read_events(one, f"{argument}['{name}']") for name, one in x.items()}
    if isinstance(x, (list, tuple)) and x and np.ndim(x[0]) > 1:
        return [read_events(one, f"{argument}[{index}]") for index, one in enumerate(x)]
    x = as_numbers(x, argument, np.float32)
    if not x.ndim or not len(x) or not np.isfinite(x).all():
        raise DataError(
            f"{argument}: expected finite training events. Received: NaN or inf, or none, in shape {x.shape}"
        )
    return x


def first_events(x: Events, n_events: int) -> Events:
    """Return some of what :func:`read_events` gives."""
    if isinstance(x, dict):
        return {name: one[:n_events] for name, one in x.items()}
    return [one[:n_events] for one in x] if isinstance(x, list) else x[:n_events]


def check_events(model: keras.Model, x: Events, argument: str) -> dict[str, np.ndarray]:
    """Return events by the names of a model's inputs; refuse those that it does not take.

    So are those that a layer's `input_precision` cannot hold. A detector that sends ap_fixed<8,4> sends nothing beyond
    -8 to 7.9375, so values beyond, by more than the step that rounding may add, are in other units than the detector's.

    Args:
        model: with PosteriorDense layers.
        x: as :func:`read_events` gives it.
        argument: what the user gave them by, for messages.

    Raises:
        DataError: for other inputs or shapes, or values beyond the format; it names the feature that is furthest
            beyond.
    """
    graph = read_layer_graph(model)
    events = _by_name(graph, x, argument)
    for name, values in events.items():
        for layer in _first_layers(graph, name):
            if isinstance(layer, PosteriorDense) and layer.input_precision is not None:
                _check_range(values.reshape(-1, values.shape[-1]), layer, argument)
    return events


def _by_name(graph: LayerGraph, x: Events, argument: str) -> dict[str, np.ndarray]:
    names, many = list(graph.inputs), isinstance(x, (list, dict))
    if isinstance(x, dict) and set(x) == set(names):
        x = [x[name] for name in names]
    parts = x if isinstance(x, list) else [x]
    if isinstance(x, dict) or len(parts) != len(names) or len({len(one) for one in parts}) > 1:
        raise DataError(
            f"{argument}: expected arrays of {', '.join(names)} for the same events. Received: {len(x) if many else 1} "
            "arrays, of other inputs or lengths; pass what fit gets"
        )
    for name, one in zip(names, parts):
        shape = graph.inputs[name]
        if one.ndim != len(shape) + 1 or any(n not in (None, m) for n, m in zip(shape, one.shape[1:])):
            wanted = ", ".join(["n_events", *("..." if n is None else str(n) for n in shape)])
            of = f" of '{name}'" if len(names) > 1 else ""
            raise DataError(f"{argument}: expected shape ({wanted}){of}. Received: {one.shape}; pass what fit gets")
    return dict(zip(names, parts))


def _first_layers(graph: LayerGraph, name: str) -> Iterator[object]:
    """The layers that read a value as it is."""
    for call in graph.takers[name]:
        if call.kind in INERT:
            yield from _first_layers(graph, call.name)
        else:
            yield call.layer


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
