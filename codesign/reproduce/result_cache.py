"""Finished results in a file of JSON lines, so that a run that was stopped goes on where it was."""

import fcntl
import hashlib
import json
import os
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path

import codesign
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
        head = {"settings": json.loads(json.dumps(settings)), "code": hash_code()}
        self._lock()
        lines = self._read_lines()
        for part, word in (("settings", "settings"), ("code", "version of codesign")):
            if lines and lines[0].get(part) != head[part]:
                raise DataError(
                    f"--out: expected an empty folder, or results of the same {word}. Received: {self.path}; choose another --out"
                )
        for line in lines[1:]:
            self._results[line["key"]] = line["result"]
        self._write("w", head, *({"key": key, "result": result} for key, result in self._results.items()))

    def get(self, key: str, compute: Callable[[], dict]) -> dict:
        """Return the result with this key, computed and appended to the file if it is not there yet."""
        if key not in self._results:
            self._results[key] = json.loads(json.dumps(compute()))
            self._write("a", {"key": key, "result": self._results[key]})
        return self._results[key]

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def _lock(self) -> None:
        """Hold a lock on a file beside the results that keeps other processes away."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR)
            weakref.finalize(self, os.close, lock)
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"--out: expected a folder that no other run writes. Received: {self.path.parent}") from None
        except OSError as error:
            raise DataError(f"--out: expected a folder that can be written. Received: {self.path} ({error.strerror})") from None

    def _write(self, mode: str, *lines: dict) -> None:
        try:
            with open(self.path, mode) as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
        except OSError as error:
            raise DataError(f"--out: expected a folder that can be written. Received: {self.path} ({error.strerror})") from None

    def _read_lines(self) -> list[dict]:
        if not self.path.exists():
            return []
        lines = self.path.read_text().split("\n")
        complete = lines[:-1]  # what follows the last newline was cut off
        try:
            return [json.loads(line) for line in complete]
        except json.JSONDecodeError:
            message = f"--out: expected a file of results. Received: {self.path}; remove it or choose another --out"
            raise DataError(message) from None


def hash_code() -> str:
    """Return a hash of the source files of codesign: a result belongs to the code that computed it."""
    digest = hashlib.sha256()
    root = Path(codesign.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
