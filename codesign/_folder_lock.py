"""One run at a time in a folder."""

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

    The lock is the kernel's (flock) on a file that stays, so a run that is killed leaves no lock behind. A file system without locks
    is used without, and a warning is logged.

    Args:
        folder: that this run writes to.
        argument: for the message: what the user gave the folder by.

    Raises:
        DataError: at once, if another run holds it, or the folder cannot be written.
    """

    def __init__(self, folder: str | PathLike, *, argument: str = "out") -> None:
        folder = Path(folder)
        with writable(folder, "a folder that can be written", argument):
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / _NAME, os.O_CREAT | os.O_RDWR, 0o666)
        self.release = weakref.finalize(self, os.close, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise DataError(
                f"{argument}: expected a folder that no other run writes. Received: {folder}; wait for the other run, or choose "
                "another folder"
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            _LOG.warning("%s: this file system has no locks; do not start a second run in this folder", folder)

    def __enter__(self) -> "FolderLock":
        return self

    def __exit__(self, *error: object) -> None:
        self.release()
