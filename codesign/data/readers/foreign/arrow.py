"""Parquet and Feather, by PyArrow: columns are read one at a time, by one thread."""

from collections.abc import Callable

from codesign.data.readers.frames import open_frame
from codesign.data.readers.table import Table


def open_parquet(path: str, _inside: str) -> list[Table]:
    """Return the table of a Parquet file."""
    from pyarrow.parquet import ParquetFile

    file = ParquetFile(path)
    return [_table(path, file.schema_arrow, lambda names: file.read(columns=names, use_threads=False))]


def open_feather(path: str, _inside: str) -> list[Table]:
    """Return the table of a Feather file, which is Arrow's."""
    from pyarrow import feather, ipc

    with ipc.open_file(path) as file:
        schema = file.schema
    return [_table(path, schema, lambda names: feather.read_table(path, columns=names, use_threads=False))]


def _table(path: str, schema: object, read: Callable[[list[str]], object]) -> Table:
    table = open_frame(schema.empty_table(), path)
    return Table(
        path,
        table.kinds,
        lambda names: open_frame(read(list(names)), path).read(names),
        unreadable=table.unreadable,
    )
