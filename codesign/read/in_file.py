"""Errors of a reader, each of one line that begins with the file."""

from collections.abc import Iterator
from contextlib import contextmanager

from codesign.errors import CodesignError, DataError, UnreadableError

_OF_ODD_CONTENT = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError)
_LONGEST = 80


@contextmanager
def in_file(where: object, *, damaged: str = "", misfit: str = "") -> Iterator[None]:
    """Put the name of a file in front of what the block raises.

    Args:
        where: the file.
        damaged: in front of what is wrong with a file that is damaged.
        misfit: a sentence of what to do, ``{}`` for the reason: Python's own errors of content that fits no model are
            then a DataError too; without, they are none of the reader's.
    """
    try:
        yield
    except UnreadableError as error:
        raise DataError(f"{where}: {damaged}{error}") from None
    except CodesignError as error:
        raise type(error)(f"{where}: {error}") from None
    except _OF_ODD_CONTENT as error:
        if not misfit:
            raise
        said = (str(error).splitlines() or [type(error).__name__])[0][:_LONGEST]
        raise DataError(f"{where}: {misfit.format(said)}") from None
