"""What the user says of columns, and what is said of columns and values that do not fit."""

import numpy as np
import pytest

from codesign.data import load_dataset, load_events
from codesign.errors import ConfigError, DataError
from tests.data.tables import random_table, written


@pytest.fixture
def table():
    return random_table(1)


@pytest.fixture
def load(tmp_path, table):
    def loaded(changes=(), **columns):
        whole = {name: column for name, column in {**table, **dict(changes)}.items() if column is not None}
        return load_dataset(written(whole, tmp_path), **{"label": "flavour", "test": "is_test", **columns})

    return loaded


def test_features_are_all_numbers_that_are_nothing_else(load):
    data = load()
    assert data.features == ("jet_pt", "jet eta", "n.tracks", "has_muon")
    assert data.notes == ("not used, as its name says weight: 'w'; 'weight' or 'features' can name it",)
    assert load(weight="w").notes == ()
    assert load({"name": np.repeat("a", 60)}, weight="w").notes == ("not used, as text is no feature: 'name'",)


@pytest.mark.parametrize(
    "features, expected",
    [
        ("jet_pt", ("jet_pt",)),
        (["n*", "jet*"], ("n.tracks", "jet_pt", "jet eta")),
        (["!jet*"], ("n.tracks", "has_muon")),
        (["*", "!has_muon", "!w", "!is_test", "!flavour"], None),
        (["w", "jet_pt"], ("w", "jet_pt")),
    ],
)
def test_features_by_names_and_globs(load, features, expected):
    if expected is None:
        with pytest.raises(DataError, match="features: expected .*'flavour'|features: expected no column that is"):
            load(features=features)
    else:
        assert load(features=features).features == expected


def test_labels_of_every_kind_are_the_same_classes(load, table):
    classes, y = np.unique(table["flavour"], return_inverse=True)
    one_hot = {f"is_{index}": y == index for index in range(4)}
    ways = {
        "whole": ({"flavour": y}, "flavour"),
        "gaps": ({"flavour": 10 * y - 7}, "flavour"),
        "floats": ({"flavour": y * 1.0}, "flavour"),
        "one-hot": ({"flavour": None, **one_hot}, list(one_hot)),
        "one-hot glob": ({"flavour": None, **one_hot}, "is_[0-9]"),
    }
    data = load()
    assert data.classes == tuple(classes)
    for name, (changes, label) in ways.items():
        other = load(changes, label=label)
        np.testing.assert_array_equal(other.y_train, data.y_train, err_msg=name)
        np.testing.assert_array_equal(other.x_test, data.x_test, err_msg=name)
    assert load(ways["gaps"][0]).classes == ("-7", "3", "13", "23")
    assert load({"flavour": y == 1}).classes == ("0", "1")


def test_numbers_are_targets(load, table):
    assert load(label="jet eta").task == "regression"
    data = load(label=["jet eta", "jet_pt"], features="n.tracks")
    assert data.targets == ("jet eta", "jet_pt")
    np.testing.assert_array_equal(data.y_test[:, 1], table["jet_pt"][table["is_test"]])
    assert load(label="n.tracks", task="regression").targets == ("n.tracks",)
    assert load(label="has_muon").task == "classification"


def test_a_class_for_each_set_of_files(tmp_path, table):
    for name, events in (("sig1", slice(0, 20)), ("sig2", slice(20, 30)), ("bkg", slice(30, 60))):
        written({key: column[events] for key, column in table.items()}, tmp_path, name=name)
    source = {"signal": "sig*.dat", "background": ["bkg.dat"]}
    data = load_dataset(source, test="is_test", directory=tmp_path, features="jet_pt")
    assert (data.classes, data.name) == (("signal", "background"), "signal-background")
    np.testing.assert_array_equal(data.x_train[:, 0], table["jet_pt"][~table["is_test"]])
    np.testing.assert_array_equal(data.y_train, (np.arange(60) >= 30)[~table["is_test"]])
    others = load_dataset(source, test=source, directory=tmp_path, features="jet_pt")
    np.testing.assert_array_equal(others.y_test, others.y_train)
    for bad, message in (
        ({"signal": "sig*.dat"}, "two classes or more"),
        ({"signal": "sig*.dat", "background": "b*.root"}, r"data.background: expected a pattern that files match"),
        ({"signal": "sig*.dat", "background": "*g?.dat"}, "each file in one class. Received: .*sig1.dat in signal and"),
    ):
        with pytest.raises(DataError, match=message):
            load_dataset(bad, directory=tmp_path)
    with pytest.raises(DataError, match="label: expected none, as the files say the class"):
        load_dataset(source, directory=tmp_path, label="flavour")
    with pytest.raises(
        DataError, match="test: expected files of the classes signal, background. Received: signal, bkg"
    ):
        load_dataset(source, directory=tmp_path, test={"signal": "sig1.dat", "bkg": "bkg.dat"})


