"""Opened: tables whose columns are known, and what reads them, several at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.data.readers.table import Table


@dataclass(frozen=True, eq=False)
class Opened:
    """Tables of one source.

    Args:
        tables: of each file its table, or those of its parts.
        read: of the names of columns wanted from each table, their values, table after table.
    """

    tables: tuple[Table, ...]
    read: Callable[[Sequence[Sequence[str]]], Iterator[dict[str, np.ndarray]]]


def opened(tables: Sequence[Table]) -> Opened:
    """Return tables that each read their own columns."""
    tables = tuple(tables)
    return Opened(tables, lambda columns: (table.read(names) for table, names in zip(tables, columns)))
