"""Which columns of a table are features, label, weight, and whether an event is for testing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from codesign.data.readers import NUMBERS, Table
from codesign.data.readers.parts import LABELS
from codesign.errors import DataError, nearest

_WEIGHTS = ("weight", "weights", "sample_weight", "w")
_SPLITS = ("is_test", "test", "is_train", "train", "split")
_INDICES = ("", "index", "Unnamed: 0")  # what data frames write beside their columns
_MOST_NAMED = 5


@dataclass(frozen=True)
class Entry:
    """One number of each event: its name, its column, and its place in a column of several (None: the column)."""

    name: str
    column: str
    place: int | None


@dataclass(frozen=True)
class Choice:
    """What the columns of a table are.

    Args:
        features, label: one entry for each number; several of a label that is one-hot, or several targets.
        weight, test: names of columns, or None.
        remarks: what was left out by itself, one sentence each.
    """

    features: tuple[Entry, ...]
    label: tuple[Entry, ...]
    weight: str | None
    test: str | None
    remarks: tuple[str, ...] = ()

    def event_shape(self, table: Table) -> tuple[int, ...] | None:
        """Return the shape of an event, if it is a whole column of several axes and nothing else."""
        columns = {entry.column for entry in self.features}
        shape = table.shapes.get(self.features[0].column, ())
        return shape if len(columns) == 1 and len(shape) > 1 and len(self.features) == math.prod(shape) else None

    def columns_in(self, table: Table) -> list[str]:
        """Return the columns to read of a table.

        Raises:
            DataError: for a table without one of them; it names the nearest.
        """
        listed = [(entry, "features") for entry in self.features] + [(entry, "label") for entry in self.label]
        listed += [
            (Entry(name, name, None), what) for name, what in ((self.weight, "weight"), (self.test, "test")) if name
        ]
        for entry, argument in listed:
            if entry.column not in table.kinds:
                raise _missing(entry.column, argument, table)
            if argument == "features" and table.kinds[entry.column] != NUMBERS:
                raise _no_numbers(entry.column, argument, table)
            if entry.place is not None and entry.place >= len(table.names_in(entry.column)):
                raise DataError(
                    f"{argument}: expected {entry.place + 1} numbers or more in column '{entry.column}' of "
                    f"{table.place}. Received: {len(table.names_in(entry.column))}"
                )
        return list(dict.fromkeys(entry.column for entry, _ in listed))


def choose(
    table: Table,
    *,
    features: str | Sequence[str] | None,
    label: str | Sequence[str] | None,
    weight: str | None,
    test: str | None,
    needs_label: bool | None,
) -> Choice:
    """Return what the columns of a table are.

    Args:
        features, label: names and globs; of features one that begins with ``!`` leaves out. By default all columns of
            numbers are features, but for what the others name, and the label is a column that is called so.
        weight, test: names of columns.
        needs_label: whether it must have one; None if the files say the classes.

    Raises:
        DataError: for a column that is missing, is no number, or is two things at once.
    """
    remarks = []
    if label is None and needs_label is not None:
        label, said = _label_by_name(table, needs_label)
        remarks += said
    labels = _matched(table, [label] if isinstance(label, str) else label or (), "label")
    for name, argument in ((weight, "weight"), (test, "test")):
        if name is not None and name not in table.kinds:
            raise _missing(name, argument, table)
    taken = {entry.column: "label" for entry in labels} | {weight: "weight", test: "test"}
    if needs_label is None:
        taken |= {name: "label" for name in table.kinds if name in LABELS and name != "y"}
    chosen, said = _features(table, features, taken)
    return Choice(tuple(chosen), tuple(labels), weight, test, (*remarks, *said))


def _label_by_name(table: Table, needed: bool) -> tuple[str | None, list[str]]:
    found = [name for name in LABELS if name in table.kinds or name in table.unreadable]
    if len(found) == 1:
        return found[0], []
    if not needed and not found:
        return None, []
    given = f"several that may be it: {', '.join(found)}" if found else f"the columns {_some(table.kinds)}"
    raise DataError(f"label: expected the name of the column that holds the labels in {table.place}. Received: {given}")


def _features(
    table: Table, features: str | Sequence[str] | None, taken: dict[str | None, str]
) -> tuple[list[Entry], list[str]]:
    """Return the features, and what is to be said of the columns that are none."""
    patterns = [features] if isinstance(features, str) else list(features or ())
    left_out = {
        entry.name for entry in _matched(table, [one[1:] for one in patterns if one.startswith("!")], "features")
    }
    wanted = [one for one in patterns if not one.startswith("!")]
    if wanted:
        chosen, remarks = _matched(table, wanted, "features"), []
        for entry in chosen:
            if table.kinds[entry.column] != NUMBERS:
                raise _no_numbers(entry.column, "features", table)
            if entry.column in taken:
                raise DataError(
                    f"features: expected no column that is the {taken[entry.column]}. Received: '{entry.column}'; "
                    "leave it out"
                )
    else:
        chosen, remarks = _default_features(table, taken)
    chosen = [entry for entry in chosen if entry.name not in left_out]
    if not chosen:
        raise DataError(
            f"features: expected a column of numbers or more in {table.place}. Received: {'; '.join(remarks) or 'none'}"
        )
    return chosen, remarks


def _default_features(table: Table, taken: dict[str | None, str]) -> tuple[list[Entry], list[str]]:
    free = [name for name in table.kinds if name not in taken]
    index = [name for name in free if name in _INDICES or name.startswith("__index_level_")]
    others = {
        what: [name for name in free if name.lower() in names]
        for what, names in (("weight", _WEIGHTS), ("test", _SPLITS))
    }
    text = [name for name in free if table.kinds[name] != NUMBERS and name not in index]
    remarks = []
    for what, names in others.items():
        if names:
            remarks.append(f"not used, as its name says {what}: {_some(names)}; '{what}' or 'features' can name it")
    text = [name for name in text if name not in others["test"]]
    if text:
        remarks.append(f"not used, as text is no feature: {_some(text)}")
    if table.unreadable:
        first, why = next(iter(table.unreadable.items()))
        remarks.append(f"not used, as it cannot be read: {_some(table.unreadable)} ('{first}': {why})")
    chosen = [name for name in free if name not in (*index, *text, *others["weight"], *others["test"])]
    return [entry for name in chosen for entry in _entries(table, name)], remarks


def _entries(table: Table, column: str) -> list[Entry]:
    names = table.names_in(column)
    places = range(len(names)) if column in table.shapes else (None,)
    return [Entry(name, column, place) for name, place in zip(names, places)]


def _matched(table: Table, patterns: Iterable[str], argument: str) -> list[Entry]:
    """Return the entries that names and globs mean, in the order of the patterns."""
    every = [entry for column in table.kinds for entry in _entries(table, column)]
    found: dict[Entry, None] = {}
    for pattern in patterns:
        exact = [entry for entry in every if pattern in (entry.name, entry.column)]
        matches = exact or [entry for entry in every if fnmatchcase(entry.name, pattern)]
        if not matches:
            raise _missing(pattern, argument, table, (entry.name for entry in every))
        found |= dict.fromkeys(matches)
    return list(found)


def _missing(name: str, argument: str, table: Table, known: Iterable[str] = ()) -> DataError:
    if name in table.unreadable:
        return DataError(
            f"{argument}: expected numbers or text in column '{name}' of {table.place}. Received: "
            f"{table.unreadable[name]}"
        )
    known = list(dict.fromkeys(known)) or list(table.kinds)
    near = nearest(name, dict.fromkeys((*known, *table.kinds, *table.unreadable)))
    return DataError(
        f"{argument}: expected a column of {table.place}. Received: '{name}'{near or f'; it has {_some(known)}'}"
    )


def _no_numbers(column: str, argument: str, table: Table) -> DataError:
    return DataError(f"{argument}: expected numbers in column '{column}' of {table.place}. Received: text")


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _MOST_NAMED
    return ", ".join(f"'{name}'" for name in names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "") or "none"
