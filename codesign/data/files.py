"""Load a packaged sample by name, or the user's own events: files of every format, or a data frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

import numpy as np

from codesign._argument_kinds import is_number
from codesign._arguments import check_seed, checked
from codesign._untrusted import read_arrays
from codesign.data.array_names import ARRAYS, dataset_of_arrays, holds_labels, split_events
from codesign.data.assemble import TEST_SHARE, Gathered, flagged_test, gather, join, make_dataset, random_test
from codesign.data.choice import Choice, choose
from codesign.data.dataset import NOT_STATED, Dataset
from codesign.data.packaged import SAMPLES, check_kind, sample_arrays, samples
from codesign.data.readers import Files, Opened, Table, files_of, is_frame, open_arrays, open_frames, open_tables
from codesign.errors import DataError, UnreadableError, nearest

_TASKS = ("classification", "regression")


@dataclass(frozen=True)
class _Columns:
    """What the user says of the columns; see :func:`load_dataset`."""

    features: str | Sequence[str] | None = None
    label: str | Sequence[str] | None = None
    weight: str | None = None
    test: object = None
    task: str | None = None
    seed: int = 0
    directory: str | PathLike = ""
    needs_label: bool = True

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if self.task not in (None, *_TASKS):
            raise DataError(
                f"task: expected {' or '.join(_TASKS)}. Received: {self.task!r:.60}{nearest(self.task, _TASKS)}"
            )

    @property
    def say_nothing(self) -> bool:
        """Whether all is as the names of the arrays say."""
        return all(one is None for one in (self.features, self.label, self.weight, self.test, self.task))


@checked
def load_dataset(
    source: object,
    *,
    kind: str = NOT_STATED,
    features: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    weight: str | None = None,
    test: object = None,
    task: str | None = None,
    seed: int = 0,
    directory: str | PathLike | None = None,
) -> Dataset:
    """Load events from files or a data frame, or a packaged sample by its name.

    Files are CSV, Parquet, Feather, HDF5 (plain arrays, or pandas' tables), ROOT or ``.npz``, whatever they are called;
    which one their first bytes say. A column with several numbers for an event counts as one column for each.

    Args:
        source: a name from :func:`samples`; a path or glob, such as ``jets-*.root``, or a list of them; a mapping from
            classes to such, where the files say the class; or a data frame of pandas, Polars or PyArrow. Behind a
            path may stand which tree, or table, is meant: ``events.root:Jets``.
        kind: of the events: REAL, GENERATED or STAND-IN; a sample has its own, and another is refused.
        features: names or globs of columns, in the network's order; one that begins with ``!`` leaves out. By default
            all columns of numbers that are nothing else.
        label: column of the classes, as text or whole numbers, or of the number that a regression is of; several
            columns are one-hot classes, or targets. By default the one column that is called label, labels, y, target
            or class.
        weight: column of the weights of events.
        test: which events are for test: a share chosen at random, a column that is 1 (or ``test``) for them, or
            files (or a frame) of their own. By default what the file says by names such as x_train and x_test, else a
            fifth.
        task: ``classification`` or ``regression``; by default what the label looks like.
        seed: of the random choice of test events.
        directory: where relative paths begin, if it is not the folder that Python runs in.

    Raises:
        DataError: for a file that is missing, damaged or lacks a column (it names the nearest), values that are
            missing, negative weights, one class alone.
        EnvironmentSetupError: if the package for a format is missing; it names the extra.

    Example:
        >>> load_dataset("b_decay", features="*_pT").features
        ('mother_pT', 'min_daughter_pT', 'max_daughter_pT')
        >>> with open("muons.csv", "w") as file:
        ...     _ = file.write("pt,eta,w,kind\\n" + "40.5,1.1,1,prompt\\n12.0,-0.3,0.5,fake\\n" * 10)
        >>> data = load_dataset("muons.csv", label="kind", weight="w", test=0.25)
        >>> data.features, data.classes, data.x_train.shape
        (('pt', 'eta'), ('fake', 'prompt'), (15, 2))

        Files of each class: ``load_dataset({"signal": "sig*.root", "background": "bkg*.root"}, test=0.3)``.
    """
    return _load(source, kind, _Columns(features, label, weight, test, task, seed, directory or ""))


@checked
def load_events(
    source: object,
    *,
    kind: str = NOT_STATED,
    features: str | Sequence[str] | None = None,
    label: str | Sequence[str] | None = None,
    weight: str | None = None,
    test: object = None,
    seed: int = 0,
    directory: str | PathLike | None = None,
) -> Dataset:
    """Load what :func:`load_dataset` loads, or events without labels.

    Such as an ``.npy``, or an ``.npz`` with ``x`` and optionally ``y``, ``features``. Events with more axes than one,
    such as images, become rows of features; the data set's `event_shape` says what they were. Of events alone, a fifth
    chosen at random is for testing. Without labels all are of one class, ``event``.

    Raises:
        DataError: see :func:`load_dataset`.
    """
    return _load(source, kind, _Columns(features, label, weight, test, None, seed, directory or "", needs_label=False))


def _load(source: object, kind: str, columns: _Columns) -> Dataset:
    if isinstance(source, (str, PathLike)) and fspath(source) in SAMPLES:
        name = fspath(source)
        check_kind(name, kind)
        kind, origin = SAMPLES[name]
        return _of_arrays(sample_arrays(name), name, columns, name=name, kind=kind, origin=origin)
    if is_frame(source):
        opened = open_frames(source)
        return _of_tables(opened, None, columns, name="data", kind=kind, origin="a data frame")
    files = find_files(source, columns.directory)
    about = {"name": files.name, "kind": kind, "origin": files.origin}
    if len(files.paths) == 1 and files.paths[0].suffix in (".npz", ".npy"):
        return _of_arrays(_read(files.paths[0]), files.paths[0], columns, **about)
    return _of_tables(open_tables(files), files, columns, **about)


def find_files(source: object, directory: str | PathLike = "") -> Files:
    """Return the files; a word that is neither one nor a sample is taken for a sample's name."""
    if isinstance(source, str) and _is_word(source, directory):
        raise DataError(
            f"data: expected a sample ({', '.join(samples())}), a path or a glob. Received: "
            f"{source}{nearest(source, SAMPLES)}"
        )
    return files_of(source, directory=directory)


def _is_word(text: str, directory: str | PathLike) -> bool:
    """Whether a text is no path of anything that is there."""
    return not Path(text).suffix and not set("*?[:/") & set(text) and not Path(directory, text).exists()


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        return read_arrays(path)
    except UnreadableError as error:
        raise DataError(f"data: expected a readable .npz or .npy. Received: {path} ({error})") from None


def _of_arrays(arrays: dict[str, np.ndarray], place: object, columns: _Columns, **about: object) -> Dataset:
    """Return the Dataset of the arrays of a file: by their names, or as columns."""
    if columns.say_nothing and holds_labels(arrays):
        if columns.needs_label and (set(ARRAYS) & set(arrays) or set(arrays) <= {"x", "features"}):
            return dataset_of_arrays(arrays, place, **about)
        if not columns.needs_label:
            return split_events(arrays, place, **about)
    return _of_tables(open_arrays(str(place), arrays), None, columns, **about)


def _of_tables(opened: Opened, files: Files | None, columns: _Columns, **about: object) -> Dataset:
    table, test = opened.tables[0], columns.test
    classes = tuple(dict.fromkeys(files.classes)) if files else ()
    column = test if isinstance(test, str) and (test in table.kinds or test in table.unreadable) else None
    if classes and columns.label is not None:
        raise DataError(
            f"label: expected none, as the files say the class. Received: {columns.label!r:.60}; leave it out"
        )
    choice = choose(
        table,
        features=columns.features,
        label=columns.label,
        weight=columns.weight,
        test=column,
        needs_label=None if classes else columns.needs_label,
    )
    events = gather(opened, choice, files.classes if classes else ())
    events, is_test = _with_test(events, choice, columns, table, classes)
    unlabelled = not classes and not choice.label
    return make_dataset(
        events,
        is_test,
        choice,
        task=columns.task,
        classes=classes or table.labels.get("classes", ()),
        one_class="event" if unlabelled else "",
        event_shape=choice.event_shape(table),
        **about,
    )


def _with_test(
    events: Gathered, choice: Choice, columns: _Columns, table: Table, classes: tuple[str, ...]
) -> tuple[Gathered, np.ndarray]:
    """Return the events with those for test, and which these are."""
    test, has_parts = columns.test, (events.part != "").any()
    if choice.test is not None:
        return events, flagged_test(events.test, choice.test)
    if has_parts and test is None:
        return events, events.part == "test"
    if has_parts:
        raise DataError(
            "test: expected none, as the names in the file say it (train, test). Received: one; leave it out"
        )
    if test is None or is_number(test):
        return events, random_test(len(events), TEST_SHARE if test is None else float(test), columns.seed)
    if isinstance(test, str) and _is_word(test, columns.directory):
        raise DataError(
            f"test: expected a share, a file, or a column of {table.place}. Received: {test!r:.60}"
            f"{nearest(test, table.kinds)}"
        )
    others = _test_events(test, choice, classes, columns.directory)
    return join([events, others]), np.arange(len(events) + len(others)) >= len(events)


def _test_events(test: object, choice: Choice, classes: tuple[str, ...], directory: str | PathLike) -> Gathered:
    """Return the events of files, or of a frame, that are for test alone."""
    if is_frame(test):
        return gather(open_frames(test, "test"), choice)
    files = files_of(test, "test", directory)
    if set(files.classes) - set(classes) or (classes and not files.classes):
        raise DataError(
            f"test: expected files of the classes {', '.join(classes) or '(none)'}. Received: "
            f"{', '.join(dict.fromkeys(files.classes)) or 'files of no class'}"
        )
    return gather(open_tables(files, "test"), choice, files.classes)
