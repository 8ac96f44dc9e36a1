"""EnsembleClassifier: the recipe of an ensemble for any events, as scikit-learn's estimators are used."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from codesign._keras import keras
from codesign.data import ColliderVectors
from codesign.data.collider_inputs import ColliderInputs
from codesign.data.missing import warn_of_missing
from codesign.errors import ConfigError, LabelError, MissingValueWarning, SingleCopyWarning
from codesign.estimators.base import checked_weights
from codesign.estimators.ensemble_checks import check_columns, check_symmetry
from codesign.layers import ColliderAugmentation, ColliderFeatures, FillMissing
from codesign.network import Network
from codesign.train import Ensemble, EnsembleSettings
from codesign.train.ensemble import as_network

_SEEDS = 1_000_000


class EnsembleClassifier(ClassifierMixin, BaseEstimator):
    """Dense networks that are trained together on folds, and used as one: the recipe that won on HiggsML's events.

    Events go in as they are, in physical units. Where momenta are named, their components become px, py, pz, masses of
    pairs are added, and the symmetry of collisions is used: ``align`` turns and mirrors each event into one position,
    so that its copies are the same event; ``augment`` turns and mirrors them at random in each epoch, and averages
    eight copies of each event that is predicted.

    Args:
        members: networks; as many folds.
        hidden, activation, dense_connections, epochs, learning_rate, batch_size, patience: of
            :class:`codesign.EnsembleSettings`.
        missing: value that stands for one that does not exist, such as -999, as of the vectors; it becomes the mean of
            its column. None: there is none; NaN is refused either way.
        vectors: a :class:`codesign.data.ColliderVectors` of the columns; None: they are no momenta.
        symmetry: ``none``, ``augment`` or ``align``.
        reference, other: momenta that ``align`` aligns events by, see :meth:`codesign.data.ColliderVectors.aligned`;
            None with any other symmetry.
        masses: whether masses and distances of pairs of momenta are added.
        categories: column -> number of its categories, whole numbers from 0, which are embedded; None: none are.
        strata: column whose whole numbers are spread evenly over the folds, too; None: none.
        random_state: of folds, weights and orders.

    Attributes:
        classes_: (n_classes,) labels.
        ensemble_: the :class:`codesign.Ensemble`, of events as :meth:`inputs` gives them.
        n_features_in_, feature_names_in_: as scikit-learn's.

    Example:
        >>> import numpy as np
        >>> from codesign import EnsembleClassifier
        >>> X = np.random.default_rng(0).normal(size=(600, 4))
        >>> y = np.where(X[:, 0] * X[:, 1] > 0, "like", "unlike")
        >>> model = EnsembleClassifier(members=2, hidden=(8,), epochs=4, batch_size=32).fit(X, y)
        >>> model.score(X, y) > 0.5, model.predict_proba(X).shape
        (True, (600, 2))
    """

    def __init__(
        self,
        *,
        members: int = 10,
        hidden: tuple[int, ...] = (32, 32, 32),
        activation: str = "swish",
        dense_connections: bool = False,
        epochs: int = 15,
        learning_rate: float = 1e-2,
        batch_size: int = 256,
        patience: int | None = None,
        missing: float | None = None,
        vectors: ColliderVectors | None = None,
        symmetry: str = "none",
        reference: str | None = None,
        other: str | None = None,
        masses: bool = True,
        categories: Mapping[int, int] | None = None,
        strata: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.members = members
        self.hidden = hidden
        self.activation = activation
        self.dense_connections = dense_connections
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.patience = patience
        self.missing = missing
        self.vectors = vectors
        self.symmetry = symmetry
        self.reference = reference
        self.other = other
        self.masses = masses
        self.categories = categories
        self.strata = strata
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Train the members.

        Args:
            X: (n_events, n_features).
            y: (n_events,) labels of any kind.
            sample_weight: (n_events,), not negative; each class has the same sum in the training.

        Raises:
            ValueError: for what scikit-learn refuses, and labels of one class.
            ConfigError: for a symmetry without momenta, or settings outside their limits.
            DataError, TrainingError: see :meth:`codesign.Ensemble.train`.

        Warns:
            MissingValueWarning: for columns with a value far from all others that is not `missing`.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(y)
        weights = checked_weights(sample_weight, X)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise LabelError(f"y: expected labels of at least two classes. Received: one class in all {len(y)} events")
        check_columns(self.get_params(deep=False), X)
        with self._missing_known(X):
            self._learn_fill(X)
            self.ensemble_ = self._trained(X, labels.reshape(-1), weights)
        return self

    def _trained(self, X: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> Ensemble:
        names = "members hidden activation dense_connections epochs learning_rate batch_size patience".split()
        chosen = {name: getattr(self, name) for name in names}
        settings = EnsembleSettings(**chosen | {"hidden": tuple(self.hidden), "categories": self._embedded()})
        return Ensemble.train(
            self._filled(self._physical(X)),
            labels,
            weights,
            settings=settings,
            strata=None if self.strata is None else X[:, self.strata].astype(np.int64),
            augment=self.augmentation(),
            seed=int(check_random_state(self.random_state).randint(_SEEDS)),
        )

    def prepare(self, X: np.ndarray) -> Self:
        """Learn what :meth:`inputs` needs, the mean of each column, and train nothing."""
        X = validate_data(self, X, dtype=np.float64)
        with self._missing_known(X):
            self._learn_fill(X)
        return self

    def inputs(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events, n_inputs) events as the networks take them: aligned, with components and masses, filled."""
        check_is_fitted(self, "fill_")
        return self._filled(self._physical(validate_data(self, X, reset=False, dtype=np.float64)))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events, n_classes): the mean of the members, and of eight copies where the symmetry is augment."""
        check_is_fitted(self, "ensemble_")
        X = validate_data(self, X, reset=False, dtype=np.float64)
        copies = self.vectors.copies(X) if self.symmetry == "augment" else [X]
        said = np.mean([self.ensemble_.predict(self._filled(self._physical(one))) for one in copies], 0)
        return np.hstack([1 - said, said]) if said.shape[1] == 1 else said

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n_events,) the most probable labels."""
        best = self.predict_proba(X).argmax(1)
        return self.classes_[best]

    def to_keras(self) -> keras.Model:
        """Return all of it as one Keras model, of events as they are to the ensemble's outputs.

        Alignment, components, masses and what fills missing values are layers of it, so that its file, and what
        ``codesign export`` makes of that, need nothing in front. Where the symmetry is augment, an event is evaluated
        once: the mean over copies stays in :meth:`predict_proba`.

        Warns:
            SingleCopyWarning: where that is so.
        """
        check_is_fitted(self, "ensemble_")
        if self.symmetry == "augment":
            message = "the model evaluates each event once: the mean over eight copies is in predict_proba alone"
            warnings.warn(message, SingleCopyWarning, stacklevel=2)
        inputs = keras.Input((self.n_features_in_,), name="columns")
        wanted, x = self._wanted(), inputs
        x = x if wanted is None else ColliderFeatures.of(wanted, name="momenta")(x)
        x = x if self.missing is None else FillMissing(self.fill_, missing=self.missing, name="filled")(x)
        return keras.Model(inputs, self.ensemble_.model(x), name="ensemble_of_columns")

    def to_network(self) -> Network:
        """Return the model of :meth:`to_keras` as one network: its generated C++ evaluates all in one pass.

        Warns:
            SingleCopyWarning: as :meth:`to_keras`.
        """
        return as_network(self.to_keras())

    @contextmanager
    def _missing_known(self, X: np.ndarray) -> Iterator[None]:
        """Warn once of values that look like missing ones, by the columns' own names, not of what becomes of them."""
        check_symmetry(self.get_params(deep=False), X.shape[1])
        named = getattr(self, "feature_names_in_", [f"x{index}" for index in range(X.shape[1])])
        warn_of_missing(X, named if self.vectors is None else self.vectors.features, self.missing)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MissingValueWarning)
            yield

    def _learn_fill(self, X: np.ndarray) -> None:
        self.fill_ = np.array([self._mean(column) for column in self._physical(X).T])

    def _physical(self, X: np.ndarray) -> np.ndarray:
        """Events in one position, as components, with masses."""
        wanted = self._wanted()
        return X if wanted is None else wanted.evaluate(X)

    def _wanted(self) -> ColliderInputs | None:
        if self.vectors is None:
            return None
        names = (self.reference, self.other) if self.symmetry == "align" else (None, None)
        return ColliderInputs(self.vectors, *names, self.masses)

    def _embedded(self) -> tuple[tuple[int, int], ...]:
        """Columns of categories among the inputs: momenta stand behind all others there."""
        categories = dict(self.categories or {})
        if self.vectors is None:
            return tuple(categories.items())
        momenta = {name for columns in self.vectors.polar.values() for name in columns}
        kept = [index for index, name in enumerate(self.vectors.features) if name not in momenta]
        wrong = next((column for column in categories if column not in kept), None)
        if wrong is not None:
            raise ConfigError(f"categories: expected columns that are no part of a momentum. Received: {wrong}")
        return tuple((kept.index(column), count) for column, count in categories.items())

    def augmentation(self) -> Callable | None:
        """Return what turns and mirrors the components in a batch of inputs at random; None for another symmetry."""
        if self.symmetry != "augment":
            return None
        wanted = self._wanted()
        return ColliderAugmentation(wanted.names, cartesian=wanted.cartesian.cartesian, missing=None).augment

    def _mean(self, column: np.ndarray) -> float:
        there = column if self.missing is None else column[column != self.missing]
        return float(there.mean()) if len(there) else 0.0

    def _filled(self, X: np.ndarray) -> np.ndarray:
        filled = X if self.missing is None else np.where(X == self.missing, self.fill_, X)
        return filled.astype(np.float32)
