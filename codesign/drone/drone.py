"""Drone: a small trained network with its standardisation inside, and how it came to be."""

import json
import zipfile
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Self

import numpy as np

from codesign._files import replaced_file
from codesign._keras import keras
from codesign._layer_walk import chain_layers
from codesign._untrusted import parse_json, read_entry
from codesign.errors import DataError
from codesign.model_files import identify
from codesign.train import load_model, save_model

_BLOCK = 65536
_ENTRY = "drone.json"
_LARGEST_ENTRY = 64 * 2**20


@dataclass(frozen=True, eq=False)
class Drone:
    """A Keras model that takes the teacher's own events: a Normalization layer, then dense layers.

    Args:
        model: (n_events, n_inputs) -> (n_events, n_outputs).
        kind: ``probability`` or ``value``: what the outputs are.
        history: one entry per epoch: ``loss``, ``val_loss`` where events were held out, ``units`` of hidden layers,
            ``stage``.
    """

    model: keras.Model
    kind: str = "probability"
    history: list[dict[str, object]] = field(default_factory=list)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) float32 for x, (n_events, n_inputs), not standardised.

        Raises:
            DataError: for a wrong shape.
        """
        x = np.asarray(x)
        if x.ndim > 2:
            x = x.reshape(len(x), -1)
        if x.ndim != 2 or x.shape[1] != self.n_inputs:
            raise DataError(f"x: expected shape (n_events, {self.n_inputs}). Received: {x.shape}")
        x = x.astype(np.float32)
        blocks = [self.model(x[start : start + _BLOCK], training=False).numpy() for start in range(0, len(x), _BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty((0, self.model.output_shape[-1]), np.float32)

    @property
    def core(self) -> keras.Model:
        """The layers behind the standardisation, of the same weights: an FPGA takes standardised events."""
        return keras.Sequential([keras.Input((self.n_inputs,)), *self._layers[1:]], name="drone_core")

    @property
    def mean(self) -> np.ndarray:
        """(n_inputs,) float32 that is subtracted from the events."""
        return np.asarray(self._layers[0].mean, np.float32).ravel()

    @property
    def std(self) -> np.ndarray:
        """(n_inputs,) float32 that the difference is divided by."""
        return np.sqrt(np.asarray(self._layers[0].variance, np.float32)).ravel()

    @property
    def n_inputs(self) -> int:
        """Features of an event."""
        return int(self.model.input_shape[-1])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, hidden units, outputs: for example (6, 15, 1)."""
        return (self.n_inputs, *(layer.units for layer in self._layers if hasattr(layer, "units")))

    @property
    def n_parameters(self) -> int:
        """Weights and biases, without the standardisation."""
        return int(sum(np.prod(weight.shape) for layer in self._layers[1:] for weight in layer.trainable_weights))

    def save(self, path: str | PathLike) -> None:
        """Write model, kind and history to one ``.keras`` file, which Keras opens too.

        Raises:
            DataError: for another suffix, or a place that cannot be written.
        """
        path = Path(path)
        if path.suffix != ".keras":
            raise DataError(f"path: expected a name that ends in .keras. Received: {path}")
        with replaced_file(path, "the drone") as partial:
            save_model(self.model, partial)
            with zipfile.ZipFile(partial, "a") as archive:
                archive.writestr(_ENTRY, json.dumps({"kind": self.kind, "history": self.history}))

    @classmethod
    def load(cls, path: str | PathLike) -> Self:
        """Read a drone.

        Raises:
            DataError: for a missing file, or one that :meth:`save` did not write.
        """
        try:
            file = identify(path)
            about = parse_json(read_entry(path, _ENTRY, _LARGEST_ENTRY).decode()) if file.kind == "drone" else None
            kind, history = str(about["kind"]), list(about["history"])
        except DataError as error:
            raise DataError(f"path: expected a drone written by Drone.save ({error})") from None
        except (KeyError, ValueError, TypeError):
            raise DataError(
                f"path: expected a drone written by Drone.save. Received: {path}, {file.description}"
            ) from None
        return cls(load_model(path), kind, history)

    @property
    def _layers(self) -> list[keras.layers.Layer]:
        return [layer for layer in chain_layers(self.model) if type(layer).__name__ != "InputLayer"]
