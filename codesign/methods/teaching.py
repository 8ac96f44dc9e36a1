"""Who teaches: an ensemble that is trained first, a user's model, or nobody."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from codesign._keras import keras
from codesign.data.events import Events
from codesign.drone.teachers.teacher import Teacher, as_teacher
from codesign.errors import DataError
from codesign.methods.names import ENSEMBLE
from codesign.methods.networks import EpochLog, Report, build_network, fit_network
from codesign.methods.settings import MethodSettings
from codesign.methods.task import BINARY, CLASSES, VALUES, Task
from codesign.methods.trained import Place, Trained
from codesign.network import Network
from codesign.train.cosine_fit import CosineFit

_LEAST_CHANCE = 1e-12


@dataclass(frozen=True, eq=False)
class MemberTraining:
    """Trains one dense net of the ensemble, on labels.

    Args:
        task: with labels as targets.
        settings: of the ensemble.
        seed: of weights and order.
    """

    task: Task
    settings: MethodSettings
    seed: int
    method = ENSEMBLE

    def run(self, place: Place, report: Report) -> Trained:
        """Train it if the place does not hold it yet; the network is in floating point."""
        found = place.trained()
        if found is not None:
            return found
        begun, settings = time.process_time(), self.settings
        model = build_network(self.task, settings.teacher_hidden, keras.layers.Dense, seed=self.seed)
        course = CosineFit(settings.teacher_epochs, settings.teacher_batch_size, settings.teacher_rate)
        log = EpochLog("training", report)
        restart = place.restart("teacher")
        fit_network(model, self.task, course, seed=self.seed, callbacks=(log,), restart_directory=restart)
        spent = time.process_time() - begun
        return place.keep_trained(
            Trained(ENSEMBLE, None, (Network.from_keras(model),), tuple(log.entries), spent, f"seed {self.seed}")
        )


def train_ensemble(
    task: Task, settings: MethodSettings, seed: int, held: Events, train: Callable[[Sequence[MemberTraining]], list]
) -> list[Network]:
    """Return the nets of the ensemble, of the width whose first net has the lower loss on events held out.

    Args:
        task: with labels as targets.
        settings: of the ensemble.
        seed: of the first net; the others follow.
        held: events that the width is chosen by.
        train: runs trainings, and returns what each gave.
    """
    choices = [replace(settings, teacher_hidden=hidden) for hidden in settings.teacher_widths]
    firsts = [one.networks[0] for one in train([MemberTraining(task, choice, seed) for choice in choices])]
    best = int(np.argmin([_loss(task, network, held) for network in firsts]))
    others = train([MemberTraining(task, choices[best], seed + n) for n in range(1, settings.teacher_nets)])
    return [firsts[best], *(one.networks[0] for one in others)]


def _loss(task: Task, network: Network, held: Events) -> float:
    """The mean loss of a net on events with their labels or values."""
    said = task.said(network, held.x)
    if task.kind == VALUES:
        losses = np.square(task.scale.scaled(said) - task.scale.scaled(held.y.reshape(said.shape))).mean(1)
    else:
        chances = np.hstack([1 - said, said]) if task.kind == BINARY else said
        losses = -np.log(np.maximum(chances[np.arange(len(said)), held.y], _LEAST_CHANCE))
    return float(np.average(losses, weights=held.weights))


class Taught:
    """What a teacher says of events as the data hold them.

    Args:
        task: of the data.
        source: networks of the ensemble, or a user's teacher.
    """

    def __init__(self, task: Task, source: Sequence[Network] | Teacher) -> None:
        few = {name: getattr(task, name)[:0] for name in ("x", "targets")}
        self._task, self._source = replace(task, weights=None, **few), source  # a front need not hold the events

    @property
    def name(self) -> str:
        """Who it is."""
        return self._source.name if isinstance(self._source, Teacher) else f"ensemble of {len(self._source)}"

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs): probabilities (of a binary task that of class 1), or values.

        A user's teacher is given events in physical units, if they are in words.

        Raises:
            DataError: for a teacher of something else than the data.
        """
        if not isinstance(self._source, Teacher):
            return np.mean([self._task.said(network, x) for network in self._source], 0)
        words = self._task.words
        outputs = self._source.predict(x if words is None else words.decode(x))
        return self._fitting(outputs)

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return what :meth:`predict` gives as a network would: logits, or values."""
        outputs = np.asarray(self.predict(x), np.float64)
        if self._task.kind == VALUES:
            return outputs
        outputs = np.clip(outputs, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
        return np.log(outputs / (1 - outputs)) if self._task.kind == BINARY else np.log(outputs)

    def _fitting(self, outputs: np.ndarray) -> np.ndarray:
        task, n_given = self._task, outputs.shape[1]
        if task.kind == BINARY and n_given == 2:
            return outputs[:, 1:]
        is_kind = (self._source.kind == "value") == (task.kind == VALUES)
        if n_given != task.n_outputs or not is_kind:
            wanted = {
                BINARY: "the probability of class 1",
                CLASSES: f"probabilities of {task.n_outputs} classes",
                VALUES: f"{task.n_outputs} values",
            }[task.kind]
            raise DataError(
                f"teacher: expected {wanted}, as the data have them. Received: {n_given} "
                f"{'values' if self._source.kind == 'value' else 'probabilities'} of {self._source.name}; "
                "as_teacher(model, output=..., positive=...) says what it gives"
            )
        return outputs


def read_teacher(teacher: object) -> Teacher | None:
    """Return a user's teacher; None for none, and for the ensemble.

    Raises:
        ConfigError, DataError: as :func:`codesign.as_teacher`.
    """
    if teacher is None or (isinstance(teacher, str) and teacher == ENSEMBLE):
        return None
    return teacher if isinstance(teacher, Teacher) else as_teacher(teacher)
