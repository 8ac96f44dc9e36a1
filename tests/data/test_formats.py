"""The same table gives the same Dataset, whatever file or frame it is in, in one piece or in several."""

import h5py
import numpy as np
import pytest

from codesign.data import load_dataset
from codesign.errors import DataError, EnvironmentSetupError
from tests.data.tables import FRAMES, WRITERS, random_table, written

COLUMNS = {"label": "flavour", "weight": "w", "test": "is_test", "features": ["jet*", "n.tracks", "has_muon"]}
ARRAYS = ("x_train", "y_train", "x_test", "y_test", "weights_train", "weights_test")


def expected(table):
    """The Dataset's arrays, made of the table by hand."""
    x = np.stack([table[name].astype(float) for name in ("jet_pt", "jet eta", "n.tracks", "has_muon")], 1)
    y = np.array([sorted(set(table["flavour"])).index(one) for one in table["flavour"]])
    test = table["is_test"]
    return (x[~test], y[~test], x[test], y[test], table["w"][~test], table["w"][test])


def assert_is(data, table):
    for name, array in zip(ARRAYS, expected(table)):
        np.testing.assert_array_equal(getattr(data, name), array, err_msg=name)
    assert data.features == ("jet_pt", "jet eta", "n.tracks", "has_muon")
    assert data.classes == ("b", "c", "light quark", "τ")


@pytest.mark.parametrize("form", WRITERS)
def test_every_format_gives_the_table(form, tmp_path):
    for seed in range(1 if form not in ("csv", "tsv", "npz") else 20):
        table = random_table(seed)
        assert_is(load_dataset(written(table, tmp_path, form), **COLUMNS), table)


@pytest.mark.parametrize("library", FRAMES)
def test_every_frame_gives_the_table(library):
    table = random_table(3)
    assert_is(load_dataset(FRAMES[library](table), **COLUMNS), table)


def test_frames_as_people_have_them():
    pandas = pytest.importorskip("pandas")
    x = np.random.default_rng(0).normal(size=(40, 2))
    frame = pandas.DataFrame(x)
    frame["kind"] = pandas.Categorical(np.where(x[:, 0] > 0, "b", "c"))
    frame["n"] = pandas.array(np.arange(40), dtype="Int64")
    frame["when"] = pandas.Timestamp("2026-01-01")
    data = load_dataset(frame, label="kind", test=frame.iloc[:5])
    assert (data.features, data.classes, len(data.x_test)) == (("0", "1", "n"), ("b", "c"), 5)
    assert data.notes[0].startswith("not used, as it cannot be read: 'when'")
    for bad, message in (
        (pandas.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]), "data: expected a data frame. Received: .*unique"),
        (frame.assign(n=frame.n.where(frame.n > 3)), "NaN or inf in 4 of 40 events, most in feature 'n'"),
        (frame["n"], "data: expected a path or glob"),
    ):
        with pytest.raises(DataError, match=message) as error:
            load_dataset(bad, label="kind")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("form", ["csv", "npz", "hdf5", "parquet", "root"])
def test_files_are_one_after_the_other(form, tmp_path):
    table = random_table(5, 90)
    parts = np.split(np.arange(90), [20, 70])
    paths = [
        written({name: column[part] for name, column in table.items()}, tmp_path, form, f"part{number}")
        for number, part in enumerate(parts)
    ]
    assert_is(load_dataset(paths, **COLUMNS), table)
    data = load_dataset("part[0-9]*", directory=tmp_path, **COLUMNS)
    assert_is(data, table)
    assert data.origin == f"{paths[0].name} and 2 more files"


@pytest.mark.parametrize("form", ["npz", "hdf5"])
def test_arrays_of_two_parts_are_found_by_their_names(form, tmp_path):
    table = random_table(2)
    x, y, x_test, y_test, weights, weights_test = expected(table)
    arrays = {
        "X_train": x, "Y_train": np.eye(4)[y], "W_train": weights, "X_test": x_test, "Y_test": np.eye(4)[y_test],
        "W_test": weights_test, "features": np.array(["jet_pt", "jet eta", "n.tracks", "has_muon"]),
    }  # fmt: skip
    if form == "npz":
        path = tmp_path / "any.npz"
        np.savez(path, **arrays, classes=["b", "c", "light quark", "τ"])
        with pytest.raises(DataError, match="test: expected none, as the names in the file say it"):
            load_dataset(path, label="Y", features="X", test=0.5)
    else:
        path = tmp_path / "any.h5"
        with h5py.File(path, "w") as file:
            for name, array in (*arrays.items(), ("classes", np.array(["b", "c", "light quark", "τ"]))):
                file[name] = np.char.encode(array, "utf-8") if array.dtype.kind == "U" else array
    data = load_dataset(path, label="Y", features="X", weight="W")
    for name, array in zip(ARRAYS, (x, y, x_test, y_test, weights, weights_test)):
        np.testing.assert_array_equal(getattr(data, name), array, err_msg=name)


def test_events_of_several_axes_keep_their_shape(tmp_path):
    images = np.random.default_rng(0).normal(size=(40, 3, 2))
    np.savez(tmp_path / "i.npz", pixels=images, kind=np.arange(40) % 2)
    data = load_dataset(tmp_path / "i.npz", label="kind", test=0.25)
    assert (data.event_shape, data.n_features, data.features[5]) == ((3, 2), 6, "pixels5")


def test_a_table_inside_a_file_is_named(tmp_path):
    path = tmp_path / "several.h5"
    with h5py.File(path, "w") as file:
        for name, scale in (("small", 1.0), ("large", 100.0)):
            file[f"{name}/x"], file[f"{name}/y"] = np.arange(20) * scale, np.arange(20) % 2
    assert load_dataset(f"{path}:large").x_train.max() > 1000
    with pytest.raises(DataError, match="no 'larg' in it .did you mean 'large'"):
        load_dataset(f"{path}:larg")


def test_pickled_text_of_pandas_is_named_and_not_loaded(tmp_path):
    with h5py.File(tmp_path / "fixed.h5", "w") as file:  # as DataFrame.to_hdf writes it by default
        group = file.create_group("events")
        group.attrs["pandas_type"], group.attrs["nblocks"] = np.bytes_("frame"), 2
        group["block0_items"], group["block0_values"] = np.array([b"pt", b"y"]), np.arange(20.0).reshape(10, 2) // 5 % 2
        group["block1_items"] = np.array([b"name"])
        group.create_dataset("block1_values", (1,), h5py.vlen_dtype(np.uint8))
    assert load_dataset(tmp_path / "fixed.h5", label="y", features="pt", test=0.3).n_classes == 2
    with pytest.raises(DataError, match="label: .*'name'.*Python objects in a pickle, which is not opened"):
        load_dataset(tmp_path / "fixed.h5", label="name")


@pytest.mark.parametrize("start, package, extra", [(b"PAR1", "pyarrow", "files"), (b"root", "uproot", "root")])
def test_a_missing_package_names_its_extra(start, package, extra, tmp_path, monkeypatch):
    (tmp_path / "events.x").write_bytes(start * 9)
    monkeypatch.setattr("codesign.data.readers.foreign.call.find_spec", lambda name: None)
    with pytest.raises(EnvironmentSetupError, match=rf"{package}: expected the package .*\[{extra}\]"):
        load_dataset(tmp_path / "events.x")
