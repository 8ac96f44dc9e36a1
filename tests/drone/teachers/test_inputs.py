"""Teachers of events of any shape, trained on standardised events or not, good or worse than chance."""

import json
from functools import partial

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from codesign._keras import keras
from codesign.cli.drone import _standardisation
from codesign.cli.main import main
from codesign.data import load_events
from codesign.drone import as_teacher, measure_fidelity, train_drone
from codesign.drone.fidelity import auc_by_class
from codesign.errors import ConfigError, DataError
from codesign.train import save_model

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(3, 2, size=(600, 4, 4, 1)).astype(np.float32)
Y = (IMAGES[:, 1:3, 1:3].mean((1, 2, 3)) > 3).astype(int)
QUICK = {"max_units": 5, "max_epochs": 3, "fine_tune_iterations": 50, "progress": False}


@pytest.fixture(scope="module")
def cnn():
    keras.utils.set_random_seed(0)
    layers = [
        keras.layers.Conv2D(2, 2, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    return keras.Sequential([keras.Input((4, 4, 1)), *layers])


def test_a_cnn_sees_its_own_shape_and_the_drone_rows(cnn):
    teacher = as_teacher(cnn)
    np.testing.assert_array_equal(teacher.predict(IMAGES), teacher.predict(IMAGES.reshape(600, -1)))
    drone = train_drone(teacher, IMAGES, **QUICK)
    assert drone.sizes[0] == 16
    np.testing.assert_array_equal(drone.predict(IMAGES), drone.predict(IMAGES.reshape(600, -1)))
    assert measure_fidelity(teacher, drone, IMAGES, Y).n_events == 600
    with pytest.raises(DataError, match=r"x: expected events of shape \(4, 4, 1\), or rows of 16.*Received: \(4, 3\)"):
        teacher.predict(IMAGES[:, :, :3, 0])


def test_other_teachers_of_other_shapes():
    def peak(x):
        return 1 / (1 + np.exp(3 - x.max((1, 2, 3))))

    rows = IMAGES.reshape(600, -1)
    np.testing.assert_array_equal(
        as_teacher(peak, event_shape=(4, 4, 1)).predict(rows), as_teacher(peak).predict(IMAGES)
    )
    flat = LogisticRegression().fit(rows, Y)
    np.testing.assert_array_equal(
        as_teacher(flat, event_shape=(4, 4, 1)).predict(IMAGES), as_teacher(flat).predict(rows)
    )


def test_a_constant_feature_is_standardised_to_nothing_whatever_its_mean_rounds_to(tmp_path):
    x = RNG.normal(size=(999, 3)).astype(np.float32)
    x[:, 1] = 0.1
    np.savez(tmp_path / "events.npz", x=x)
    data = load_events(tmp_path / "events.npz")
    teacher = as_teacher(lambda events: events, output="value", **_standardisation("train", data))
    prepared = teacher.predict(data.x_train)
    assert (prepared[:, 1] == 0).all()
    np.testing.assert_allclose(prepared.std(0), [1, 0, 1], atol=1e-5)


@pytest.mark.parametrize("mean", [np.arange(16) / 8, np.array([2.5])])
def test_a_teacher_that_was_trained_on_standardised_events(cnn, mean):
    std = mean + 1
    shape = (4, 4, 1) if mean.size == 16 else (1, 1, 1)
    expected = cnn.predict((IMAGES - mean.reshape(shape)) / std.reshape(shape), verbose=0)
    np.testing.assert_allclose(as_teacher(cnn, mean=mean, std=std).predict(IMAGES), expected, atol=1e-5)


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"mean": [0.0]}, ConfigError, "mean, std: expected both"),
        ({"mean": [0.0], "std": [0.0]}, ConfigError, "std positive"),
        (
            {"mean": np.zeros(5), "std": np.ones(5)},
            DataError,
            "mean, std: expected 16 numbers, one per feature.*Received: 5",
        ),
        ({"event_shape": (4, 0)}, ConfigError, "event_shape: expected positive integers"),
    ],
)
def test_inputs_that_do_not_fit(options, error, message):
    with pytest.raises(error, match=message) as caught:
        as_teacher(lambda x: x[:, 0] > 0, **options).predict(IMAGES.reshape(600, -1))
    assert "\n" not in str(caught.value)


