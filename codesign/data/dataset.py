"""Dataset: events, labels or targets, weights, names, and how real they are."""

from dataclasses import dataclass, replace

import numpy as np

from codesign._arguments import check_seed, checked
from codesign.data.checks import (
    check_events,
    check_in_training,
    check_labels,
    check_targets,
    check_weights,
    classes_without,
)
from codesign.data.events import Events
from codesign.data.hold_out import split_off
from codesign.data.word_choice import choose_words
from codesign.data.words import Formats, Words
from codesign.errors import DataError, nearest

NOT_STATED = "not stated"
KINDS = ("REAL", "GENERATED", "STAND-IN", NOT_STATED)
_MOST_NAMED = 5


def kind_text(kind: str) -> str:
    """Return how a table names the kind of its data: ``REAL data``, or that nobody said so."""
    return "kind of data not stated" if kind == NOT_STATED else f"{kind} data"


@checked
@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test events of one task: classification, which has `classes`, or regression, which has `targets`.

    Args:
        x_train, x_test: (n_events, n_features) float.
        y_train, y_test: (n_events,) integer class labels, 0 to n_classes - 1; each class has events in training. Of a
            regression (n_events,) float, or (n_events, n_targets) if there are several.
        features: (n_features,) names.
        classes: names of the classes, in the order of the labels; none for a regression.
        name: short name for tables.
        kind: REAL, GENERATED (physics software, not the paper's sample) or STAND-IN, or ``not stated``; every
            table prints it.
        origin: one line on where the events come from.
        event_shape: of an event that had more axes than one, before it became a row of features.
        targets: names of the numbers that a regression is of.
        weights_train, weights_test: (n_events,) float, 0 or above: how much each event counts. Both or neither.
        remarks: what the reader of the events noticed, one sentence each.
        words: that a detector sends, of which x are the values in a network's units; None: x are physical.

    Raises:
        DataError: for NaN or inf (it names the feature and counts the events), shapes, labels or weights that do not
            fit, or a class without events in training (it names the class).

    Example:
        >>> x, y = np.random.default_rng(0).normal(size=(100, 2)), np.arange(100) % 2
        >>> data = Dataset(x[:80], y[:80], x[80:], y[80:], features=("pt", "eta"), classes=("gluon", "quark"))
        >>> data.task, data.n_features, len(data.test.x)
        ('classification', 2, 20)
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    features: tuple[str, ...]
    classes: tuple[str, ...] = ()
    name: str = "data"
    kind: str = NOT_STATED
    origin: str = ""
    event_shape: tuple[int, ...] | None = None
    targets: tuple[str, ...] = ()
    weights_train: np.ndarray | None = None
    weights_test: np.ndarray | None = None
    remarks: tuple[str, ...] = ()
    words: Words | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(
                f"kind: expected one of {', '.join(KINDS)}. Received: {self.kind!r:.60}{nearest(self.kind, KINDS)}"
            )
        if bool(self.classes) == bool(self.targets):
            raise DataError(
                "classes, targets: expected the names of the classes, if y are labels, or of the targets, if y are "
                f"numbers (regression). Received: {'both' if self.classes else 'neither'}"
            )
        for part in ("train", "test"):
            self._settle(part)
        if (self.weights_train is None) != (self.weights_test is None):
            raise DataError(
                "weights_train, weights_test: expected both or neither. Received: one; numpy.ones(n_events) counts "
                "each event the same"
            )
        check_in_training("y_train", self.y_train, self.classes, self.weights_train)

    def _settle(self, part: str) -> None:
        """Check the events of one part, and keep them as arrays."""
        x, y = (np.asarray(getattr(self, f"{name}_{part}")) for name in "xy")
        check_events(f"x_{part}", x, self.features)
        if self.classes:
            check_labels(f"y_{part}", y, len(x), len(self.classes))
        else:
            y = check_targets(f"y_{part}", y, len(x), self.targets)
        object.__setattr__(self, f"x_{part}", x)
        object.__setattr__(self, f"y_{part}", y)
        weights = getattr(self, f"weights_{part}")
        if weights is not None:
            object.__setattr__(self, f"weights_{part}", check_weights(f"weights_{part}", weights, len(x)))

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return "classification" if self.classes else "regression"

    @property
    def train(self) -> Events:
        """The training events."""
        return Events(self.x_train, self.y_train, self.weights_train)

    @property
    def test(self) -> Events:
        """The test events."""
        return Events(self.x_test, self.y_test, self.weights_test)

    @property
    def n_features(self) -> int:
        """Features of an event."""
        return len(self.features)

    @property
    def n_classes(self) -> int:
        """Classes; 0 of a regression."""
        return len(self.classes)

    @property
    def n_outputs(self) -> int:
        """Outputs of a network for this task: one for each class, or each target."""
        return len(self.classes or self.targets)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before trusting a number, one sentence each.

        What the reader noticed, features that are constant, and classes that the test events lack.
        """
        notes = [*self.remarks, *(self.words.notes if self.words else ())]
        constant = [name for name, is_constant in zip(self.features, self._constant()) if is_constant]
        if constant:
            more = len(constant) - _MOST_NAMED
            listed = ", ".join(map(repr, constant[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")
            which = f"features {listed} are" if len(constant) > 1 else f"feature {listed} is"
            notes.append(f"{which} the same in all training events, so no network learns anything of it")
        missing = classes_without(self.y_test, self.classes, self.weights_test)
        if missing:
            notes.append(f"the test events hold none of {missing}: their accuracy says nothing about it")
        return tuple(notes)

    def mean_and_std(self) -> tuple[np.ndarray, np.ndarray]:
        """Return those of the training events, (n_features,) float64 each; of a constant feature its value and 1.

        Each event counts the same, whatever its weight.
        """
        mean = self.x_train.mean(0, dtype=np.float64)
        std = self.x_train.std(0, dtype=np.float64)
        constant = self._constant() | (std == 0)
        return np.where(constant, self.x_train[0], mean), np.where(
            constant, 1.0, std
        )  # a mean of 0.1 is not always 0.1

    def standardized(self, *, low: float = -8.0, high: float = 7.96875) -> "Dataset":
        """Return the data set with mean 0 and standard deviation 1 on the training events, clipped to [low, high].

        The default limits are the range of an 8-bit detector word with 4 integer bits. A constant feature becomes 0.
        """
        mean, std = self.mean_and_std()
        x_train, x_test = (np.clip((x - mean) / std, low, high) for x in (self.x_train, self.x_test))
        return replace(self, x_train=x_train.astype(np.float32), x_test=x_test.astype(np.float32), words=None)

    def in_words(self, words: Words | Formats | str | None = None, *, bits: int | None = None) -> "Dataset":
        """Return the data set as a detector sends it: x are words' values, exact, and :attr:`words` what they mean.

        Args:
            words: of these features; or formats for :meth:`Words.declare`; None: found from the training events;
                ``free``: with the ranges that tell most of the labels, where the sender may shift and scale.
            bits: at most, of words that are found; None: 12, of free ones 8.

        Raises:
            ConfigError: for words of other features, formats that do not fit, or data that are in words already.
            DataError: for a format that cannot hold its feature.
        """
        words = choose_words(words, self.x_train, self.y_train, self.features, bits, is_done=self.words is not None)
        x_train, x_test = (words.encode(x).astype(np.float32) for x in (self.x_train, self.x_test))
        return replace(self, x_train=x_train, x_test=x_test, words=words)

    def hold_out(self, share: float = 0.1, *, seed: int = 0) -> tuple["Dataset", Events]:
        """Return the data set without a random share of its training events, and the events held out.

        Choices, such as that of a precision, are made on the events held out, so that the test events stay unseen. Each
        class of two events or more has some in both parts.

        Raises:
            DataError: for a share outside (0, 1), or one that takes all events of a class.

        Example:
            >>> from codesign import load_dataset
            >>> rest, held = load_dataset("b_decay").hold_out(0.1)
            >>> len(held.x) == len(held.y), held.weights is None
            (True, True)
        """
        if not 0 < share < 1:
            raise DataError(f"share: expected a number between 0 and 1. Received: {share}")
        check_seed(seed)
        order = np.random.default_rng(seed).permutation(len(self.x_train))
        count = max(1, round(share * len(order)))
        held, kept = split_off(order, count, self.y_train if self.classes else None)
        if not len(kept):
            raise DataError(f"data: expected at least 2 training events to hold some out. Received: {len(order)}")
        lost = np.setdiff1d(self.y_train, self.y_train[kept]) if self.classes else np.array([])
        if lost.size:
            events = np.count_nonzero(self.y_train == lost[0])
            raise DataError(
                f"data: expected more events of class '{self.classes[lost[0]]}'. "
                f"Received: {events}, all of which are held out"
            )
        rest, out = (Events(*(None if one is None else one[part] for one in self.train)) for part in (kept, held))
        return self.with_events(train=rest), out

    def with_events(self, *, train: Events | None = None, test: Events | None = None) -> "Dataset":
        """Return the data set with other events in the place of its own; None keeps those."""
        given = {"train": train, "test": test}
        arrays = {part: events for part, events in given.items() if events is not None}
        return replace(
            self,
            **{f"{name}_{part}": one for part, events in arrays.items() for name, one in events._asdict().items()},
        )

    def _constant(self) -> np.ndarray:
        """Which features are the same in all training events, (n_features,) bool."""
        return (self.x_train == self.x_train[0]).all(0)
