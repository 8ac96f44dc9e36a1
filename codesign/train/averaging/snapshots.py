"""What callbacks that keep weights along the training have in common."""

import warnings

from codesign._keras import keras
from codesign.errors import TrainingError, UnfinishedWarning
from codesign.train.averaging.ensemble_of import copy_with, ensemble_of
from codesign.train.rates.rate_schedule import RateSchedule


class SnapshotSchedule(RateSchedule):
    """Keeps weights at the ends of cycles of the learning rate.

    A `fit` from epoch 0 begins anew; one with `initial_epoch` adds to what there is. One that is stopped before a cycle
    ends warns (UnfinishedWarning).

    Attributes:
        snapshots: the weights, as `model.get_weights()` gives them, oldest first.
    """

    def __init__(self, keep: int | None) -> None:
        super().__init__()
        self.keep = keep
        self.snapshots = []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        if epoch == 0:
            self.snapshots = []

    def on_train_end(self, logs: dict | None = None) -> None:
        super().on_train_end(logs)
        if not self.snapshots:
            warnings.warn(
                f"{type(self).__name__}: expected a training in which a cycle ends. Received: one that was stopped "
                "before, so that there is no snapshot; stop later, or take shorter cycles",
                UnfinishedWarning,
                stacklevel=2,
            )

    def to_models(self) -> list[keras.Model]:
        """Return a model of each snapshot.

        Raises:
            TrainingError: if there is none.
        """
        if not self.snapshots:
            raise TrainingError(
                f"{type(self).__name__}: expected a fit in which a cycle ended. Received: no snapshot; train more "
                "epochs, or shorter cycles"
            )
        return [copy_with(self.model, weights) for weights in self.snapshots]

    def to_model(self) -> keras.Model:
        """Return one model that gives the mean of the snapshots' predictions, see :func:`codesign.ensemble_of`.

        Raises:
            TrainingError: if there is none.
        """
        return ensemble_of(self.to_models())

    def _keep_weights(self) -> None:
        self.snapshots.append(self.model.get_weights())
        if self.keep is not None:
            self.snapshots = self.snapshots[-self.keep :]
