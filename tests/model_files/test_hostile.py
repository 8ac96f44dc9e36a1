"""Files that run programs with their plain loader run none here."""

import subprocess
import sys
import textwrap

import h5py
import numpy as np
import pytest

from codesign import load_model
from codesign.cli.main import main
from codesign.drone import Drone, as_teacher, load_teacher
from codesign.errors import CodesignError, DataError
from codesign.export import load_network
from tests.model_files import hostile

PLAIN = """
import os, sys
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import joblib, pickle
def torch_load(path):
    import zipfile
    try:
        import torch
    except ImportError:
        return pickle.loads(zipfile.ZipFile(path).read("archive/data.pkl"))
    return torch.load(path, weights_only=False)
def keras_load(path):
    import tf_keras
    sys.path.insert(0, os.path.dirname(path))
    return tf_keras.models.load_model(path)
for path in sys.argv[1:]:
    load = {".pkl": lambda path: pickle.load(open(path, "rb")), ".joblib": joblib.load, ".pt": torch_load}
    try:
        load.get(os.path.splitext(path)[1], keras_load)(path)
    except Exception as error:
        print(path, type(error), error)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return hostile.all_that_run(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("load", [load_model, load_teacher, load_network, Drone.load])
def test_nothing_runs(corpus, load, monkeypatch):
    for name, (path, marker) in corpus.items():
        monkeypatch.syspath_prepend(path.parent)
        with pytest.raises(CodesignError) as caught:
            load(path)
        assert not marker.exists(), name
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 700


def test_commands_run_nothing(corpus, tmp_path, capsys):
    np.save(tmp_path / "x.npy", np.zeros((50, 3)))
    (tmp_path / "project").mkdir()
    for path, marker in corpus.values():
        for command in (
            ["export", str(path), "--to", "json"],
            ["time", str(path)],
            ["drone", str(path), "--data", str(tmp_path / "x.npy"), "--out", str(tmp_path)],
        ):
            assert main(command) == 1
            assert not marker.exists()
            printed = capsys.readouterr().err.strip().splitlines()
            assert len(printed) == 1 and printed[0].startswith("codesign: ")


@pytest.mark.slow
def test_everything_runs_with_the_plain_loader(tmp_path):
    corpus = hostile.all_that_run(tmp_path)
    paths = [str(path) for path, _ in corpus.values()]
    printed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PLAIN), *paths], capture_output=True, text=True, check=True
    ).stdout
    assert {name for name, (_, marker) in corpus.items() if marker.exists()} == set(corpus), printed


@pytest.mark.parametrize("name", ["link", "virtual", "raw"])
def test_weights_of_another_file_are_not_read(tmp_path, name):
    path, secret = hostile.other_file(tmp_path, name)
    with h5py.File(path) as file:  # what the plain loader reads
        np.testing.assert_array_equal(file["model_weights/dense/dense/kernel:0"][()], secret)
    with pytest.raises(DataError, match="another"):
        load_model(path)


def test_onnx_weights_of_another_file_are_not_read(tmp_path):
    onnx = pytest.importorskip("onnx")
    secret = np.arange(6, dtype="f4").reshape(3, 2) + 40
    tensor = onnx.numpy_helper.from_array(secret, "w")
    node = onnx.helper.make_node("MatMul", ["x", "w"], ["y"])
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, size])
        for name, size in (("x", 3), ("y", 2))
    ]
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", ends[:1], ends[1:], [tensor]), ir_version=8)
    path = tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, location="secret.bin", size_threshold=0)
    read = onnx.load(path)  # the plain loader reads the other file
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(read.graph.initializer[0]), secret)
    for load in (load_teacher, as_teacher):
        with pytest.raises(DataError, match="weights lie in other files.*save_as_external_data=False"):
            load(path)
    onnx.save(onnx.load(path), path, save_as_external_data=False)
    assert load_teacher(path) == str(path)
