import json
import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from codesign.cli.main import main
from codesign.errors import ConfigError, DataError
from codesign.export import load_network, read_json, write_json
from codesign.export.formats import export_network
from codesign.export.single_chain import SingleChain
from codesign.network import Network
from codesign.train import build_qmlp, save_model
from tests.export.example_chains import events_of, keras_classifier, random_chain


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A Keras model with its own standardisation, one of QKeras layers, a Network and lwtnn's JSON."""
    folder = tmp_path_factory.mktemp("models")
    save_model(keras_classifier(), folder / "keras.keras")
    model = build_qmlp(4, (8,), 3, weight_bits=4, activation_bits=6, seed=0)
    save_model(model, folder / "q-model.h5")
    Network.from_keras(model).save(folder / "network.json")
    write_json(random_chain(), folder / "chain.json")
    np.savez(folder / "scaler.npz", mean=[1, 2, 3, 4], std=[1, 2, 3, 4])
    (folder / "scaler.json").write_text('{"mean": [1, 2, 3, 4], "std": [1, 2, 3, 4]}')
    np.savez(folder / "x.npz", x=events_of(random_chain(), 200))
    return folder


def test_every_kind_of_model_is_read(folder):
    x = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    np.testing.assert_allclose(
        load_network(folder / "keras.keras").predict(x), keras_classifier().predict(x, verbose=0), atol=1e-6
    )
    network, chain = Network.load(folder / "network.json"), load_network(folder / "network.json")
    np.testing.assert_allclose(chain.predict(x), network.predict(x), atol=1e-6)
    quantised = load_network(folder / "q-model.h5").layers
    for layer, expected in zip(quantised, network.layers):
        np.testing.assert_array_equal(layer.kernel, expected.kernel)
    assert SingleChain.of(load_network(folder / "chain.json")).sizes == (6, 5, 3)


def test_a_softmax_is_put_back(folder, tmp_path):
    out = tmp_path / "out.json"
    assert main(["export", str(folder / "network.json"), "--to", "json", "--softmax", "--out", str(out)]) == 0
    x = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    powers = np.exp(Network.load(folder / "network.json").predict(x))
    np.testing.assert_allclose(read_json(out).predict(x), powers / powers.sum(1, keepdims=True), atol=1e-6)


def test_standardisation_twice_is_refused(folder):
    with pytest.raises(ConfigError, match="holds one"):
        load_network(folder / "chain.json", offset=np.zeros(6))


