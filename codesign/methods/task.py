"""Task: what networks of a data set give, and the loss that they are trained with."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from codesign._keras import keras, tf
from codesign.data import Dataset
from codesign.data.words import Words
from codesign.methods.output_scale import OutputScale
from codesign.network import Network

BINARY, CLASSES, VALUES = "binary", "classes", "values"
_LOSSES = {
    BINARY: (keras.losses.binary_crossentropy, "binary_crossentropy"),
    CLASSES: (keras.losses.categorical_crossentropy, "categorical_crossentropy"),
    VALUES: (keras.losses.mean_squared_error, "mean_squared_error"),
}


@dataclass(frozen=True, eq=False)
class Task:
    """Events that networks are trained on; it goes to every process.

    Args:
        kind: ``binary`` (one logit), ``classes`` (a logit of each) or ``values``.
        x: (n_events, n_features) float32, as a network takes them.
        targets: (n_events, n_outputs) float32: probabilities, or values, scaled.
        weights: (n_events,) float32 of mean 1, or None.
        words: the detector's, or None.
        scale: of values: that of `targets`.
    """

    kind: str
    x: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None = None
    words: Words | None = None
    scale: OutputScale | None = None

    @classmethod
    def of(cls, data: Dataset) -> "Task":
        """Return the task of a data set's training events, its labels as targets."""
        x, y, weights = data.train
        words, scale = data.words, None
        if data.task == "regression":
            kind, targets = VALUES, y.reshape(len(x), -1)
            scale = OutputScale.of(targets)
            targets = scale.scaled(targets)
        elif data.n_classes == 2:
            kind, targets = BINARY, y[:, np.newaxis]
        else:
            kind, targets = CLASSES, np.eye(data.n_classes)[y]
        weights = None if weights is None else (weights / weights.mean()).astype(np.float32)
        x = np.ascontiguousarray(x, np.float32)
        return cls(kind, x, targets.astype(np.float32), weights, words, scale)

    def taught(self, targets: np.ndarray) -> "Task":
        """Return the task with what a teacher says of its events as targets: probabilities, or values, not scaled."""
        targets = targets if self.scale is None else self.scale.scaled(targets)
        return replace(self, targets=np.ascontiguousarray(targets, np.float32))

    def possible(self, x: np.ndarray) -> np.ndarray:
        """Return x, (n_events, n_features) as networks take them, as events can be: in words, or within the range."""
        if self.words is None:
            return np.clip(x, self.x.min(0), self.x.max(0))
        return self.words.encode(self.words.decode(x))

    def split(self, share: float, seed: int) -> tuple["Task", "Task"]:
        """Return the task of some events, at least one, and that of a random share of them."""
        order = np.random.default_rng(seed).permutation(len(self.x))
        n_held = min(len(order) - 1, max(1, round(share * len(order))))
        parts = []
        for rows in (order[n_held:], order[:n_held]):
            weights = None if self.weights is None else self.weights[rows]
            parts.append(replace(self, x=self.x[rows], targets=self.targets[rows], weights=weights))
        return tuple(parts)

    @property
    def n_features(self) -> int:
        """Features of an event."""
        return self.x.shape[1]

    @property
    def n_outputs(self) -> int:
        """Outputs of a network."""
        return self.targets.shape[1]

    @property
    def refine_loss(self) -> str:
        """Name of the loss for :func:`codesign.refine.refine_network`."""
        return _LOSSES[self.kind][1]

    @property
    def digest(self) -> str:
        """A text that differs for other events, targets, weights or words."""
        words = None if self.words is None else self.words.as_dict()
        found = hashlib.sha256(json.dumps([self.kind, words]).encode())
        for array in (self.x, self.targets, *([] if self.weights is None else [self.weights])):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()[:16]

    def tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return events, and targets, behind which are the weights if any, as :func:`loss_function` takes them."""
        columns = [self.targets] if self.weights is None else [self.targets, self.weights[:, np.newaxis]]
        return tf.constant(self.x), tf.constant(np.concatenate(columns, 1))

    def said(self, network: Network, x: np.ndarray) -> np.ndarray:
        """Return what a float network of this task says of events as they come: probabilities, or values."""
        outputs = network.predict(x)
        if self.kind == VALUES:
            return self.scale.unscaled(outputs)
        if self.kind == BINARY:
            return 1 / (1 + np.exp(-np.clip(outputs, -80, 80)))
        powers = np.exp(outputs - outputs.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def finished(self, network: Network) -> Network:
        """Return the whole function of a trained network: its outputs in the user's units."""
        return network if self.scale is None else self.scale.put_into(network)


def loss_function(kind: str, n_outputs: int, has_weights: bool) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Return the loss of each event of a kind of task, of :meth:`Task.tensors` and logits or values."""
    function, _ = _LOSSES[kind]
    options = {} if kind == VALUES else {"from_logits": True}

    def loss(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        losses = function(targets[:, :n_outputs], outputs, **options)
        return losses * targets[:, -1] if has_weights else losses

    return loss
