"""The folder of a plan: plan.json, trials/NAME.json, results/NAME, and what batch systems take."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from os import PathLike
from pathlib import Path

from codesign._files import replace_file
from codesign._folders import claim, is_trace
from codesign._untrusted import parse_json, read_text
from codesign._version import __version__
from codesign.errors import DataError, UnreadableError
from codesign.project.config import ProjectConfig

_PLAN = "plan.json"
_KINDS = ("training", "sweep")


@dataclass(frozen=True)
class Trial:
    """Some items of a project's work.

    Args:
        project: its project.yml, absolute.
        project_sha256: of the text of project.yml when it was planned.
        version: of codesign.
        kind: ``training`` or ``sweep``.
        names: of the items.
        precisions: of the items of a sweep: what they are made of.
    """

    project: str
    project_sha256: str
    version: str
    kind: str
    names: tuple[str, ...]
    precisions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of its files; equal for equal work."""
        return f"{self.kind}-{hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class JobsDir:
    """A folder of trials and results.

    Args:
        path: of the folder.
        about: what plan.json holds: project, project_sha256, version, out.
    """

    path: Path
    about: Mapping[str, str]

    @classmethod
    def of_project(cls, path: str | PathLike, config: ProjectConfig, out: Path) -> "JobsDir":
        """Make the folder for a project, or open the one of the same project and version.

        Raises:
            DataError: if it is another's, a file, or holds anything that is no plan.
        """
        path = Path(path)
        about = {"project": str(config.directory.absolute()), "project_sha256": text_hash(config.text)}
        about |= {"version": __version__, "out": str(Path(out).absolute())}
        if (path / _PLAN).exists():
            found = cls.open(path)
            _check_same(found.about, about, path)
            return found
        _check_new(path, config.directory, Path(out))
        claim(path, ["trials", "results", _PLAN], argument="jobs-dir")
        replace_file(path / _PLAN, json.dumps(about, indent=1).encode(), "the plan", argument="jobs-dir")
        return cls(path, about)

    @classmethod
    def open(cls, path: str | PathLike) -> "JobsDir":
        """Open the folder of a plan of this version.

        Raises:
            DataError: for a folder without a plan, a damaged one, or one of another version.
        """
        path = Path(path)
        try:
            written = parse_json(read_text(path / _PLAN))
            about = {key: written[key] for key in ("project", "project_sha256", "version", "out")}
            if not all(isinstance(text, str) for text in about.values()):
                raise TypeError
        except (UnreadableError, KeyError, TypeError) as error:
            raise DataError(
                f"jobs-dir: expected a folder that codesign plan wrote. Received: {path}, {_lack(path, error)}"
            ) from None
        if about["version"] != __version__:
            raise DataError(
                f"jobs-dir: expected a plan of codesign {__version__}. Received: {path}, of codesign "
                f"{about['version']}; plan into another folder"
            )
        return cls(path, about)

    def trials(self) -> list[Trial]:
        """Return all trials in the order of their names."""
        return [read_trial(path) for path in sorted((self.path / "trials").glob("*.json"))]

    def result(self, trial: Trial) -> Path:
        """Where the result of a trial is: a file of a sweep, a folder of a training."""
        return self.path / "results" / trial.name

    def add(self, trial: Trial) -> None:
        """Write a trial."""
        content = json.dumps(asdict(trial), indent=1).encode()
        replace_file(self.path / "trials" / f"{trial.name}.json", content, "a trial", argument="jobs-dir")

    def trial(self, kind: str, names: tuple[str, ...], precisions: tuple[str, ...]) -> Trial:
        """Return a trial of this plan."""
        about = self.about
        return Trial(about["project"], about["project_sha256"], about["version"], kind, names, precisions)


def read_trial(path: str | PathLike) -> Trial:
    """Read the file of a trial.

    Raises:
        DataError: for another file, or one of another version.
    """
    path = Path(path)
    try:
        found = parse_json(read_text(path))
        if not isinstance(found, dict) or set(found) != {field.name for field in fields(Trial)}:
            raise UnreadableError("it is no trial")
        trial = Trial(**{**found, **{name: tuple(found[name]) for name in ("names", "precisions")}})
        texts = (trial.project, trial.project_sha256, trial.version, *trial.names, *trial.precisions)
        if trial.kind not in _KINDS or not trial.names or not all(isinstance(text, str) for text in texts):
            raise UnreadableError("a value is none of a trial's")
    except (UnreadableError, TypeError) as error:
        reason = error if isinstance(error, UnreadableError) else "a value is none of a trial's"
        raise DataError(f"trial: expected a file that codesign plan wrote. Received: {path} ({reason})") from None
    if trial.version != __version__:
        raise DataError(
            f"trial: expected one of codesign {__version__}. Received: {path}, of codesign {trial.version}; plan again"
        )
    if path.stem != trial.name:
        raise DataError(f"trial: expected {trial.name}.json. Received: {path}, which has been changed; plan again")
    return trial


def check_unchanged(config: ProjectConfig, project_sha256: str) -> None:
    """Check that project.yml is what was planned.

    Raises:
        DataError: if it is not.
    """
    if text_hash(config.text) != project_sha256:
        raise DataError(
            f"jobs-dir: expected the project as it was planned. Received: {config.directory}, whose project.yml has "
            "changed since; plan into another folder"
        )


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _lack(path: Path, error: Exception) -> str:
    """What a folder without a readable plan is."""
    if not path.is_dir():
        return "which is a file" if path.exists() else "which does not exist"
    if not (path / _PLAN).exists():
        return f"which has no {_PLAN}; codesign plan PROJECT --jobs-dir writes it to a new folder"
    return f"whose {_PLAN} is damaged{f' ({error})' if isinstance(error, UnreadableError) else ''}; plan into another"


def _check_new(path: Path, project: Path, out: Path) -> None:
    """Refuse the folder of the project, its output folder, a file, and a folder with anything in it."""
    for other, what in ((project, "the folder of the project"), (out, "its output folder")):
        if path.resolve() == other.resolve():
            raise DataError(f"jobs-dir: expected a folder for trials alone. Received: {path}, {what}; name another")
    if path.is_dir():
        names = sorted(os.listdir(path), key=lambda name: (name.startswith("."), name))
        first = next((name for name in names if not is_trace(name)), None)
        reason = None if first is None else f"which holds {first}"
    else:
        reason = "which is a file" if path.exists() else None
    if reason is not None:
        raise DataError(
            f"jobs-dir: expected a new or an empty folder, or one of a plan. Received: {path}, {reason}; name another"
        )


def _check_same(found: Mapping[str, str], wanted: Mapping[str, str], path: Path) -> None:
    words = {"project": "project", "out": "output folder", "project_sha256": "text of project.yml"}
    for key, word in words.items():
        if found[key] != wanted[key]:
            values = "" if key == "project_sha256" else f": {found[key]}, not {wanted[key]}"
            raise DataError(
                f"jobs-dir: expected a new folder, or one of the same {word}. Received: {path}{values}; plan into "
                "another folder"
            )
