"""Journal: what a search found out, in a file of Optuna's, which optuna-dashboard opens."""

import hashlib
import json
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from codesign._files import writable
from codesign.errors import CodesignError, DataError
from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.parameters import distributions, from_parameters, parameters, require_optuna

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

STUDY = "codesign"
Found = TypeVar("Found")
_FINGERPRINT, _ENDED, _FOUND, _SCREENED = "fingerprint", "ended", "found", "screened"
_CURE = "choose another place, or remove it"
_JOURNAL, _A_PLACE = "a journal of Optuna", "a file to read and write, in a folder that can be written"


class Journal:
    """What is finished, in the study ``codesign`` of an Optuna journal, on disk before :meth:`add` ends.

    Args:
        path: of the file; it need not exist. A last line that was cut off is dropped.
        fingerprint: of network, data and choices, which the study must have.
        names: of the losses.
        about: what it must be of, for people.
        argument: what the user gave the path by.

    Raises:
        DataError: for a file that is no journal, is damaged, cannot be written, or holds the study of something else.
        ToolError: without Optuna.
    """

    def __init__(
        self, path: str | PathLike, fingerprint: str, names: Sequence[str], about: str, *, argument: str = "storage"
    ) -> None:
        optuna = require_optuna()
        from optuna.storages.journal import JournalFileBackend

        self._path, self._argument = Path(path), argument
        self._check_lines()
        known = None
        with self._readable():
            storage = optuna.storages.JournalStorage(JournalFileBackend(str(self._path)))
            names_there = optuna.get_all_study_names(storage)
            if not names_there and self._path.stat().st_size:
                raise LookupError("no study")
            if STUDY in names_there:
                self._study = optuna.load_study(study_name=STUDY, storage=storage)
                known = self._study.user_attrs.get(_FINGERPRINT, "")
            trials = [] if known is None else self._study.get_trials(deepcopy=False)
        self._trials = [one for one in trials if one.state.is_finished()]
        if known is not None and known != fingerprint and (known or trials):
            raise self._refused(f"the study of {about}", "with a study of something else")
        with writable(self._path, _A_PLACE, argument):
            if known is None:
                directions = ["minimize"] * len(names)
                self._study = optuna.create_study(storage=storage, study_name=STUDY, directions=directions)
            if known != fingerprint:
                self._study.set_user_attr(_FINGERPRINT, fingerprint)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                    self._study.set_metric_names(list(names))

    def finished(self, choices: Choices, read: Callable[[Point, Mapping], Found]) -> list[tuple[Point, Found]]:
        """Return what was found out, in the order in which it was.

        Args:
            choices: that were chosen from.
            read: makes of a point, and what was kept of it, what was found.

        Raises:
            DataError: for a trial that is none of a search.
        """
        found = []
        for trial in self._trials:
            if _FOUND in trial.user_attrs:
                with self._undamaged(trial):
                    point = from_parameters(choices, trial.params)
                    found.append((point, read(point, trial.user_attrs[_FOUND])))
        return found

    def screened(self, choices: Choices) -> dict[Point, float]:
        """Return the qualities that were measured before costs: losses by what decides them; see :class:`Screen`.

        Raises:
            DataError: for a trial that is none of a search.
        """
        found = {}
        for trial in self._trials:
            with self._undamaged(trial):
                for values, loss in trial.user_attrs.get(_SCREENED, ()):
                    point = choices.decided(values)
                    found[point] = math.inf if loss is None else float(loss)
        return found

    def ended(self, name: str, choices: Choices) -> list[Point]:
        """Return the points of a search that ended, in the order in which they were proposed; none of one that did not,
        or whose trials are not those that were kept.

        Args:
            name: of the search: its method, its seed, and how many points it has.
            choices: that were chosen from.
        """
        trials = {trial.number: trial for trial in self._trials}
        try:
            numbers, digest = self._study.user_attrs[_ENDED][name]
            points = [from_parameters(choices, trials[one].params) for one in numbers]
        except (ValueError, TypeError, KeyError, AttributeError):
            return []
        return points if digest == _digest(points) else []

    def end(self, name: str, choices: Choices, points: Sequence[Point]) -> None:
        """Keep which points a search has, if all are there."""
        with writable(self._path, _A_PLACE, self._argument):
            trials = [one for one in self._study.get_trials(deepcopy=False) if _FOUND in one.user_attrs]
            numbers = {from_parameters(choices, one.params): one.number for one in reversed(trials)}
            if all(point in numbers for point in points):
                kept = [numbers[point] for point in points], _digest(points)
                self._study.set_user_attr(_ENDED, self._study.user_attrs.get(_ENDED, {}) | {name: kept})

    def add(
        self,
        choices: Choices,
        point: Point,
        entry: Mapping,
        judged: tuple[Sequence[float], Mapping[str, float]],
        screened: Mapping[Point, float] = MappingProxyType({}),
    ) -> None:
        """Add a point as a finished trial.

        Args:
            choices: that the point is of.
            point: what was chosen.
            entry: what was found out, as plain data.
            judged: what should be low, and by how much each limit is missed.
            screened: losses that were measured before costs, by what decides them.
        """
        losses, limits = judged
        looked_at = [([one for _, one in of], loss if math.isfinite(loss) else None) for of, loss in screened.items()]
        trial = require_optuna().trial.create_trial(
            values=list(losses),
            params=parameters(choices, point),
            distributions=distributions(choices, dict(point)[choices.branch]),
            user_attrs={_FOUND: dict(entry)} | ({_SCREENED: looked_at} if looked_at else {}),
            constraints=dict(limits),
        )
        with writable(self._path, _A_PLACE, self._argument):
            self._study.add_trial(trial)

    @contextmanager
    def _undamaged(self, trial: "FrozenTrial") -> Iterator[None]:
        """Turn whatever a damaged trial raises into one line."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError, CodesignError) as error:
            reason = f"where trial {trial.number} is damaged ({type(error).__name__})"
            raise self._refused("trials of a search", reason) from None

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Turn whatever a foreign journal makes Optuna raise into one line."""
        try:
            with writable(self._path, _A_PLACE, self._argument):
                yield
        except DataError:
            raise
        except Exception as error:
            raise self._refused(_JOURNAL, f"which Optuna cannot read: {type(error).__name__}") from None

    def _check_lines(self) -> None:
        """Drop a line that was cut off; refuse any other that is no entry of a journal."""
        with writable(self._path, _A_PLACE, self._argument):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():
                self._path.touch()
            content = self._path.read_bytes()
        *lines, unfinished = content.split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                is_entry = "op_code" in json.loads(line)
            except (ValueError, TypeError, RecursionError):
                is_entry = False
            if not is_entry:
                raise self._refused(_JOURNAL, f"line {number} is none")
        if unfinished and not lines and not b'{"op_code"'.startswith(unfinished[:10]):
            raise self._refused(_JOURNAL, "line 1 is none")
        if unfinished:
            with writable(self._path, _A_PLACE, self._argument), self._path.open("r+b") as file:
                file.truncate(len(content) - len(unfinished))

    def _refused(self, expected: str, reason: str) -> DataError:
        given = f"{self._path}{' ' if reason.startswith('with') else ', '}{reason}"
        return DataError(f"{self._argument}: expected {expected}. Received: {given}; {_CURE}")


def _digest(points: Sequence[Point]) -> str:
    return hashlib.sha256(json.dumps(points).encode()).hexdigest()
