"""Drones of tables: a network of comparisons and six-input tables that imitates any teacher, for an FPGA."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from codesign._arguments import check_range, check_seed, checked
from codesign.data import Words
from codesign.data.word_choice import choose_words
from codesign.drone.teachers.teacher import Teacher
from codesign.errors import ConfigError, DataError, nearest
from codesign.network import Network
from codesign.network.activations import softmax
from codesign.tables import Growth, grow_tables
from codesign.train.progress import progress_bar

_STEPS = 100
_LINKS = {
    "softmax": softmax,
    "logistic": lambda margins: 0.5 * (1.0 + np.tanh(0.5 * margins)),
    "squared": lambda margins: margins,
}


@dataclass(frozen=True, eq=False)
class TableDrone:
    """A network of tables that takes the words of a detector, and gives what the teacher gives.

    Args:
        network: of thresholds, raw bits, tables and sums, in the types of a design; it gives margins.
        words: what is sent of the teacher's events.
        kind: ``probability`` or ``value``: what the outputs are.
        loss: that it was grown by, which says what turns margins into outputs.
        growth: networks of every size from the same growth.
        lut: that its circuit is estimated to take.
    """

    network: Network
    words: Words
    kind: str
    loss: str
    growth: Growth
    lut: float

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) float32 for x, (n_events, n_inputs) in the teacher's units.

        Raises:
            DataError: for a wrong shape.
        """
        return _LINKS[self.loss](self.network.predict(self.values(x))).astype(np.float32)

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return what the network takes for events in the teacher's units.

        Raises:
            DataError: for a wrong shape.
        """
        x = np.asarray(x)
        rows = x.reshape(len(x), -1) if x.ndim > 2 else x
        if rows.ndim != 2 or rows.shape[1] != len(self.words.features):
            raise DataError(f"x: expected shape (n_events, {len(self.words.features)}). Received: {x.shape}")
        return self.words.encode(rows)


@checked
@dataclass(frozen=True)
class TableDroneSettings:
    """How a drone of tables is grown.

    Args:
        max_lut: of the network.
        words: what the detector sends of each feature: :class:`codesign.Words`, or formats as
            :meth:`codesign.Words.declare` takes them, of features ``x0``, ``x1``, ...; ``free``: ranges that the sender
            can shift and scale; None: found on the events.
        bits: of the words that are found; None: 12, of free ones 8.
        loss: of :func:`codesign.tables.grow_tables`; None: softmax, logistic or squared, as the teacher's outputs are.
        seed: of everything random.

    Raises:
        ConfigError: for values outside their range.
    """

    max_lut: float = 1000
    words: Words | Mapping | str | None = None
    bits: int | None = None
    loss: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_seed(self.seed)
        check_range(self.max_lut, "max_lut", 1, 1_000_000)
        if self.loss is not None and self.loss not in _LINKS:
            known = ", ".join(_LINKS)
            raise ConfigError(f"loss: expected one of {known}. Received: {self.loss}{nearest(self.loss, _LINKS)}")


def grow_table_drone(
    teacher: Teacher, x: np.ndarray, targets: np.ndarray, settings: Mapping[str, object], *, shown: bool, label: str
) -> TableDrone:
    """Grow tables that give what a teacher gives.

    Args:
        teacher: says what its outputs are.
        x: (n_events, n_inputs) in the teacher's units.
        targets: (n_events, n_outputs) of the teacher.
        settings: fields of :class:`TableDroneSettings`.
        shown: a progress bar.
        label: what the bar is called.

    Raises:
        ConfigError: for an unknown setting, or one outside its range.
        BudgetError: if no network fits `max_lut`.
    """
    chosen = _read(settings)
    names = chosen.words.features if isinstance(chosen.words, Words) else [f"x{place}" for place in range(x.shape[1])]
    words = choose_words(chosen.words, x, _decisions(targets), names, chosen.bits)
    loss = chosen.loss or _loss_of(targets, teacher.kind)
    events = words.encode(x)
    grown_to = {"max_lut": chosen.max_lut, "seed": chosen.seed, "loss": loss}
    with progress_bar(shown=shown) as bar:
        task = bar.add_task(f"grow {label}", total=_STEPS)
        growth = grow_tables(
            events,
            targets.astype(np.float64),
            words.precision,
            report=lambda share: bar.update(task, completed=round(_STEPS * share)),
            **grown_to,
        )
    best = growth.within(chosen.max_lut)
    return TableDrone(best.network, words, teacher.kind, loss, growth, best.lut)


def _decisions(targets: np.ndarray) -> np.ndarray:
    """Return the class that a teacher decides for, which ranges of words are to tell; of one output which half."""
    return targets.argmax(1) if targets.shape[1] > 1 else (targets[:, 0] > np.median(targets[:, 0])).astype(np.int64)


def _loss_of(targets: np.ndarray, kind: str) -> str:
    """Return the loss that fits a teacher: softmax where several probabilities add up to 1."""
    if kind == "value":
        return "squared"
    return "softmax" if targets.shape[1] > 1 and np.allclose(targets.sum(1), 1, atol=1e-3) else "logistic"


def _read(given: Mapping[str, object]) -> TableDroneSettings:
    known = TableDroneSettings.__dataclass_fields__
    for name in given:
        if name not in known:
            received = f"{name}, with units='tables'{nearest(name, known)}"
            raise ConfigError(f"settings: expected some of {', '.join(known)}. Received: {received}")
    return TableDroneSettings(**given)
