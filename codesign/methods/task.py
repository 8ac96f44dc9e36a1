"""Task: what networks of a data set give, and the loss that they are trained with."""

from dataclasses import dataclass, replace

import numpy as np

from codesign._keras import keras, tf
from codesign.data import Dataset

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
        x: (n_events, n_features) float32.
        targets: (n_events, n_outputs) float32: probabilities, or values.
        weights: (n_events,) float32 of mean 1, or None.
    """

    kind: str
    x: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None = None

    @classmethod
    def of(cls, data: Dataset) -> "Task":
        """Return the task of a data set's training events, its labels as targets."""
        x, y, weights = data.train
        if data.task == "regression":
            kind, targets = VALUES, y.reshape(len(x), -1)
        elif data.n_classes == 2:
            kind, targets = BINARY, y[:, np.newaxis]
        else:
            kind, targets = CLASSES, np.eye(data.n_classes)[y]
        weights = None if weights is None else (weights / weights.mean()).astype(np.float32)
        return cls(kind, np.ascontiguousarray(x, np.float32), targets.astype(np.float32), weights)

    def taught(self, targets: np.ndarray) -> "Task":
        """Return the task with what a teacher says of its events as targets."""
        return replace(self, targets=np.ascontiguousarray(targets, np.float32))

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

    def tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return events, and targets with the weights in a last column if there are any, as :meth:`loss` takes them."""
        columns = [self.targets] if self.weights is None else [self.targets, self.weights[:, np.newaxis]]
        return tf.constant(self.x), tf.constant(np.concatenate(columns, 1))

    def loss(self, targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """Return the loss of each event, of logits or values."""
        function, _ = _LOSSES[self.kind]
        options = {} if self.kind == VALUES else {"from_logits": True}
        losses = function(targets[:, : self.n_outputs], outputs, **options)
        return losses if self.weights is None else losses * targets[:, -1]

    def activate(self, outputs: np.ndarray) -> np.ndarray:
        """Return probabilities of logits; values as they are."""
        if self.kind == VALUES:
            return outputs
        if self.kind == BINARY:
            return 1 / (1 + np.exp(-np.clip(outputs, -80, 80)))
        powers = np.exp(outputs - outputs.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)
