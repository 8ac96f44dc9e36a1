"""Finished results in a file of JSON lines, so that a run that was stopped goes on where it was."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import codesign
from codesign._files import append_line, replace_file
from codesign._folder_lock import FolderLock
from codesign.errors import DataError


class ResultCache:
    """Results by key, appended to a file as soon as each is known.

    The file belongs to one setting and one state of the code: its first line holds both, and others are refused, not mixed.
    One process at a time writes it. A last line that was cut off is dropped and computed again.

    Args:
        path: the file; it is made with its folder.
        settings: what the results depend on, such as the number of events and epochs.

    Raises:
        DataError: if the file holds the results of other settings or another code, is being written by another run, cannot be
            written, or is no such file.
    """

    def __init__(self, path: Path, settings: Mapping[str, object]) -> None:
        self.path = Path(path)
        self._results: dict[str, dict] = {}
        self._lock = FolderLock(self.path.parent)
        try:
            self._open({"settings": json.loads(json.dumps(settings)), "code": hash_code()})
        except BaseException:
            self._lock.release()
            raise

    def get(self, key: str, compute: Callable[[], dict]) -> dict:
        """Return the result with this key, computed and appended to the file if it is not there yet."""
        if key not in self._results:
            self._results[key] = json.loads(json.dumps(compute()))
            append_line(self.path, _line({"key": key, "result": self._results[key]}), "the results", argument="out")
        return self._results[key]

    def __enter__(self) -> "ResultCache":
        return self

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def _open(self, head: dict) -> None:
        """Read the results of the same settings and code, and leave out a line that was cut off."""
        lines = self._read_lines()
        for part, word in (("settings", "settings"), ("code", "version of codesign")):
            if lines and lines[0].get(part) != head[part]:
                raise DataError(
                    f"out: expected an empty folder, or results of the same {word}. Received: {self.path}; choose another folder"
                )
        for line in lines[1:]:
            self._results[line["key"]] = line["result"]
        known = [head, *({"key": key, "result": result} for key, result in self._results.items())]
        replace_file(self.path, b"".join(_line(entry) + b"\n" for entry in known), "the results", argument="out")

    def _read_lines(self) -> list[dict]:
        if not self.path.exists():
            return []
        lines = self.path.read_text().split("\n")
        complete = lines[:-1]  # what follows the last newline was cut off
        try:
            return [json.loads(line) for line in complete]
        except json.JSONDecodeError:
            message = f"out: expected a file of results. Received: {self.path}; remove it or choose another folder"
            raise DataError(message) from None


def _line(entry: dict) -> bytes:
    return json.dumps(entry).encode()


def hash_code() -> str:
    """Return a hash of the source files of codesign: a result belongs to the code that computed it."""
    digest = hashlib.sha256()
    root = Path(codesign.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
