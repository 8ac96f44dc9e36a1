"""Files that are complete or not there at all."""

import os
from os import PathLike
from pathlib import Path

from codesign.errors import DataError


def replace_file(path: str | PathLike, content: bytes, what: str) -> None:
    """Write `content`; an existing file is replaced only when the new one is complete.

    Args:
        what: for the message: ``the network``.

    Raises:
        DataError: if the place is not writable.
    """
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise DataError(f"path: expected a writable place for {what}. Received: {path} ({error.strerror})") from None