def test_test_events_by_share_column_and_file(load, tmp_path, table):
    for share, seed in ((0.25, 0), (0.25, 1)):
        data = load(test=share, seed=seed)
        assert (len(data.x_train), len(data.x_test)) == (45, 15)
    assert (load(test=0.25, seed=0).x_test != data.x_test).any()
    assert len(load(test=None).x_test) == 12
    words = np.where(table["is_test"], "Test", "train")
    np.testing.assert_array_equal(load({"is_test": words}).x_test, load().x_test)
    other = written(random_table(9, 33), tmp_path, name="other")
    data = load(test=other.name, directory=tmp_path, features=["jet*", "n*"])
    np.testing.assert_array_equal(data.x_test[:, 2], random_table(9, 33)["n.tracks"])
    assert len(data.x_train) == 60


NEGATIVE = np.where(np.arange(60) < 3, -1.0, 1.0)
HOLES = np.where(np.arange(60) < 3, np.nan, 1.0)


@pytest.mark.parametrize(
    "changes, columns, message",
    [
        ({}, {"label": "flavor"}, "label: .*'flavor' .did you mean 'flavour'"),
        ({}, {"features": ["jet_p"]}, "features: .*did you mean 'jet_pt'"),
        ({}, {"features": "z*"}, "features: .*'z.'; it has 'jet_pt', "),
        ({}, {"features": "flavour"}, "features: expected numbers in column 'flavour'"),
        ({}, {"features": ["jet_pt", "w"], "weight": "w"}, "no column that is the weight. Received: 'w'"),
        ({}, {"weight": "wt"}, "weight: .*did you mean 'w'"),
        ({"w": NEGATIVE}, {"weight": "w"}, "weight: expected 0 or above. Received: 3 of 60 negative.*leave these"),
        ({"w": HOLES}, {"weight": "w"}, "weight: expected finite numbers.*3 of 60"),
        ({}, {"weight": "flavour"}, "weight: expected a number for each event in column 'flavour'"),
        ({}, {"test": "is_tset"}, "test: expected a share, a file, or a column.*did you mean 'is_test'"),
        ({}, {"test": "none.csv"}, "test: expected a file. Received: none.csv, which does not exist"),
        ({}, {"test": 1.0}, "test: expected a share between 0 and 1"),
        ({}, {"test": "n.tracks"}, "test: expected 1 .or true"),
        ({"is_test": np.zeros(60)}, {}, "test: expected events for training and for test. Received: none for test"),
        ({"flavour": np.repeat("b", 60)}, {}, "label: expected two classes or more.*'b' alone; add events of another"),
        ({"flavour": np.where(np.arange(60) < 5, "", "b")}, {}, "label: expected a value in every event.*5 of 60"),
        ({"flavour": np.ones(60) / 2}, {}, "label: expected a target that varies. Received: 'flavour'"),
        ({"flavour": np.arange(60) * 7.5}, {"task": "classification"}, "label: expected classes in column 'flavour'"),
        ({"flavour": np.arange(60) * 3}, {"task": "regresion"}, "task: .*did you mean 'regression'"),
        ({}, {"task": "regression"}, "label: expected numbers, for a regression.*text"),
        ({}, {"label": ["has_muon", "is_test"], "test": 0.2}, "a single 1 in each event.*none or several"),
        ({"jet_pt": HOLES}, {}, "data: expected finite numbers.*3 of 60 events, most in feature 'jet_pt'"),
        ({}, {"seed": -1}, "seed"),
    ],
)
def test_what_does_not_fit_is_one_line(load, changes, columns, message):
    with pytest.raises((DataError, ConfigError), match=message) as error:
        load(changes, **columns)
    assert "\n" not in str(error.value)


