import numpy as np
import pytest

from codesign.data import load_dataset, load_events, samples
from codesign.errors import DataError

GOOD = {
    "x_train": np.ones((4, 2)),
    "y_train": np.array([0, 1, 0, 1]),
    "x_test": np.ones((2, 2)),
    "y_test": np.array([0, 1]),
}


@pytest.fixture
def written(tmp_path):
    def write(**changes):
        arrays = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
        np.savez(tmp_path / "events.npz", **arrays)
        return tmp_path / "events.npz"

    return write


@pytest.mark.parametrize("name", samples())
def test_every_sample_loads_and_says_how_real_it_is(name):
    data = load_dataset(name)
    assert data.kind in ("REAL", "GENERATED", "STAND-IN") and data.origin
    assert data.x_train.shape[1] == data.n_features == len(set(data.features))


def test_own_file(written):
    data = load_dataset(written(features=np.array(["pt", "eta"])), kind="GENERATED")
    assert (data.features, data.classes, data.kind) == (("pt", "eta"), ("0", "1"), "GENERATED")


def test_standardized_has_mean_zero_and_is_clipped(written):
    x = np.random.default_rng(0).normal(5, 3, (4, 2))
    x[:, 1] = 0.1  # the mean of which is not 0.1
    x = np.concatenate([x, x[:3]])
    data = load_dataset(written(x_train=x, y_train=np.arange(7) % 2)).standardized(low=-1, high=1)
    assert np.abs(data.x_train).max() <= 1
    np.testing.assert_array_equal(data.x_train[:, 1], 0)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"x_test": None}, "Missing: x_test"),
        (
            {"x_train": np.array([[1, np.nan], [1, 1], [np.inf, np.nan], [1, 1]])},
            "NaN or inf in 2 of 4 events, most in feature 'x1'",
        ),
        ({"y_train": np.array([0, 1, 2, -1])}, "labels 0 to 2"),
        (
            {"y_test": np.array([0, 5])},
            "y_test: expected labels 0 to 1, of 2 classes. Received: 0 to 5; name every class",
        ),
        ({"y_train": np.array([0.0, 1.0, 0.0, 1.0])}, "integer labels"),
        ({"x_test": np.ones((2, 3))}, r"x_test: expected shape \(n_events, 2\)"),
        ({"x_train": np.ones(4)}, "x_train: expected shape"),
        ({"x_train": np.full((4, 2), "a")}, "x_train: expected numbers"),
        ({"x_train": np.full((4, 2), 1e300)}, "x_train: expected magnitudes that float32 holds.* Received: 1e.300"),
        ({"features": np.array(["a", "b\x1b"])}, "features: expected printable names"),
        ({"features": np.array(3)}, "features: expected a list of names"),
        ({"y_train": np.array([0, 1, 0, 10**12])}, "y_train: expected"),
    ],
)
def test_bad_arrays(written, changes, message):
    with pytest.raises(DataError, match=message) as error:
        load_dataset(written(**changes))
    assert "\n" not in str(error.value)


def test_the_kind_of_own_events_is_what_the_user_says(written):
    assert load_dataset(written()).kind == load_events(written()).kind == "not stated"
    assert load_dataset(written(), kind="REAL").kind == "REAL"
    with pytest.raises(DataError, match="kind: expected one of REAL, .*Received: 'real'"):
        load_dataset(written(), kind="real")


@pytest.mark.parametrize(
    "shift, step, advice",
    [
        (1, 1, "subtract 1 from"),
        (5, 1, "subtract 5 from"),
        (0, 2, "renumber"),
        (3, 10**12, "renumber"),
        (-2, 3, "renumber"),
        (-5, 1, "renumber"),
    ],
)
def test_labels_that_are_not_consecutive_are_not_classes(written, shift, step, advice):
    y = shift + step * np.arange(5).repeat(2)
    events = {"x_train": np.ones((10, 2)), "y_train": y, "x_test": np.ones((10, 2)), "y_test": y}
    received = f"expected labels 0 to 4, .*Received: {y.min()} to {y.max()}; {advice} .*or name every class"
    with pytest.raises(DataError, match=received) as error:
        load_dataset(written(**events))
    assert "\n" not in str(error.value)
    assert (
        load_dataset(
            written(**{**events, "y_train": np.arange(5).repeat(2), "y_test": np.arange(5).repeat(2)})
        ).n_classes
        == 5
    )


def test_a_class_without_events_is_an_error_in_training_and_a_note_in_test(written):
    names = np.array(["b", "c", "light"])
    with pytest.raises(DataError, match="Received: none of class 'light'; leave the class out"):
        load_dataset(written(classes=names))
    data = load_dataset(written(classes=names, y_train=np.array([0, 1, 2, 2])))
    assert data.notes[-1:] == ("the test events hold none of class 'light': their accuracy says nothing about it",)
    with pytest.raises(DataError, match="more events of class '[bc]'. Received: 1, all of which are held out"):
        data.hold_out(0.25, seed=next(seed for seed in range(99) if np.random.default_rng(seed).permutation(4)[0] < 2))


