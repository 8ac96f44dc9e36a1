"""How a front is trained, and the checks before hours of it."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from codesign._arguments import received
from codesign._keras import keras
from codesign._layer_graph import LayerGraph
from codesign._layer_walk import read_layer_graph
from codesign._version import __version__
from codesign.data.labels import labels_cure
from codesign.errors import ConfigError, DataError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import NOISY

_COUNTS = ("epochs", "settle_epochs", "collapse_epochs", "batch_size", "collapse_batch_size")
_RATES = ("learning_rate", "settle_rate", "collapse_rate")


@dataclass(frozen=True)
class FrontSettings:
    """Arguments of :func:`codesign.posterior.train_front`.

    Raises:
        ConfigError: for values outside their range.
    """

    cost_weights: tuple[float, ...]
    epochs: int
    settle_epochs: int
    collapse_epochs: int
    batch_size: int
    collapse_batch_size: int
    learning_rate: float
    settle_rate: float
    collapse_rate: float
    loss: object
    seed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost_weights", _check_weights(self.cost_weights))
        for name in _COUNTS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise ConfigError(f"{name}: expected a whole number of at least 1. Received: {value!r}")
            object.__setattr__(self, name, int(value))
        for name in _RATES:
            value = getattr(self, name)
            if not isinstance(value, (int, float, np.number)) or not 0 < value < np.inf:
                raise ConfigError(f"{name}: expected a positive number. Received: {value!r}")
            object.__setattr__(self, name, float(value))
        if not isinstance(self.seed, (int, np.integer)) or not 0 <= self.seed < 2**31:
            raise ConfigError(f"seed: expected a whole number from 0 to 2^31. Received: {self.seed!r}")
        object.__setattr__(self, "seed", int(self.seed))
        _loss_text(self.loss)

    @property
    def total_epochs(self) -> int:
        """Epochs of all trainings, with noise and in collapse."""
        n_weights = len(self.cost_weights)
        return self.epochs + (n_weights - 1) * self.settle_epochs + n_weights * self.collapse_epochs

    def fingerprint(self, model: keras.Model, x: np.ndarray, y: np.ndarray) -> dict:
        """Return what a front depends on, apart from the weights that the first training starts with."""
        graph = read_layer_graph(model)
        layers = [(type(layer).__name__, layer.get_config()) for layer in graph.layers]
        for _, config in layers:
            config.pop("name", None)  # Keras numbers the layers of a process in their names
        text = json.dumps(layers if graph.is_chain else (layers, _wiring(graph)), sort_keys=True, default=str)
        plain = {name: getattr(self, name) for name in ("cost_weights", *_COUNTS, *_RATES, "seed")}
        digests = {
            "loss": _loss_text(self.loss),
            "model": _digest(text.encode()),
            "data": _digest(x.tobytes() + y.tobytes()),
        }
        return {**plain, **digests, "version": __version__}


def _wiring(graph: LayerGraph) -> list[tuple[int, list[int]]]:
    """The layer of each call, and the values that it takes, by numbers; names differ from process to process."""
    number = {name: index for index, name in enumerate(graph.shapes)}
    return [(graph.layers.index(call.layer), [number[name] for name in call.inputs]) for call in graph.calls]


def check_model(model: keras.Model) -> None:
    """Refuse a model without PosteriorDense layers with noise, or of several inputs or outputs."""
    layers = [layer for layer in read_layer_graph(model).layers if isinstance(layer, PosteriorDense)]
    if not layers:
        raise ConfigError("model: expected PosteriorDense layers. Received: none of them; use them in place of Dense")
    if (len(model.inputs), len(model.outputs)) != (1, 1):
        raise ConfigError(
            f"model: expected one input and one output. Received: {len(model.inputs)} and {len(model.outputs)}; "
            "train several by LutBudget and CollapseToBudget in fit"
        )
    begun = [layer.name for layer in layers if layer.stage != NOISY]
    if begun:
        raise ConfigError(f"model: expected layers that have not begun to collapse. Received: '{begun[0]}', which has")


def check_data(model: keras.Model, x: np.ndarray, y: np.ndarray, loss: object) -> tuple[np.ndarray, np.ndarray]:
    """Return events as float32, and labels or targets as int64 or float32; DataError for what cannot be trained on."""
    n_features, n_outputs = model.input_shape[-1], model.output_shape[-1]
    try:
        x, y = np.ascontiguousarray(x, np.float32), np.ascontiguousarray(y)
        y = y.astype(np.int64 if y.dtype.kind in "biu" else np.float32)
    except (TypeError, ValueError):
        cure = labels_cure(y) if isinstance(y, np.ndarray) else ""
        raise DataError(f"x, y: expected arrays of numbers. Received: {received(x)}, {received(y)}{cure}") from None
    if x.ndim != 2 or x.shape[1] != n_features or not len(x):
        raise DataError(f"x: expected shape (n_events, {n_features}). Received: {x.shape}; pass what the model takes")
    if y.ndim not in (1, 2) or len(y) != len(x):
        raise DataError(f"y: expected labels of {len(x)} events, as many as x has. Received: shape {y.shape}")
    for name, values in (("x", x), ("y", y)):
        bad = np.count_nonzero(~np.isfinite(values.reshape(len(x), -1)).all(1))
        if bad:
            raise DataError(
                f"{name}: expected finite numbers. Received: NaN or inf in {bad} of {len(x)} events; remove or impute "
                "them"
            )
    is_label = (y >= 0) & (y < n_outputs) & (y == np.floor(y))
    if "sparse" in _loss_text(loss).lower() and (y.size != len(x) or not is_label.all()):
        given = f"{y.min():g} to {y.max():g}, shape {y.shape}{labels_cure(y)}"
        raise DataError(f"y: expected labels 0 to {n_outputs - 1}, one of each event, for this loss. Received: {given}")
    return x, y


def _check_weights(weights: object) -> tuple[float, ...]:
    try:
        values = np.asarray(weights, np.float64)
    except (TypeError, ValueError):
        values = np.array([])
    finite = values.ndim == 1 and len(values) and np.isfinite(values).all()
    if not finite or values[0] <= 0 or not (np.diff(values) > 0).all():
        raise ConfigError(
            f"cost_weights: expected positive numbers that ascend, such as (2e-6, 8e-6). Received: {weights}"
        )
    return tuple(values.tolist())


def _loss_text(loss: object) -> str:
    """Return a text that differs for losses that differ."""
    try:
        found = keras.losses.get(loss)
        return str(keras.losses.serialize(found)) if isinstance(found, keras.losses.Loss) else found.__name__
    except (TypeError, ValueError, AttributeError):
        raise ConfigError(f"loss: expected a Keras loss or its name, such as 'mse'. Received: {loss!r}") from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
