"""One run at a time in a folder."""

import contextlib
import errno
import fcntl
import logging
import os
import weakref
from os import PathLike
from pathlib import Path

from codesign._files import writable
from codesign.errors import DataError

_LOG = logging.getLogger(__name__)
_NAME = ".codesign.lock"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL)


class FolderLock:
    """Keeps other runs out of a folder, which is made, until it is released, collected, or the process ends in any way.

    The lock is the kernel's (flock) on a file, so a run that is killed leaves no lock behind. Folders that were made
    for it, and in which nothing is when it is released, are removed again. A file system without locks is used without,
    and a warning is logged.

    Args:
        folder: that this run writes to.
        argument: for the message: what the user gave the folder by.

    Raises:
        DataError: at once, if another run holds it, or the folder cannot be written.
    """

    def __init__(self, folder: str | PathLike, *, argument: str = "out") -> None:
        folder = Path(os.path.abspath(folder))
        with writable(folder, "a folder that can be written", argument):
            missing = [path for path in (folder, *folder.parents) if not path.exists()]
            handle = _open(folder)
            while not _locked(handle, folder, argument):  # the run that had it has removed the folder
                os.close(handle)
                handle = _open(folder)
        self.release = weakref.finalize(self, _release, handle, folder, missing)

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def _open(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return os.open(folder / _NAME, os.O_CREAT | os.O_RDWR, 0o666)


def _locked(handle: int, folder: Path, argument: str) -> bool:
    """Lock the file, and return whether it is still the folder's."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise DataError(
            f"{argument}: expected a folder that no other run writes. Received: {folder}; wait for the other run, or "
            "choose another folder"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            os.close(handle)
            raise
        _LOG.warning("%s: this file system has no locks; do not start a second run in this folder", folder)
    try:
        return os.path.samestat(os.fstat(handle), os.stat(folder / _NAME))
    except FileNotFoundError:
        return False


def _release(handle: int, folder: Path, made: list[Path]) -> None:
    """Remove the folders that were made for nothing while the lock is still held, and give it back."""
    with contextlib.suppress(OSError):  # somebody else's files are in one
        if made and os.listdir(folder) == [_NAME]:
            os.unlink(folder / _NAME)
            for path in made:
                path.rmdir()
    os.close(handle)
