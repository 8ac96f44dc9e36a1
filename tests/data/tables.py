"""Tables of events for tests, and what writes them in every format."""

import csv
from pathlib import Path

import h5py
import numpy as np
import pytest


def random_table(seed, n_events=60):
    """Columns of numbers, flags, text, weights and a test flag, with names as people have them."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n_events)
    return {
        "jet_pt": rng.exponential(50.0, n_events) * 10.0 ** rng.integers(-6, 6),
        "jet eta": rng.normal(size=n_events),
        "n.tracks": rng.integers(0, 40, n_events),
        "has_muon": rng.integers(0, 2, n_events) == 1,
        "flavour": np.array(["b", "c", "light quark", "τ"])[
            np.where(order < 8, order % 4, rng.integers(0, 4, n_events))
        ],
        "w": rng.uniform(0, 3, n_events),
        "is_test": order % 2 == 0,
    }


def _csv(table, path, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(table)
        writer.writerows(zip(*(column.tolist() for column in table.values())))


def _hdf5(table, path):
    with h5py.File(path, "w", track_order=True) as file:
        group = file.create_group("events", track_order=True)
        for name, column in table.items():
            group[name] = np.char.encode(column, "utf-8") if column.dtype.kind == "U" else column


def _records(table, path):
    columns = {
        name: np.char.encode(column, "utf-8") if column.dtype.kind == "U" else column for name, column in table.items()
    }
    records = np.empty(len(next(iter(columns.values()))), [(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        records[name] = column
    with h5py.File(path, "w") as file:
        file["events"] = records


def _pandas(table):
    return pytest.importorskip("pandas").DataFrame(table)


def _pandas_table(table, path):
    pytest.importorskip("tables")
    _pandas(table).to_hdf(path, key="events", format="table")


def _parquet(table, path):
    pytest.importorskip("pyarrow.parquet").write_table(_arrow(table), path)


def _feather(table, path):
    pytest.importorskip("pyarrow.feather").write_feather(_arrow(table), str(path))


def _arrow(table):
    return pytest.importorskip("pyarrow").table(table)


def _root(table, path):
    with pytest.importorskip("uproot").recreate(path) as file:
        tree = {name: column.dtype if column.dtype.kind != "U" else "string" for name, column in table.items()}
        file.mktree("events", tree)
        file["events"].extend(
            {name: column if column.dtype.kind != "U" else column.tolist() for name, column in table.items()}
        )


WRITERS = {
    "csv": _csv,
    "tsv": lambda table, path: _csv(table, path, "\t"),
    "npz": lambda table, path: np.savez(path, **table),
    "hdf5": _hdf5,
    "hdf5 of records": _records,
    "hdf5 of pandas": _pandas_table,
    "parquet": _parquet,
    "feather": _feather,
    "root": _root,
}
FRAMES = {
    "pandas": _pandas,
    "polars": lambda table: pytest.importorskip("polars").DataFrame(table),
    "pyarrow": _arrow,
}


def written(table, folder, form="csv", name="events"):
    """Write a table, and return the path; what the file is called says nothing of its format."""
    path = Path(folder, name + (".npz" if form == "npz" else ".dat"))
    WRITERS[form](table, path)
    return path
