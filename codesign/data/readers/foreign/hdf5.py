"""HDF5, by h5py: plain arrays, tables of records (PyTables), and data frames as pandas writes them.

Objects that Python pickled are never loaded: a column that is one is named, and the names that pandas pickles are read
from the text of the pickle.
"""

import math
import pickletools  # nosec B403  # it takes pickles apart, and runs nothing

import h5py
import numpy as np

from codesign.data.readers.parts import parts_of
from codesign.data.readers.table import NUMBERS, TEXT, Table, as_rows, narrowed
from codesign.errors import UnreadableError, nearest

_MOST_OBJECTS, _DEEPEST = 20_000, 16
_LONGEST_TEXT = 256
_NAMES_ONLY = frozenset(
    "PROTO FRAME MARK EMPTY_LIST LIST PUT BINPUT LONG_BINPUT MEMOIZE UNICODE BINUNICODE SHORT_BINUNICODE APPEND "
    "APPENDS STOP".split()
)
_PICKLED = "Python objects in a pickle, which is not opened; write text with pandas' format='table', or as Parquet"


def open_hdf5(path: str, inside: str) -> list[Table]:
    """Return the table of the group or array that is named, or of the whole file.

    Raises:
        UnreadableError: for no such place, or several tables; links and arrays in other files.
    """
    file = h5py.File(path, "r")
    if not inside:
        frames = [name for name in file if _is_frame(_item(file, name))]
        inside = frames[0] if len(frames) == 1 == len(file) else ""
        if len(frames) > 1:
            raise UnreadableError(f"{len(frames)} tables in it; name one, such as {path}:{frames[0]}")
    if inside and inside not in file:
        raise UnreadableError(f"no '{inside}' in it{nearest(inside, file)}; it has {', '.join(file) or 'nothing'}")
    place = file
    for step in inside.split("/") if inside else ():
        place = _item(place, step) if step else place
    if _is_frame(place):
        return [_frame(path, place)]
    if isinstance(place, h5py.Dataset):
        return _arrays(path, {place.name.split("/")[-1]: place})
    arrays: dict[str, h5py.Dataset] = {}
    _collect(place, "", arrays, 1)
    if arrays and len({name.rpartition("/")[0] for name in arrays}) == 1:
        arrays = {name.rpartition("/")[2]: array for name, array in arrays.items()}
    return _arrays(path, arrays)


def _item(group: h5py.Group, name: str) -> object:
    """Return what lies in a group itself, no link to anywhere else."""
    if not isinstance(group, h5py.Group) or not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise UnreadableError(f"'{name}' in it is a link to another place or file, or missing")
    item = group[name]
    if isinstance(item, h5py.Dataset):
        filters = item.id.get_create_plist()
        codes = [filters.get_filter(index)[0] for index in range(filters.get_nfilters())]
        if item.external or item.is_virtual:
            raise UnreadableError(f"'{item.name}' lies in another file")
        if any(code > 3 for code in codes):  # deflate, shuffle, fletcher32: those that libhdf5 itself has
            raise UnreadableError(f"'{item.name}' is packed by a filter of its own; write it with gzip or none")
    return item


def _collect(group: h5py.Group, above: str, arrays: dict, depth: int) -> None:
    for name in group:
        item = _item(group, name)
        if len(arrays) > _MOST_OBJECTS or depth > _DEEPEST:
            raise UnreadableError(f"more than {_MOST_OBJECTS:,} arrays, or {_DEEPEST} levels")
        if isinstance(item, h5py.Group):
            _collect(item, f"{above}{name}/", arrays, depth + 1)
        elif isinstance(item, h5py.Dataset):
            arrays[above + name] = item


