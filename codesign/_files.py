"""Files that are complete or not there at all."""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from codesign._arguments import check_path
from codesign.errors import DataError

FULL = (errno.ENOSPC, errno.EDQUOT)  # errors of a disk, or of a user's share of it
_UNFINISHED = re.compile(r"\..*\.[0-9a-f]{8}\.partial(\.\w+)?")


def replace_file(
    path: str | PathLike, content: bytes, what: str, *, argument: str = "path", durable: bool = True
) -> None:
    """Write `content`; an existing file is replaced only when the new one is complete. Missing folders are made.

    A symbolic link stays one, and what is no file at all, such as ``/dev/stdout``, is written to.

    Args:
        what: for the message: ``the network``.
        argument: for the message: what the user gave the path by.
        durable: be on the disk when this returns, and survive a loss of power too.

    Raises:
        DataError: if the place is not writable.
    """
    check_path(path, argument)
    if _is_stream(path):
        with writable(path, f"a writable place for {what}", argument), open(path, "wb") as file:
            file.write(content)
        return
    with replaced_file(path, what, argument=argument, durable=durable) as partial:
        partial.write_bytes(content)


@contextmanager
def replaced_file(path: str | PathLike, what: str, *, argument: str = "path", durable: bool = True) -> Iterator[Path]:
    """Give a name beside `path`, of the same suffix, to write to.

    It takes the place of `path` when the block ends well.

    Args:
        what, argument: for the message.
        durable: as in :func:`replace_file`.

    Raises:
        DataError: if the place is not writable.
    """
    check_path(path, argument)
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.stem}.{secrets.token_hex(4)}.partial{target.suffix}")
    with writable(path, f"a writable place for {what}", argument):
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.is_dir():
            raise DataError(f"{argument}: expected a file to write {what} to. Received: {path}, which is a folder")
        if _is_stream(target):  # which no file may take the place of
            raise DataError(
                f"{argument}: expected a file to write {what} to. Received: {path}, a device or a pipe; give it a name"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            if durable:
                _sync(partial)
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)


def is_unfinished(name: str) -> bool:
    """Whether a file has a name that :func:`replaced_file` gives: a run that was killed while it wrote has left it."""
    return _UNFINISHED.fullmatch(name) is not None


def append_line(path: str | PathLike, line: bytes, what: str, *, argument: str = "path") -> None:
    """Append a line to a file; it is on the disk when this returns.

    A run that is killed leaves at most an unfinished last line.

    Args:
        line: without its end.
        what, argument: for the message.

    Raises:
        DataError: if the file cannot be written.
    """
    check_path(path, argument)
    with writable(path, f"a writable place for {what}", argument), open(path, "ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def writable(path: str | PathLike, expected: str, argument: str) -> Iterator[None]:
    """Turn what the file system raises in the block into a line that says what was expected of the path.

    Raises:
        DataError: instead of an OSError; a closed pipe stays one.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        cure = "; free some space there, or choose another place" if error.errno in FULL else ""
        raise DataError(f"{argument}: expected {expected}. Received: {path} ({reason}){cure}") from None


def _is_stream(path: str | PathLike) -> bool:
    """Whether the path is a pipe, a terminal or a device."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
