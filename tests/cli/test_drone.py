import json
from dataclasses import replace
from functools import partial

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from codesign._folder_lock import FolderLock
from codesign.cli.main import main
from codesign.data import load_events
from codesign.distill import run_drone
from codesign.drone import Drone, as_teacher, train_drone
from codesign.errors import DataError
from codesign.export import read_json
from codesign.export.formats import export_network

RNG = np.random.default_rng(1)
X = RNG.normal([5, -2], [2, 0.1], size=(1500, 2))
Y = (X[:, 0] + 20 * X[:, 1] > -35).astype(int)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("drone")
    np.savez(path / "events.npz", x_train=X[:1000], y_train=Y[:1000], x_test=X[1000:], y_test=Y[1000:])
    joblib.dump(LogisticRegression().fit(X[:1000], Y[:1000]), path / "teacher.joblib")
    labels = np.where(Y, "signal", "background")
    joblib.dump(LogisticRegression().fit(X[:1000], labels[:1000]), path / "named.joblib")
    return path


def command(folder, name="teacher", *more):
    return [
        "drone",
        str(folder / f"{name}.joblib"),
        "--data",
        str(folder / "events.npz"),
        "--out",
        str(folder / "out"),
        "--trust-pickle",
        *more,
    ]


def test_from_a_file_to_checked_files(folder, capsys, monkeypatch):
    short = partial(train_drone, max_epochs=40, fine_tune_iterations=200)
    monkeypatch.setattr("codesign.distill.distillation.train_drone", short)
    assert main(command(folder, "teacher", "--max-units", "5", "--probes", "500")) == 0
    printed = capsys.readouterr().out
    result = json.loads((folder / "out" / "fidelity.json").read_text())
    assert result["mean_difference"] < 0.02 and result["auc_difference"] > -0.002 and result["sizes"] == [2, 5, 1]
    assert set(result["differences_of_files"]) == {"drone.hpp", "drone.json"} and "drone.hpp: within" in printed
    drone = Drone.load(folder / "out" / "drone.keras")
    np.testing.assert_allclose(
        read_json(folder / "out" / "drone.json").predict(X[:50]), drone.predict(X[:50]), atol=1e-5
    )


@pytest.mark.slow
def test_events_alone_are_enough(folder, capsys):
    np.save(folder / "x.npy", X)
    words = ["--data", str(folder / "x.npy"), "--max-units", "5", "--out", str(folder / "alone")]
    assert main(["drone", str(folder / "teacher.joblib"), "--trust-pickle", *words]) == 0
    result = json.loads((folder / "alone" / "fidelity.json").read_text())
    assert result["n_events"] == 300 and result.get("auc_drone") is None and "AUC" not in capsys.readouterr().out


def test_one_line_for_what_cannot_be(folder, capsys):
    for arguments, expected in [
        (command(folder, "named"), "positive"),
        (command(folder, "nothing"), "does not exist"),
        (command(folder, "teacher", "--rule", "mine"), "rule"),
        (command(folder, "teacher", "--hidden", "0"), "hidden"),
        (command(folder, "teacher", "--probes", "-1"), "--probes"),
        (
            [
                "drone",
                str(folder / "teacher.joblib"),
                "--data",
                "b_decay",
                "--out",
                str(folder / "out"),
                "--trust-pickle",
            ],
            "teacher",
        ),
    ]:
        assert main(arguments) == 1
        error = capsys.readouterr().err.strip().splitlines()[-1]
        assert error.startswith("codesign: ") and expected in error


@pytest.mark.slow
def test_a_file_that_differs_leaves_the_earlier_drone(folder, capsys, monkeypatch):
    monkeypatch.setattr(
        "codesign.distill.distillation.train_drone",
        partial(train_drone, max_epochs=1, fine_tune_iterations=0, progress=False),
    )
    words = command(folder, "teacher", "--max-units", "5", "--out", str(folder / "kept"))
    assert main(words) == 0
    before = {path.name: path.read_bytes() for path in (folder / "kept").iterdir() if path.is_file()}

    def write_another(network, *where, **more):
        first = network.groups[0].dense
        wrong = network.with_ops({first.name: replace(first.op, bias=first.op.bias + 1)})
        export_network(wrong, *where, **more)

    monkeypatch.setattr("codesign.export.checked_file.export_network", write_another)
    assert main(words) == 1 and "expected what the model computes" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (folder / "kept").iterdir() if path.is_file()} == before


def test_the_folder_is_looked_at_before_the_teacher_is_asked(folder, tmp_path):
    asked = []
    teacher = as_teacher(lambda x: asked.append(x) or np.full(len(x), 0.5))
    data = load_events(folder / "events.npz")
    (tmp_path / "drone.hpp").write_text("mine")
    with pytest.raises(DataError, match="drone.hpp was not made by codesign"):
        run_drone(teacher, data, tmp_path)
    (tmp_path / "drone.hpp").unlink()
    with FolderLock(tmp_path), pytest.raises(DataError, match="no other run writes"):
        run_drone(teacher, data, tmp_path)
    assert not asked