def _arrays(path: str, arrays: dict[str, h5py.Dataset]) -> list[Table]:
    """Plain arrays, or one of records, whose fields are columns."""
    if len(arrays) == 1 and next(iter(arrays.values())).dtype.names:
        (array,) = arrays.values()
        return [_table(path, {name: (array, name, None) for name in array.dtype.names})]
    texts = {name: one for name, one in arrays.items() if one.ndim == 1 and _kind(one.dtype) == TEXT}
    tables = []
    for part in parts_of({name: one.shape for name, one in arrays.items()}):
        columns = {name: (arrays[key], None, None) for name, key in part.columns.items()}
        labels = {name: tuple(map(str, _text(texts[key][()]))) for name, key in part.labels.items() if key in texts}
        tables.append(_table(path, columns, part=part.part, labels=labels))
    return tables


def _is_frame(item: object) -> bool:
    return (
        isinstance(item, h5py.Group)
        and "pandas_type" in item.attrs
        and _attribute(item, "pandas_type").startswith(b"frame")
    )


def _frame(path: str, group: h5py.Group) -> Table:
    """A data frame of pandas: blocks of columns (format 'fixed'), or a table with fields that hold several."""
    columns = {}
    if "table" in group:
        table = _item(group, "table")
        for field in table.dtype.names or ():
            if field != "index":
                names = (
                    _pickled_names(_attribute(table, f"{field}_kind")) if f"{field}_kind" in table.attrs else [field]
                )
                wide = bool(table.dtype[field].shape)
                columns |= {name: (table, field, index if wide else None) for index, name in enumerate(names)}
        return _table(path, columns)
    for index in range(min(int(group.attrs.get("nblocks", 0)), _MOST_OBJECTS)):
        values, names = _item(group, f"block{index}_values"), _text(_item(group, f"block{index}_items")[()])
        columns |= {str(name): (values, None, position) for position, name in enumerate(names)}
    return _table(path, columns)


def _attribute(item: object, name: str) -> bytes:
    if item.attrs.get_id(name).get_type().get_class() != h5py.h5t.STRING:
        raise UnreadableError(f"the attribute '{name}' in it is no text")
    value = item.attrs[name]
    return value.encode() if isinstance(value, str) else bytes(value)


def _pickled_names(content: bytes) -> list[str]:
    """Return the texts of a list that was pickled, without loading it."""
    operations = list(pickletools.genops(content))
    if any(operation.name not in _NAMES_ONLY for operation, _, _ in operations):
        raise UnreadableError("names of columns in a pickle of more than a list of texts")
    return [value for operation, value, _ in operations if "UNICODE" in operation.name]


def _kind(dtype: np.dtype) -> str:
    if dtype.kind in "fiub":
        return NUMBERS
    return TEXT if dtype.kind == "S" or h5py.check_string_dtype(dtype) is not None else ""


def _table(path: str, columns: dict[str, tuple], **options: object) -> Table:
    """Return the table of columns: each an array, a field of its records or None, and a place in these or None."""
    kinds, shapes, unreadable = {}, {}, {}
    for name, (array, field, position) in columns.items():
        dtype = array.dtype[field] if field is not None else array.dtype
        shape = (*array.shape[1:], *dtype.shape)
        kind = _kind(dtype.base)
        if kind:
            kinds[name] = kind
            if position is None and math.prod(shape) != 1:
                shapes[name] = shape
        else:
            unreadable[name] = _PICKLED if dtype.kind == "O" else f"{dtype}, neither numbers nor text"
    return Table(
        path, kinds, lambda names: {name: _values(*columns[name]) for name in names}, shapes, unreadable, **options
    )


def _values(array: h5py.Dataset, field: str | None, position: int | None) -> np.ndarray:
    values = array[()] if field is None else array[field]
    if position is not None:
        values = values.reshape(len(values), -1)[:, position]
    values = as_rows(values)
    return narrowed(values) if values.dtype.kind in "fiub" else _text(values)


def _text(values: np.ndarray) -> np.ndarray:
    texts = [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values.ravel()]
    if max(map(len, texts), default=0) > _LONGEST_TEXT:
        raise UnreadableError(f"text of more than {_LONGEST_TEXT} characters")
    return np.array(texts, dtype=np.str_)
