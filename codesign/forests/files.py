"""Files of forests: that one is there, and of the library that is expected."""

from os import PathLike
from pathlib import Path

from codesign.errors import DataError
from codesign.model_files import identify


def forest_file(path: str | PathLike, kind: str, expected: str) -> Path:
    """Return the path of a file of the kind that is expected.

    Args:
        kind: ``xgboost`` or ``lightgbm``.
        expected: what that is, for the message.

    Raises:
        DataError: for a file that is missing, or is another.
    """
    file = identify(path, what="model")
    if file.kind != kind:
        raise DataError(f"model: expected {expected}. Received: {file.path}, {file.description}")
    return file.path
