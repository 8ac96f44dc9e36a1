"""Dataset: events, labels, names, and how real they are."""

from dataclasses import dataclass, replace

import numpy as np

from codesign._arguments import check_seed, checked
from codesign.data.labels import labels_cure
from codesign.errors import DataError, nearest

NOT_STATED = "not stated"
KINDS = ("REAL", "GENERATED", "STAND-IN", NOT_STATED)


def kind_text(kind: str) -> str:
    """Return how a table names the kind of its data: ``REAL data``, or that nobody said so."""
    return "kind of data not stated" if kind == NOT_STATED else f"{kind} data"


@checked
@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test events of one task.

    Args:
        x_train, x_test: (n_events, n_features) float.
        y_train, y_test: (n_events,) integer class labels, 0 to n_classes - 1; each class has events in training.
        features: (n_features,) names.
        classes: names of the classes, in the order of the labels.
        name: short name for tables.
        kind: REAL, GENERATED (physics software, not the paper's sample) or STAND-IN, or ``not stated``; every
            table prints it.
        origin: one line on where the events come from.
        event_shape: of an event that had more axes than one, before it became a row of features.

    Raises:
        DataError: for NaN or inf (it names the feature and counts the events), shapes or labels that do not fit, or a
            class without events in training (it names the class).
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    features: tuple[str, ...]
    classes: tuple[str, ...]
    name: str = "data"
    kind: str = NOT_STATED
    origin: str = ""
    event_shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(
                f"kind: expected one of {', '.join(KINDS)}. Received: {self.kind!r:.60}{nearest(self.kind, KINDS)}"
            )
        for part in ("x_train", "y_train", "x_test", "y_test"):
            object.__setattr__(self, part, np.asarray(getattr(self, part)))
        for part in ("train", "test"):
            self._check_events(f"x_{part}", getattr(self, f"x_{part}"))
            self._check_labels(f"y_{part}", getattr(self, f"y_{part}"), len(getattr(self, f"x_{part}")))
        missing = self._classes_without(self.y_train)
        if missing:
            raise DataError(
                f"y_train: expected events of each of the {self.n_classes} classes. Received: none of {missing}; "
                "leave the class out of 'classes' and renumber the labels, or add events of it"
            )

    @property
    def n_features(self) -> int:
        """Features of an event."""
        return len(self.features)

    @property
    def n_classes(self) -> int:
        """Classes."""
        return len(self.classes)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before trusting a number, one sentence each: classes that the test events lack."""
        missing = self._classes_without(self.y_test)
        return (f"the test events hold none of {missing}: their accuracy says nothing about it",) if missing else ()

    def mean_and_std(self) -> tuple[np.ndarray, np.ndarray]:
        """Return those of the training events, (n_features,) float64 each; of a constant feature its value and 1."""
        mean = self.x_train.mean(0, dtype=np.float64)
        std = self.x_train.std(0, dtype=np.float64)
        constant = (self.x_train == self.x_train[0]).all(0) | (std == 0)
        return np.where(constant, self.x_train[0], mean), np.where(
            constant, 1.0, std
        )  # a mean of 0.1 is not always 0.1

    def standardized(self, *, low: float = -8.0, high: float = 7.96875) -> "Dataset":
        """Return the data set with mean 0 and standard deviation 1 on the training events, clipped to [low, high].

        The default limits are the range of an 8-bit detector word with 4 integer bits. A constant feature becomes 0.
        """
        mean, std = self.mean_and_std()
        x_train, x_test = (np.clip((x - mean) / std, low, high) for x in (self.x_train, self.x_test))
        return replace(self, x_train=x_train.astype(np.float32), x_test=x_test.astype(np.float32))

    def hold_out(self, share: float = 0.1, *, seed: int = 0) -> tuple["Dataset", np.ndarray, np.ndarray]:
        """Return the data set without a random share of its training events, and those events with their labels.

        Choices, such as that of a precision, are made on the events held out, so that the test events stay unseen.
        """
        if not 0 < share < 1:
            raise DataError(f"share: expected a number between 0 and 1. Received: {share}")
        check_seed(seed)
        order = np.random.default_rng(seed).permutation(len(self.x_train))
        held, kept = np.split(order, [max(1, round(share * len(order)))])
        if not len(kept):
            raise DataError(f"x_train: expected at least 2 events to hold some out. Received: {len(order)}")
        lost = np.setdiff1d(self.y_train, self.y_train[kept])
        if lost.size:
            events = np.count_nonzero(self.y_train == lost[0])
            raise DataError(
                f"y_train: expected more events of class '{self.classes[lost[0]]}'. "
                f"Received: {events}, all of which are held out"
            )
        rest = replace(self, x_train=self.x_train[kept], y_train=self.y_train[kept])
        return rest, self.x_train[held], self.y_train[held]

    def _classes_without(self, y: np.ndarray) -> str:
        """The classes that have no event, as text."""
        present = set(np.unique(y).tolist())
        return ", ".join(f"class '{name}'" for label, name in enumerate(self.classes) if label not in present)

    def _check_events(self, name: str, x: np.ndarray) -> None:
        check_rows(name, x)
        if x.shape[1] != self.n_features:
            raise DataError(
                f"{name}: expected shape (n_events, {self.n_features}) for the {self.n_features} named features. "
                f"Received: {x.shape}"
            )
        if x.dtype.kind not in "fiu":
            raise DataError(f"{name}: expected numbers. Received: {x.dtype}")
        bad = ~np.isfinite(x)
        if bad.any():
            worst = int(bad.sum(0).argmax())
            raise DataError(
                f"{name}: expected finite numbers. Received: NaN or inf in {int(bad.any(1).sum())} of {len(x)} events, "
                f"most in feature '{self.features[worst]}'; remove or impute them"
            )
        largest = max(float(x.max()), -float(x.min()))
        if largest > float(np.finfo(np.float32).max):
            raise DataError(
                f"{name}: expected magnitudes that float32 holds, as networks do. Received: {largest:g}; rescale the "
                "feature"
            )

    def _check_labels(self, name: str, y: np.ndarray, n_events: int) -> None:
        if y.shape != (n_events,) or y.dtype.kind not in "iu":
            given = f"{y.dtype} of shape {y.shape}{labels_cure(y)}"
            raise DataError(f"{name}: expected {n_events} integer labels. Received: {given}")
        if y.min() < 0 or y.max() >= self.n_classes:
            given = f"{y.min()} to {y.max()}{labels_cure(y) or '; name every class in classes'}"
            most = self.n_classes - 1
            raise DataError(f"{name}: expected labels 0 to {most}, of {self.n_classes} classes. Received: {given}")


def check_rows(name: str, x: np.ndarray) -> None:
    """Check that an array holds events in rows.

    Raises:
        DataError: for another number of axes, which it says how to change, or no events or features.
    """
    if x.ndim == 2 and x.size:
        return
    if 0 in x.shape[:1]:
        raise DataError(f"{name}: expected at least one event. Received: none, shape {x.shape}; see what selected them")
    cure = f"; {name}.reshape(len({name}), -1) makes a row of each event" if x.ndim != 2 and x.ndim else ""
    raise DataError(f"{name}: expected shape (n_events, n_features), with features. Received: {x.shape}{cure}")
