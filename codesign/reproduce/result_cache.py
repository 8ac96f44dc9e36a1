"""Finished results in a file of JSON lines, so that a run that was stopped goes on where it was."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from codesign.errors import DataError


class ResultCache:
    """Results by key, appended to a file as soon as each is known.

    The file belongs to one setting: its first line holds what all results depend on, and other settings are refused, not mixed.
    A last line that was cut off is dropped and computed again.

    Args:
        path: the file; it is made with its folder.
        settings: what the results depend on, such as the number of events and epochs.

    Raises:
        DataError: if the file holds the results of other settings, cannot be written, or is no such file.
    """

    def __init__(self, path: Path, settings: Mapping[str, object]) -> None:
        self.path = Path(path)
        self._results: dict[str, dict] = {}
        settings = json.loads(json.dumps(settings))
        lines = self._read_lines()
        if lines and lines[0].get("settings") != settings:
            raise DataError(
                f"--out: expected an empty folder, or results of the same settings. Received: {self.path}; choose another --out"
            )
        for line in lines[1:]:
            self._results[line["key"]] = line["result"]
        self._write("w", {"settings": settings}, *({"key": key, "result": result} for key, result in self._results.items()))

    def get(self, key: str, compute: Callable[[], dict]) -> dict:
        """Return the result with this key, computed and appended to the file if it is not there yet."""
        if key not in self._results:
            self._results[key] = json.loads(json.dumps(compute()))
            self._write("a", {"key": key, "result": self._results[key]})
        return self._results[key]

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def _write(self, mode: str, *lines: dict) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
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
