"""NumPy's .npz and .npy, and whatever is a set of arrays: the columns in them, and which events they are of."""

from collections.abc import Mapping

import numpy as np

from codesign.data.readers.parts import parts_of
from codesign.data.readers.table import Table, table_of


def tables_of_arrays(place: str, arrays: Mapping[str, np.ndarray]) -> list[Table]:
    """Return a table of arrays in memory, or a table for training and one for test where their names say that.

    Raises:
        UnreadableError: for arrays of different numbers of events.
    """
    parts = parts_of({name: array.shape for name, array in arrays.items()})
    texts = {name: array for name, array in arrays.items() if array.ndim == 1 and array.dtype.kind == "U"}
    tables = []
    for part in parts:
        columns = {name: arrays[key] for name, key in part.columns.items()}
        labels = {name: tuple(map(str, texts[key])) for name, key in part.labels.items() if key in texts}
        tables.append(table_of(place, columns, part=part.part, labels=labels))
    return tables
