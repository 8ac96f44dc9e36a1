"""Journal: a search in a file of Optuna's, which optuna-dashboard opens, and which the next search goes on from."""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TypeVar

from codesign._files import writable
from codesign.errors import CodesignError, DataError
from codesign.fpga.search.choices import Choices, Point
from codesign.fpga.search.parameters import distributions, from_parameters, parameters, require_optuna
from codesign.fpga.search.proposals import Proposal

STUDY = "codesign"
Found = TypeVar("Found")
_FINGERPRINT, _FOUND = "fingerprint", "found"
_CURE = "choose another place, or remove it"


class Journal:
    """What is finished, in the study ``codesign`` of an Optuna journal, on disk before :meth:`add` ends.

    Args:
        path: of the file; it need not exist. A last line that was cut off is dropped.
        fingerprint: of network, data and choices, which the study must have.
        names: of the losses.
        about: what it must be of, for people.

    Raises:
        DataError: for a file that is no journal, is damaged, or holds the study of something else.
        ToolError: without Optuna.
    """

    def __init__(self, path: str | PathLike, fingerprint: str, names: Sequence[str], about: str) -> None:
        optuna = require_optuna()
        from optuna.storages.journal import JournalFileBackend

        self._path = Path(path)
        _check_lines(self._path)
        try:
            storage = optuna.storages.JournalStorage(JournalFileBackend(str(self._path)))
            known, names_there = None, optuna.get_all_study_names(storage)
            if not names_there and self._path.stat().st_size:
                raise LookupError("no study")
            if STUDY in names_there:
                self._study = optuna.load_study(study_name=STUDY, storage=storage)
                known = self._study.user_attrs.get(_FINGERPRINT, "")
            trials = [] if known is None else self._study.get_trials(deepcopy=False)
        except Exception as error:  # of whatever kind a foreign journal makes Optuna raise
            given = f"{self._path}, which Optuna cannot read: {type(error).__name__}"
            raise DataError(f"storage: expected a journal of Optuna. Received: {given}; {_CURE}") from None
        self.trials = [one for one in trials if one.state.is_finished()]
        if known is None:
            self._study = optuna.create_study(storage=storage, study_name=STUDY, directions=["minimize"] * len(names))
        elif known != fingerprint and (known or trials):
            raise DataError(
                f"storage: expected the study of {about}. Received: {self._path} with a study "
                f"of something else; {_CURE}"
            )
        if known != fingerprint:
            self._study.set_user_attr(_FINGERPRINT, fingerprint)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                self._study.set_metric_names(list(names))

    def finished(self, choices: Choices, read: Callable[[Point, Mapping], Found]) -> list[tuple[Point, Found]]:
        """Return what was found out, in order.

        Args:
            choices: that were chosen from.
            read: makes of a point, and what was kept of it, what was found.

        Raises:
            DataError: for a trial that is none of a search.
        """
        found = []
        for trial in self.trials:
            if _FOUND in trial.user_attrs:
                try:
                    point = from_parameters(choices, trial.params)
                    found.append((point, read(point, trial.user_attrs[_FOUND])))
                except (ValueError, TypeError, KeyError, AttributeError, CodesignError) as error:
                    given = f"{self._path}, where trial {trial.number} is damaged ({type(error).__name__})"
                    raise DataError(f"storage: expected trials of a search. Received: {given}; {_CURE}") from None
        return found

    def add(
        self, choices: Choices, proposal: Proposal, entry: Mapping, judged: tuple[Sequence[float], Mapping[str, float]]
    ) -> None:
        """Add a point as a finished trial.

        Args:
            choices: that the proposal is of.
            proposal: what was chosen.
            entry: what was found out, as plain data.
            judged: what should be low, and by how much each limit is missed.
        """
        losses, limits = judged
        trial = require_optuna().trial.create_trial(
            values=list(losses),
            params=parameters(choices, proposal.point),
            distributions=distributions(choices, dict(proposal.point)[choices.branch]),
            user_attrs={_FOUND: dict(entry)},
            system_attrs=dict(proposal.system),
            constraints=dict(limits),
        )
        with writable(self._path, "a file to read and write", "storage"):
            self._study.add_trial(trial)


def _check_lines(path: Path) -> None:
    """Drop a line that was cut off; refuse any other that is no entry of a journal."""
    with writable(path, "a file to read and write", "storage"):
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
    *lines, unfinished = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            is_entry = "op_code" in json.loads(line)
        except (ValueError, TypeError, RecursionError):
            is_entry = False
        if not is_entry:
            raise DataError(f"storage: expected a journal of Optuna. Received: {path}, line {number} is none; {_CURE}")
    if unfinished and not lines and not b'{"op_code"'.startswith(unfinished[:10]):
        raise DataError(f"storage: expected a journal of Optuna. Received: {path}, line 1 is none; {_CURE}")
    if unfinished:
        with writable(path, "a file to read and write", "storage"), path.open("r+b") as file:
            file.truncate(len(content) - len(unfinished))
