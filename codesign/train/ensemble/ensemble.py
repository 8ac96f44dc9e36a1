"""Ensemble: networks trained together, each with its own fold left out; used, saved and exported as one network."""

from collections.abc import Callable
from os import PathLike
from typing import Self

import numpy as np

from codesign._arguments import check_range, check_seed, checked
from codesign._keras import keras, tf
from codesign.data.checks import check_events
from codesign.data.missing import warn_of_missing
from codesign.errors import ConfigError, DataError
from codesign.network import Network
from codesign.train.checkpoints import load_model, save_model
from codesign.train.ensemble.checks import check_categories, checked_events, checked_weights
from codesign.train.ensemble.folds import stratified_folds
from codesign.train.ensemble.members import Members
from codesign.train.ensemble.served import (
    as_network,
    categories_of,
    graph_of,
    members_of,
    outputs_of_members,
    served_model,
)
from codesign.train.ensemble.settings import EnsembleSettings
from codesign.train.ensemble.training import EnsembleTraining, Trained

_LARGEST_BATCH = 10**7


class Ensemble:
    """Networks that are used as one: the mean of their probabilities, weighted by 1 / loss.

    :meth:`train` trains them together in one graph, whose kernels have a leading axis of members: K small networks cost
    little more than one, which is bound by the time that TensorFlow needs for each step. Each member leaves out a fold
    of its own, has its own order of the events, and keeps the weights of its best epoch on that fold (the recipe of
    G. Strong, arXiv:2002.01427).

    Args:
        model: that :meth:`train` made, or :func:`codesign.load_model` read.

    Attributes:
        model: of events to probabilities, of Keras's own layers: it goes on training in `model.fit`, too.
        trained: losses and best epochs of each member; None of a model that was loaded.

    Example:
        >>> import numpy as np
        >>> from codesign import Ensemble, EnsembleSettings
        >>> x = np.random.default_rng(0).normal(size=(600, 4)).astype("float32")
        >>> y = (x[:, 0] * x[:, 1] > 0).astype(int)
        >>> settings = EnsembleSettings(members=3, hidden=(8,), epochs=2, batch_size=50)
        >>> ensemble = Ensemble.train(x, y, settings=settings)
        >>> ensemble.predict(x).shape, len(ensemble.shares), ensemble.to_network().n_outputs
        ((600, 1), 3, 1)
    """

    @checked
    def __init__(self, model: keras.Model, trained: Trained | None = None) -> None:
        try:
            members_of(model)
        except ValueError:
            raise ConfigError(
                f"model: expected one that Ensemble.train made. Received: '{model.name}', which has no layer of the "
                "members' shares"
            ) from None
        self.model, self.trained = model, trained
        self._graphs: dict[str, Callable] = {}

    def __getstate__(self) -> dict[str, object]:
        """Return what a copy or a pickle takes: graphs are traced again."""
        return self.__dict__ | {"_graphs": {}}

    @classmethod
    @checked
    def train(
        cls,
        x: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        *,
        settings: EnsembleSettings = EnsembleSettings(),  # noqa: B008  # frozen
        strata: np.ndarray | None = None,
        augment: Callable[[tf.Tensor], tf.Tensor] | None = None,
        scale: tuple[np.ndarray, np.ndarray] | None = None,
        seed: int = 0,
        shown: Callable[[int, float], None] = lambda epoch, loss: None,
    ) -> Self:
        """Train members on events, of two classes or more.

        Args:
            x: (n_events, n_features); columns are standardised within the model, but those of categories.
            y: (n_events,) labels 0 to n_classes - 1.
            sample_weight: (n_events,), 0 or above; each class has the same sum in the training. None: as many events
                as there are count.
            settings: of members and training.
            strata: (n_events,) whole numbers whose events are spread evenly over the folds, beside the classes.
            augment: changes a (n, n_features) tensor of events as they come, before they are standardised, anew in each
                epoch.
            scale: mean and standard deviation of the columns that are not embedded; None: of the events.
            seed: of folds, weights and orders.
            shown: told of each epoch and the members' mean loss.

        Raises:
            ConfigError: for categories that are no columns.
            DataError: for NaN, labels or weights that do not fit, or fewer events of a class than members.
            TrainingError: if a member diverges in its first epoch.

        Warns:
            MissingValueWarning: for columns with a value far from all others, such as -999: fill it before.
        """
        check_seed(seed)
        x, y = checked_events(x, y, settings)
        warn_of_missing(x, [f"x{index}" for index in range(x.shape[1])])
        weights = checked_weights(sample_weight, y)
        classes = int(y.max()) + 1
        members = Members(settings, x.shape[1], 1 if classes == 2 else classes)
        fold = stratified_folds(y, settings.members, np.random.default_rng(seed), strata)
        mean, std = _scale(x[:, members.plain], scale)
        shift, factor = np.zeros(x.shape[1], np.float32), np.ones(x.shape[1], np.float32)
        shift[members.plain], factor[members.plain] = mean, 1 / std
        around = None if augment is None else lambda batch: (augment(batch / factor + shift) - shift) * factor
        training = EnsembleTraining(members, (x - shift) * factor, y, weights, fold, augment=around)
        trained = training.run(seed, shown)
        best = trained.losses[trained.best_epochs, np.arange(settings.members)]
        shares = (1 / best) / (1 / best).sum()
        return cls(served_model(members, trained.weights, mean, std, shares), trained)

    @property
    def shares(self) -> np.ndarray:
        """(members,) how much each counts: 1 / loss on its fold, of sum 1."""
        return members_of(self.model)

    @checked
    def predict(self, x: np.ndarray, *, batch_size: int = 8192) -> np.ndarray:
        """Return (n_events, n_outputs) probabilities: of class 1, or of each of several.

        Raises:
            DataError: for another number of columns, NaN or inf, or a category that the training did not know.
        """
        check_range(batch_size, "batch_size", 1, _LARGEST_BATCH)
        return self._predicted("mean", lambda: self.model, x, batch_size)

    @checked
    def predict_members(self, x: np.ndarray, *, batch_size: int = 8192) -> np.ndarray:
        """Return (n_events, n_outputs, members) probabilities, each member's own."""
        check_range(batch_size, "batch_size", 1, _LARGEST_BATCH)
        return self._predicted("members", lambda: outputs_of_members(self.model), x, batch_size)

    def to_network(self) -> Network:
        """Return all members as one :class:`codesign.Network`: every back end evaluates them in one pass."""
        return as_network(self.model)

    def save(self, path: str | PathLike) -> None:
        """Write all members to one file, ``.keras`` or ``.h5``; :func:`codesign.load_network` reads it, too."""
        save_model(self.model, path)

    @classmethod
    def load(cls, path: str | PathLike) -> Self:
        """Read what :meth:`save` wrote.

        Raises:
            ConfigError: for a model that is no ensemble.
            DataError: for a file that is missing or damaged.
        """
        return cls(load_model(path))

    def _predicted(self, name: str, build: Callable[[], keras.Model], x: np.ndarray, batch_size: int) -> np.ndarray:
        x = np.asarray(x, np.float32)
        if x.ndim != 2 or x.shape[1] != self.model.input_shape[-1]:
            wanted = f"(n_events, {self.model.input_shape[-1]})"
            raise DataError(f"x: expected shape {wanted}, as in the training. Received: {x.shape}")
        if len(x):
            check_events("x", x, tuple(f"x{index}" for index in range(x.shape[1])))
            check_categories(x, categories_of(self.model))
        if name not in self._graphs:
            self._graphs[name] = graph_of(build())
        starts = range(0, max(1, len(x)), batch_size)
        return np.concatenate([self._graphs[name](x[start : start + batch_size]).numpy() for start in starts])


def _scale(x: np.ndarray, given: tuple[np.ndarray, np.ndarray] | None) -> tuple[np.ndarray, np.ndarray]:
    if given is None:
        mean, std = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64)
        return mean, np.where(std > 0, std, 1.0)
    mean, std = (np.asarray(one, np.float64) for one in given)
    if mean.shape != (x.shape[1],) or std.shape != mean.shape or not (std > 0).all():
        raise ConfigError(
            f"scale: expected means and standard deviations above 0 of {x.shape[1]} columns. Received: {mean.shape}, "
            f"{std.shape}"
        )
    return mean, std
