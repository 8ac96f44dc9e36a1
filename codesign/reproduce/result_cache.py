"""Finished results in a file of JSON lines, so that a run that was stopped goes on where it was."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from codesign._entries import EntryFile
from codesign._folder_lock import FolderLock
from codesign._folders import check_files, claim
from codesign._version import __version__
from codesign.errors import DataError


class ResultCache:
    """Results by key, appended to a file as soon as each is known.

    The file belongs to one setting and one version of codesign, as do sweeps, trainings that go on, and fronts: its
    first line holds both, and others are refused, not mixed. Whoever changes what a job computes gives codesign another
    version, or removes the file; no other edit costs the hours that are in it. One process at a time writes it. A
    result that was cut off or is damaged is computed again.

    Args:
        path: the file; it is made with its folder.
        settings: what the results depend on, such as the number of events and epochs.

    Raises:
        DataError: if the file holds the results of other settings or another version, is being written by another run,
            cannot be written, or is no such file.
    """

    def __init__(self, path: Path, settings: Mapping[str, object]) -> None:
        self.path = Path(path)
        self._results: dict[str, dict] = {}
        self.settings = settings
        self._file = EntryFile(self.path, "the results", argument="out")
        self._lock = FolderLock(self.path.parent)
        try:
            self._open({"settings": json.loads(json.dumps(settings)), "version": __version__})
        except BaseException:
            self._lock.release()
            raise

    def get(self, key: str, compute: Callable[[], dict]) -> dict:
        """Return the result with this key, computed and appended to the file if it is not there yet."""
        if key not in self._results:
            self._results[key] = json.loads(json.dumps(compute()))
            self._file.append({"key": key, "result": self._results[key]})
        return self._results[key]

    def known(self) -> dict[str, dict]:
        """Return all results by key."""
        return dict(self._results)

    def reserve(self, files: Iterable[str], plots: Iterable[str]) -> None:
        """Refuse, before anything is trained, what the run would replace in its folder and codesign has not made.

        Args:
            files: paths in the folder that trainings write.
            plots: names of figures, without suffix.

        Raises:
            DataError: it names a file.
        """
        from codesign.report.plot_path import SUFFIXES

        folder = self.path.parent
        check_files(folder, [f"{name}.{suffix}" for name in plots for suffix in SUFFIXES])
        claim(folder, files)

    def __enter__(self) -> "ResultCache":
        return self

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def _open(self, head: dict) -> None:
        """Read the results of the same settings and version."""
        claim(self.path.parent, [self.path.name])
        entries = self._file.read(_checked)
        if not entries:
            self._file.append(head)
            return
        there, *results = entries
        for part, word in (("settings", "settings"), ("version", "version of codesign")):
            if there.get(part) != head[part]:
                raise DataError(
                    f"out: expected an empty folder, or results of the same {word}. Received: {self.path}; choose "
                    "another folder"
                )
        self._results = {entry["key"]: entry["result"] for entry in results if "key" in entry}


def _checked(entry: dict) -> dict:
    """Return an entry that is a head or a result."""
    if entry.keys() not in ({"settings", "version"}, {"key", "result"}) or not isinstance(
        entry.get("result", {}), dict
    ):
        raise ValueError("entry")
    return entry