@pytest.mark.parametrize(
    "words", [["--standardize", "scaler.npz"], ["--standardize", "scaler.json"], ["--mean=1,2,3,4", "--std=1,2,3,4"]]
)
def test_json_with_a_standardisation(folder, words, capsys, tmp_path):
    words = [str(folder / word) if word.startswith("scaler") else word for word in words]
    out = tmp_path / "out.json"
    assert main(["export", str(folder / "network.json"), "--to", "json", *words, "--out", str(out), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["network"], printed["events_compared"]) == ("4-8-3", 1000) and printed["largest_difference"] < 1e-9
    chain = SingleChain.of(read_json(out))
    np.testing.assert_allclose([chain.offset, chain.scale], [[-1, -2, -3, -4], [1, 1 / 2, 1 / 3, 1 / 4]], rtol=1e-6)


def test_tflite_and_the_default_name(folder, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(folder / "q-model.h5"), "--to", "tflite", "--check", "50"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("q_model.tflite: 4-8-3, ") and "on 50 events at random" in printed
    words = ["--int8", "--calibration", str(folder / "x.npz"), "--name", "small", "--json"]
    assert main(["export", str(folder / "chain.json"), "--to", "tflite", *words]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["path"], printed["events_compared"]) == ("small.tflite", 200) and 0 < printed[
        "largest_difference"
    ] < 0.2


def test_onnx_is_written_even_where_nothing_runs_it(folder, capsys, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert main(["export", str(folder / "chain.json"), "--to", "onnx", "--out", str(tmp_path / "net.onnx")]) == 0
    assert "not compared" in capsys.readouterr().out


def test_what_was_written_is_compared_with_the_model(folder, capsys, tmp_path, monkeypatch):
    out = tmp_path / "net.json"
    words = ["export", str(folder / "q-model.h5"), "--to", "json", "--out", str(out), "--check", "30"]
    assert main(words) == 0
    assert "largest difference to the model: " in capsys.readouterr().out
    written = read_json(out)
    hidden = replace(written.layers[0], quantizer=None)
    wrong = Network.chain((hidden, *written.layers[1:]))
    monkeypatch.setattr("codesign.export.formats.write_json", lambda _, path, **more: write_json(wrong, path, **more))
    before = out.read_bytes()
    assert main(words) == 1
    error = capsys.readouterr().err
    assert out.read_bytes() == before and not list(tmp_path.glob(".*"))  # the good file stays
    assert (
        re.search(r"expected what the model computes. Received: \S+ instead of \S+ in output", error)
        and error.count("\n") == 1
    )


def test_a_missing_compiler_is_said_and_a_failing_one_is_an_error(folder, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["export", str(folder / "chain.json"), "--to", "cpp", "--out", str(tmp_path / "net.hpp")]
    assert main(words) == 0 and "not compared" in capsys.readouterr().out
    before = (tmp_path / "net.hpp").stat()
    (tmp_path / "g++").write_text("#!/bin/sh\necho no memory >&2\nexit 1\n")
    (tmp_path / "g++").chmod(0o755)
    assert main(words) == 1
    assert "g++: failed with status 1: no memory" in capsys.readouterr().err and (tmp_path / "net.hpp").stat() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.h5", "--to", "json"], "does not exist"),
        (["none.json", "--to", "json"], "does not exist"),
        (["scaler.npz", "--to", "json"], "expected a saved model"),
        (["scaler.json", "--to", "json", "--out", "y"], "expected the key 'inputs'"),
        (["chain.json", "--to", "json", "--out", "chain.json"], "--out: expected another file"),
        (["chain.json", "--to", "json", "--out", "keras.keras/y"], "expected a writable place"),
        (["chain.json", "--to", "json", "--out", "y", "--check", "-1"], "--check: expected"),
        (["chain.json", "--to", "tflite", "--out", "y", "--int8"], "--calibration: expected both"),
        (
            ["chain.json", "--to", "json", "--out", "y", "--int8", "--calibration", "x.npz"],
            "--calibration: expected both",
        ),
        (
            ["chain.json", "--to", "tflite", "--out", "y", "--int8", "--calibration", "scaler.npz"],
            "calibration: expected an",
        ),
        (["chain.json", "--to", "json", "--out", "y", "--mean=1"], "--mean, --std: expected both"),
        (["network.json", "--to", "json", "--out", "y", "--mean=1,a", "--std=1,2"], "mean: expected numbers"),
        (["network.json", "--to", "json", "--out", "y", "--mean=1,2", "--std=1"], "expected as many"),
        (["network.json", "--to", "json", "--out", "y", "--mean=1", "--std=1"], "offset: expected 4 finite numbers"),
        (["network.json", "--to", "json", "--out", "y", "--mean=1,1,1,1", "--std=1,1,1,0"], "std: expected positive"),
        (["network.json", "--to", "json", "--out", "y", "--standardize", "x.npz"], "Missing: mean, std"),
        (["network.json", "--to", "json", "--out", "y", "--standardize", "network.h5"], "expected a readable"),
        (["network.json", "--to", "json", "--out", "y", "--name", "a b"], "name: expected letters"),
        (["keras.keras", "--to", "json", "--out", "y", "--softmax"], "softmax: expected a linear last layer"),
    ],
)
def test_errors_are_one_line(folder, words, message, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    assert main(["export", *words]) == 1
    printed = capsys.readouterr()
    assert message in printed.err and printed.err.count("\n") == 1 and printed.out == ""


def test_unknown_format_from_python(tmp_path):
    with pytest.raises(ConfigError, match="did you mean 'json'"):
        export_network(random_chain(), tmp_path / "y", "jsn")
    with pytest.raises(ConfigError, match="tflite only"):
        export_network(random_chain(), tmp_path / "y", "json", int8=True)
    with pytest.raises(DataError, match="different names"):
        write_json(random_chain(), tmp_path / "y", input_names=["a"] * 6)