def test_torch_modules_of_images():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 2), torch.nn.Flatten(), torch.nn.Linear(18, 3))
    channels_first = IMAGES.transpose(0, 3, 1, 2)
    teacher = as_teacher(module, output="logit", event_shape=(1, 4, 4))
    outputs = teacher.predict(channels_first.reshape(600, -1))
    np.testing.assert_allclose(outputs.sum(1), 1, atol=1e-6)
    with pytest.raises(DataError, match="expected probabilities.*say output='logit'"):
        as_teacher(module).predict(channels_first)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(
        "codesign.distill.distillation.train_drone",
        partial(train_drone, max_epochs=2, fine_tune_iterations=10, progress=False),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory, cnn):
    path = tmp_path_factory.mktemp("inputs")
    np.savez(path / "images.npz", x=IMAGES, y=Y)
    save_model(cnn, path / "cnn.keras")
    rows, shift = IMAGES.reshape(600, -1), np.linspace(-40, 40, 16)
    np.savez(path / "far.npz", x=rows * 30 + shift, y=Y)
    np.savez(path / "scaler.npz", mean=3 * 30 + shift, std=np.full(16, 60.0))
    joblib.dump(LogisticRegression().fit((rows - 3) / 2, Y), path / "standard.joblib")
    joblib.dump(LogisticRegression().fit(rows, 1 - Y), path / "inverted.joblib")
    five = rows[:, :5].argmax(1)
    np.savez(path / "five.npz", x=rows, y=five)
    joblib.dump(LogisticRegression(max_iter=300).fit(rows, five), path / "five.joblib")
    return path


def command(folder, teacher, data, *more):
    quick = ["--max-units", "5", "--trust-pickle", "--out", str(folder / f"out_{teacher}")]
    return ["drone", str(folder / teacher), "--data", str(folder / data), *quick, *more]


@pytest.mark.slow
def test_files_with_events_of_any_shape(folder, quick):
    data = load_events(folder / "images.npz")
    assert data.event_shape == (4, 4, 1) and data.x_train.shape == (480, 16)
    assert main(command(folder, "cnn.keras", "images.npz", "--force")) == 0


def test_a_standardised_teacher_needs_its_mean_and_std(folder, monkeypatch):
    def auc(teacher, data, out, **settings):
        found.append(auc_by_class(data.y_test, teacher.predict(data.x_test))[0])

    found = []
    monkeypatch.setattr("codesign.distill.run_drone", auc)
    for more in ((), ("--standardize", str(folder / "scaler.npz")), ("--standardize", "train")):
        assert main(command(folder, "standard.joblib", "far.npz", *more)) == 0
    bare, given, trained = found
    assert given > 0.95 and trained > 0.95 > bare


def test_a_teacher_worse_than_chance_is_an_error_unless_it_is_forced(folder, capsys, quick):
    assert main(command(folder, "inverted.joblib", "images.npz")) == 1
    printed = capsys.readouterr()
    assert (
        len(printed.err.splitlines()) == 1
        and "Received: AUC 0.0" in printed.err
        and "--standardize" in printed.err
        and "--positive" in printed.err
    )
    assert not (folder / "out_inverted.joblib" / "drone.hpp").exists()
    assert main(command(folder, "inverted.joblib", "images.npz", "--force")) == 0
    assert "note: the teacher does not separate the classes: AUC 0.0" in capsys.readouterr().out


@pytest.mark.slow
def test_of_five_classes_it_is_said_which_auc(folder, capsys, quick):
    assert main(command(folder, "five.joblib", "five.npz")) == 0
    printed = capsys.readouterr().out
    assert (
        "AUC (macro one-vs-rest): teacher" in printed
        and "its outputs taken as probabilities (as its library says)" in printed
    )
    result = json.loads((folder / "out_five.joblib" / "fidelity.json").read_text())
    assert len(result["auc_teacher_by_class"]) == len(result["auc_drone_by_class"]) == 5
    assert result["auc_teacher"] == pytest.approx(np.mean(result["auc_teacher_by_class"]))