def test_many_whole_numbers_are_no_classes(load, table):
    values = np.arange(60) % 2
    with pytest.raises(DataError, match="at most 100 classes.*say task='regression'"):
        many = {name: np.resize(column, 500) for name, column in table.items()}
        load({**many, "flavour": np.arange(500)}, test=0.2)
    assert load({"flavour": values * 1000}).classes == ("0", "1000")


@pytest.mark.parametrize("value", [-999.0, -9999.0, -99.0, 9999.0])
def test_values_for_what_was_not_measured_are_noted(load, table, value):
    some = np.arange(60) % 3 == 0
    data = load({"jet eta": np.where(some, value, table["jet eta"])}, weight="w")
    assert len(data.notes) == 1 and data.notes == data.standardized().hold_out(0.2)[0].notes
    assert data.notes[0].startswith(f"{value:g} looks like 'not measured' in 'jet eta' (")
    spread = np.linspace(-1.2, 1.2, 60) * abs(value)
    spread[:3] = value  # one of many values in a range
    assert load({"jet eta": spread}, weight="w").notes == ()


def test_events_without_labels_are_of_one_class(tmp_path, table):
    path = written({name: column for name, column in table.items() if name != "flavour"}, tmp_path)
    assert load_events(path).classes == ("event",)
    with pytest.raises(DataError, match="label: expected the name of the column"):
        load_dataset(path)


@pytest.mark.parametrize("source", [3, None, [], [3], {}, {"a": 3, "b": 4}, "no_such_sample", "/no/such/file.csv", "."])
def test_sources_that_are_none(source):
    with pytest.raises(DataError, match="data.*expected"):
        load_dataset(source)


@pytest.mark.parametrize(
    "text, message",
    [
        ("a,b\n1,2\n1\n", "line 3: 1 cells, and 2 columns"),
        ("a,b\n", "names and no events"),
        ("", "empty"),
        ("a,a\n1,2\n", "'a' is there twice"),
        ('a,label\n1,"x\n', "no CSV"),
        ("a,label\n1,\0\n", "NUL"),
        ("a,label\n1,x\n2," + "y" * 300 + "\n", "label: .*text of more than 256"),
        ("a,label\n" + "1,x\n" * 30_000 + "b,y\n", "'b' in line .*no number"),
    ],
)
def test_text_that_is_no_table(text, message, tmp_path):
    (tmp_path / "events.csv").write_text(text)
    with pytest.raises(DataError, match=message) as error:
        load_dataset(tmp_path / "events.csv", features="a")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["# a label\n1 x\n2  y\n3 x\n 4 y\n", "a;label\n1;x\n2;y\n3;x\n4;y\n", "\ufeffa, label\n1, x\n2, y\n3, x\n\n4, y"],
)
def test_text_as_people_write_it(text, tmp_path):
    (tmp_path / "events.txt").write_text(text, encoding="utf-8")
    data = load_dataset(tmp_path / "events.txt", test=0.5, seed=1)
    assert (data.features, data.classes) == (("a",), ("x", "y"))
    assert sorted([*data.x_train[:, 0], *data.x_test[:, 0]]) == [1, 2, 3, 4]


def test_names_that_pandas_counts_are_no_event(tmp_path):
    for header, row in (("0,1,2", "{0},5,{1}"), (",0,1,2", "7,{0},5,{1}")):
        (tmp_path / "e.csv").write_text("\n".join([header, *(row.format(i, i % 2) for i in range(10))]))
        data = load_dataset(tmp_path / "e.csv", label="2")
        assert data.features == ("0", "1") and len(data.x_train) + len(data.x_test) == 10


def test_underscores_are_no_part_of_a_number(tmp_path):
    (tmp_path / "e.csv").write_text("a,label\n1_0,x\n2_0,y\n")
    with pytest.raises(DataError, match="features: expected numbers in column 'a'"):
        load_dataset(tmp_path / "e.csv", features="a")


def test_numbers_without_names_above_are_columns_by_number(tmp_path):
    (tmp_path / "higgs.csv").write_text("1.0,0.5,2e3\n0.0,NaN,1\n1,2,3\n0,1,2\n")
    data = load_dataset(tmp_path / "higgs.csv", label="column0", features="column2", test=0.5, seed=3)
    assert sorted([*data.x_train[:, 0], *data.x_test[:, 0]]) == [1, 2, 3, 2000]