def test_truncated_foreign_and_missing_files(written, tmp_path):
    path = written()
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 5):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match="data: expected"):
            load_dataset(path)
    np.save(tmp_path / "one.npy", np.ones(3))
    with pytest.raises(DataError, match="data: expected"):
        load_dataset(tmp_path / "one.npy")
    with pytest.raises(DataError, match="does not exist"):
        load_dataset(tmp_path / "nothing.npz")
    with pytest.raises(DataError, match="did you mean 'jets_hlf'"):
        load_dataset("jets_hfl")


def test_events_alone_are_split(tmp_path, written):
    x = np.arange(60.0).reshape(20, 3)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x, features=["a", "b", "c"])
    for name, features in (("x.npy", ("x0", "x1", "x2")), ("x.npz", ("a", "b", "c"))):
        data = load_events(tmp_path / name)
        assert (len(data.x_train), len(data.x_test), data.features, data.classes) == (16, 4, features, ("event",))
        np.testing.assert_array_equal(np.sort(np.concatenate([data.x_train, data.x_test]), 0), x)
    np.savez(tmp_path / "xy.npz", x=x, y=np.arange(20) % 2)
    data = load_events(tmp_path / "xy.npz")
    np.testing.assert_array_equal(data.y_test, data.x_test[:, 0] / 3 % 2)
    assert data.classes == ("0", "1")
    np.testing.assert_array_equal(load_events(written()).x_test, load_dataset(written()).x_test)
    assert load_events("b_decay").n_classes == 2


@pytest.mark.parametrize("x", [np.ones(5), np.ones((1, 3)), np.full((9, 2), np.nan), np.array([["a"], ["b"]])])
def test_events_alone_that_are_none(x, tmp_path):
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(DataError, match="expected"):
        load_events(tmp_path / "x.npy")
    np.savez(tmp_path / "xy.npz", x=np.ones((4, 2)), y=np.zeros(3, int))
    with pytest.raises(DataError, match=r"expected y of shape \(4,\)"):
        load_events(tmp_path / "xy.npz")


def test_events_held_out_are_taken_from_the_training_events(written):
    data = load_dataset(written(x_train=np.arange(40.0).reshape(20, 2), y_train=np.arange(20) % 2))
    rest, (x, y, _) = data.hold_out(0.25, seed=1)
    assert (len(rest.x_train), len(x), len(y)) == (15, 5, 5)
    np.testing.assert_array_equal(np.sort(np.concatenate([rest.x_train, x])[:, 0]), data.x_train[:, 0])
    np.testing.assert_array_equal((x[:, 0] / 2) % 2, y)
    with pytest.raises(DataError, match="share"):
        data.hold_out(1.5)


def test_a_kind_that_a_sample_is_not_is_refused():
    assert load_dataset("b_decay", kind="REAL").kind == "REAL"
    for load in (load_dataset, load_events):
        with pytest.raises(DataError, match="kind: expected REAL, which the sample b_decay is"):
            load("b_decay", kind="GENERATED")


def test_events_with_more_axes_say_how_to_make_rows(written):
    with pytest.raises(DataError, match=r"x_train: expected shape \(n_events, n_features\).*reshape"):
        load_dataset(written(x_train=np.ones((4, 2, 2))))


Y = np.arange(40) % 3
SPOILT = {
    "all of one class": {"y": np.ones(40, int)},
    "counted from 1": {"y": Y + 1},
    "gaps": {"y": 2 * Y},
    "negative": {"y": Y - 1},
    "fractions": {"y": Y + 0.5},
    "a class of one test event": {"y": np.r_[Y[:39], 3][np.random.default_rng(0).permutation(40).argsort()]},
    "a named class without events": {"y": Y, "classes": np.array(list("abcd"))},
    "NaN": {"x": np.where(np.eye(40, 4) > 0, np.nan, 0.5)},
    "text": {"x": np.full((40, 4), "a")},
    "too large": {"x": np.full((40, 4), 1e300)},
    "too many names": {"features": np.array(list("abcde"))},
}


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_messages_name_what_the_user_gave(how, suffix, tmp_path):
    """Of x and y, or of the columns of a table, nobody is told of x_train, y_train, or what to subtract from those."""
    arrays = {"x": np.random.default_rng(1).normal(size=(40, 4)), "y": Y, **SPOILT[how]}
    path = tmp_path / f"mine{suffix}"
    if suffix == ".npz":
        np.savez(path, **arrays)
    else:
        rows = [",".join(map(str, (*x, y))) for x, y in zip(arrays["x"], arrays["y"])]
        path.write_text("\n".join(["a,b,c,d,label", *rows]))
    for load in (load_events, load_dataset):
        try:
            load(path)
        except DataError as error:
            assert "_train" not in str(error) and "_test" not in str(error) and "\n" not in str(error)
            assert how != "all of one class" or "two classes or more" in str(error)
        else:
            assert suffix == ".csv" or (how, load) in ((how, load_dataset), ("a class of one test event", load))


def test_labels_of_one_class_are_not_taken_for_none(tmp_path):
    x = np.zeros((20, 2))
    np.savez(tmp_path / "one.npz", x=x, y=np.zeros(20, int))
    with pytest.raises(DataError, match="expected two classes or more in y of .*one.npz. Received: 0 alone"):
        load_events(tmp_path / "one.npz")
    np.savez(tmp_path / "none.npz", x=x)
    assert load_events(tmp_path / "none.npz").classes == ("event",)
