"""The content of a file, up to a size."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import BinaryIO

from codesign.errors import UnreadableError

LARGEST_TEXT = 64_000_000  # bytes


@contextmanager
def open_file(path: str | PathLike) -> Iterator[BinaryIO]:
    """Open a regular file; a pipe or a device, which could go on for ever, is refused.

    Raises:
        UnreadableError: if it cannot be opened, or what is done with it meets an error of the file system.
    """
    try:
        if not stat.S_ISREG(os.stat(os.fspath(path)).st_mode):
            raise UnreadableError("a folder" if os.path.isdir(path) else "not a file")
        with open(path, "rb") as file:
            yield file
    except FileNotFoundError:
        raise UnreadableError("which does not exist") from None
    except OSError as error:
        raise UnreadableError(error.strerror or error) from None
    except (TypeError, ValueError):  # a number, a path with a NUL, or one that the file system's encoding lacks
        raise UnreadableError("no path of a file") from None


def read_text(path: str | PathLike, *, largest_bytes: int = LARGEST_TEXT, errors: str = "strict") -> str:
    """Return the text of a file in UTF-8.

    Args:
        largest_bytes: more is refused before it is read.
        errors: what becomes of bytes that are not UTF-8: ``strict`` or ``replace``.

    Raises:
        UnreadableError: if it cannot be read, is too large, or is no text.
    """
    with open_file(path) as file:
        content = file.read(largest_bytes + 1)
    if len(content) > largest_bytes:
        raise UnreadableError(f"larger than {largest_bytes:,} bytes")
    try:
        return content.decode("utf-8", errors)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"not UTF-8 at byte {error.start:,}") from None
