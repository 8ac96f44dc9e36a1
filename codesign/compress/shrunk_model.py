"""ShrunkModel: a small network that still knows which of the features it reads."""

from dataclasses import dataclass
from os import PathLike

import numpy as np

from codesign._keras import keras
from codesign.compress.model_size import ShrinkReport
from codesign.errors import DataError
from codesign.layers import FeatureSelection
from codesign.train import save_model


@dataclass(frozen=True, eq=False)
class ShrunkModel:
    """What :func:`shrink` returns.

    Args:
        model: plain layers, as wide as the features that are left: convert this one to Network, hls4ml, TFLite or RTL.
        features: indices of those features in the full input, ascending.
        n_features: width of the full input.
        report: sizes before and after.
    """

    model: keras.Sequential
    features: tuple[int, ...]
    n_features: int
    report: ShrinkReport

    def select(self, x: np.ndarray) -> np.ndarray:
        """Return the columns of full events (n_events, n_features) that the model reads.

        Raises:
            DataError: for another shape.
        """
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != self.n_features:
            raise DataError(f"x: expected the full events, (n_events, {self.n_features}). Received: {x.shape}")
        return x[:, self.features]

    def predict(self, x: np.ndarray, *, batch_size: int = 4096) -> np.ndarray:
        """Evaluate full events (n_events, n_features)."""
        return self.model.predict(self.select(x), batch_size=batch_size, verbose=0)

    def with_selection(self) -> keras.Sequential:
        """Return a model fed the full events: a FeatureSelection, then the same layers."""
        selection = FeatureSelection(self.features, name="feature_selection")
        return keras.Sequential(
            [keras.Input((self.n_features,), name="inputs"), selection, *self.model.layers], name=self.model.name
        )

    def save(self, path: str | PathLike) -> None:
        """Write the model with its selection to ``.h5`` or ``.keras``.

        :func:`codesign.train.load_model` reads it; `shrink` of what it reads gives the narrow model again.
        """
        save_model(self.with_selection(), path)
