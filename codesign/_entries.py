"""A file of JSON entries, one a line, each with a checksum and appended as soon as it is known."""

import json
import logging
import re
import zlib
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import TypeVar

from codesign._files import append_line, replace_file, writable
from codesign.errors import CodesignError, DataError

_LOG = logging.getLogger(__name__)
_OWN_LINE = re.compile(rb"[0-9a-f]{8} \{.*|[0-9a-f]{0,8} ?", re.DOTALL)  # or the beginning of one
_BAD_ENTRY = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, CodesignError)
_T = TypeVar("_T")


class EntryFile:
    """What a run has finished, for the next one to go on from.

    A last line that was cut off is dropped; any other line that is damaged is dropped too, and a warning is logged. A
    file without a line that looks like one of these is somebody else's, and is left as it is.

    Args:
        path: of the file; it need not exist.
        what, argument: for messages: ``the sweep``, and what the user gave the path by.
    """

    def __init__(self, path: str | PathLike, what: str, *, argument: str) -> None:
        self.path, self._what, self._argument = Path(path), what, argument

    def read(self, parse: Callable[[dict], _T]) -> list[_T]:
        """Return what `parse` makes of each entry; one that it cannot take is damaged.

        Raises:
            DataError: if the file cannot be read or written, or is not one of these.
        """
        with writable(self.path, "a file to read and write", self._argument):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            content = self.path.read_bytes() if self.path.exists() else b""
        *lines, unfinished = content.split(b"\n")
        if content and not any(_OWN_LINE.fullmatch(line) for line in (*lines, unfinished) if line):
            raise DataError(
                f"{self._argument}: expected a file of results. Received: {self.path}, where no line is one; remove it "
                "or choose another place"
            )
        found, good, bad = [], [], []
        for number, line in enumerate(lines, 1):
            try:
                found.append(parse(_entry_of(line)))
                good.append(line + b"\n")
            except _BAD_ENTRY:
                bad.append(number)
        if bad:
            told = (self.path, len(bad), len(lines), bad[0])
            _LOG.warning("%s: %d of %d lines are damaged (first: line %d); what they held is computed again", *told)
        if bad or unfinished:
            self._replace(good)
        return found

    def append(self, entry: dict) -> None:
        """Add an entry; it is on the disk when this returns.

        Raises:
            DataError: if the file cannot be written.
        """
        append_line(self.path, _line_of(entry), self._what, argument=self._argument)

    def _replace(self, lines: Iterable[bytes]) -> None:
        replace_file(self.path, b"".join(lines), self._what, argument=self._argument)


def _line_of(entry: dict) -> bytes:
    text = json.dumps(entry)
    return f"{zlib.crc32(text.encode()):08x} {text}".encode()


def _entry_of(line: bytes) -> dict:
    checksum, text = line[:8], line[9:]
    if int(checksum, 16) != zlib.crc32(text):
        raise ValueError("checksum")
    return json.loads(text)
