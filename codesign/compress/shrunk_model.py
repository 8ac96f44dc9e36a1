"""ShrunkModel: a small network that still knows which of the features it reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike

import numpy as np

from codesign._keras import keras, tf
from codesign.compress.model_size import ShrinkReport
from codesign.errors import DataError
from codesign.layers import FeatureSelection
from codesign.network.layout import Events
from codesign.train import save_model


@dataclass(frozen=True, eq=False)
class ShrunkModel:
    """What :func:`shrink` returns.

    Args:
        model: plain layers, as wide as the features that are left: convert this one to Network, hls4ml, TFLite or RTL.
        features: indices of those features in the full input, ascending; of several inputs, in all of them side by
            side. Of an input of several axes, features are counted along the last.
        n_features: of the full inputs.
        widths: of each full input, in the order of the model's inputs.
        report: sizes before and after.
    """

    model: keras.Model
    features: tuple[int, ...]
    n_features: int
    widths: tuple[int, ...]
    report: ShrinkReport

    def select(self, x: Events) -> Events:
        """Return the features of full events, (n_events, ..., n_features), that the model reads.

        Args:
            x: as the full model takes them: one array, or of several inputs a list, or a mapping by name.

        Raises:
            DataError: for another shape, or other inputs.
        """
        if isinstance(x, Mapping):
            if set(x) != set(self.model.input_names):
                raise DataError(f"x: expected {', '.join(self.model.input_names)}. Received: {', '.join(map(str, x))}")
            return dict(zip(self.model.input_names, self.select([x[name] for name in self.model.input_names])))
        if len(self.widths) == 1:
            return self._take(x, 0, "the full events")
        if not isinstance(x, (list, tuple)) or len(x) != len(self.widths):
            names = ", ".join(self.model.input_names)
            raise DataError(f"x: expected a list of the arrays {names}. Received: {type(x).__name__}")
        return [self._take(one, index, self.model.input_names[index]) for index, one in enumerate(x)]

    def predict(self, x: Events, *, batch_size: int = 4096) -> Events:
        """Evaluate full events, as :meth:`select` takes them."""
        return self.model.predict(self.select(x), batch_size=batch_size, verbose=0)

    def with_selection(self) -> keras.Model:
        """Return a model fed the full events: FeatureSelection of each input, then the same layers."""
        if isinstance(self.model, keras.Sequential):
            selection = FeatureSelection(self.features, name="feature_selection")
            first = keras.Input((self.n_features,), name="inputs")
            return keras.Sequential([first, selection, *self.model.layers], name=self.model.name)
        full = [
            keras.Input((*tensor.shape[1:-1], width), name=name, dtype=tensor.dtype)
            for name, tensor, width in zip(self.model.input_names, self.model.inputs, self.widths)
        ]
        selected = [
            FeatureSelection(self._own(index).tolist(), name=f"{name}_selection")(tensor)
            for index, (name, tensor) in enumerate(zip(self.model.input_names, full))
        ]
        packed = tf.nest.pack_sequence_as(self.model.input, selected)
        return keras.Model(tf.nest.pack_sequence_as(self.model.input, full), self.model(packed), name=self.model.name)

    def save(self, path: str | PathLike) -> None:
        """Write the model with its selection to ``.h5`` or ``.keras``.

        :func:`codesign.train.load_model` reads it; `shrink` of what it reads gives the narrow model again.
        """
        save_model(self.with_selection(), path)

    def _own(self, index: int) -> np.ndarray:
        """The features of one input that stay."""
        start = sum(self.widths[:index])
        features = np.array(self.features) - start
        return features[(features >= 0) & (features < self.widths[index])]

    def _take(self, x: np.ndarray, index: int, what: str) -> np.ndarray:
        x, rank = np.asarray(x), len(self.model.inputs[index].shape)
        if x.ndim != rank or x.shape[-1] != self.widths[index]:
            shape = ", ".join(["n_events", *["..."] * (rank > 2), str(self.widths[index])])
            raise DataError(f"x: expected {what}, ({shape}). Received: {x.shape}")
        return x[..., self._own(index)]
