from dataclasses import replace

import numpy as np
import pytest

from codesign import Network, export_model, keras, load_network
from codesign.errors import (
    AgreementError,
    CodesignError,
    ConfigError,
    DataError,
    UncheckedWarning,
)
from codesign.export import read_json
from codesign.export.formats import export_network
from codesign.export.load import load_source
from codesign.network import FixedPoint, Node
from codesign.network.ends import split_softmax, split_standardisation, with_affines, with_standardisation
from codesign.network.ops import Quantize
from codesign.train import save_model
from tests.export.example_chains import keras_classifier, random_chain


def float64_classifier():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    first = layers.Normalization(mean=[100.0, 2, 3, 1e-3], variance=[1.0, 2, 3, 1e-6], dtype="float64")
    hidden = [layers.Dense(30, "tanh", dtype="float64"), layers.BatchNormalization(dtype="float64")]
    return keras.Sequential(
        [keras.Input((4,), dtype="float64"), first, *hidden, layers.Dense(3, "softmax", dtype="float64")]
    )


def models(folder):
    """A Keras model, its file, one of float64, a Network, its file, a chain and its file."""
    model, chain = keras_classifier(), random_chain()
    save_model(model, folder / "model.h5")
    Network.from_keras(model).save(folder / "a.network")  # told apart by content
    export_model(chain, folder / "a.chain", to="json")
    files = [folder / name for name in ("model.h5", "a.network", "a.chain")]
    return [model, float64_classifier(), Network.from_keras(model), chain, *files]


def test_any_model_is_written_compared_and_read_back(tmp_path):
    for index, model in enumerate(models(tmp_path)):
        for suffix in (".json", ".tflite"):
            exported = export_model(model, tmp_path / f"{index}{suffix}", name="net", check=100)
            assert exported.format == suffix[1:] and exported.agreement.difference < 1e-5
            assert exported.agreement.n_events == 100 and exported.path.stat().st_size
        x = np.random.default_rng(0).normal(size=(10, exported.network.n_inputs)).astype(np.float32)
        expected = load_source(model).model.predict(x)
        np.testing.assert_allclose(read_json(tmp_path / f"{index}.json").predict(x), expected, atol=1e-5)
    assert export_model(model, tmp_path / "unchecked.json", check=0).agreement is None


def test_a_chain_is_read_for_a_design_with_its_standardisation(tmp_path):
    core = split_standardisation(random_chain(activations=("relu", "softmax")))[1]
    chain, logits = (
        with_standardisation(one, np.arange(6) - 50, np.linspace(0.01, 3, 6)) for one in (core, split_softmax(core)[0])
    )
    export_model(chain, tmp_path / "net.json")
    network, x = Network.from_keras(tmp_path / "net.json"), np.random.default_rng(0).normal(0, 9, (50, 6))
    assert network.is_chain
    np.testing.assert_allclose(network.predict(x), logits.predict(x), rtol=1e-9)
    quantised = replace(core, nodes=(Node("rounded", Quantize(FixedPoint(8, 3)), ("inputs",)), *core.nodes[1:],
                                     replace(core.nodes[0], inputs=("rounded",))))  # fmt: skip
    affines = split_standardisation(chain)[0]
    export_model(with_affines(quantised, affines), tmp_path / "rounded.json")
    network = Network.from_keras(tmp_path / "rounded.json")
    assert split_standardisation(network)[0].keys() == affines.keys()
    np.testing.assert_allclose(network.predict(x).argmax(1), with_affines(quantised, affines).predict(x).argmax(1))


def test_a_file_that_differs_never_takes_the_place_of_another(tmp_path, monkeypatch):
    chain = random_chain()
    first = chain.groups[0].dense
    wrong = chain.with_ops({first.name: replace(first.op, bias=first.op.bias + 0.1)})
    monkeypatch.setattr(
        "codesign.export.checked_file.export_network", lambda _, *where, **more: export_network(wrong, *where, **more)
    )
    for name in ("good.json", "none.json", "none.tflite", "none.hpp"):
        (tmp_path / "good.json").write_text("good")
        with pytest.raises(AgreementError, match=f"{name}: expected what the model computes"):
            export_model(chain, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["good.json"] and (
        tmp_path / "good.json"
    ).read_text() == "good"


def test_what_cannot_be_compared_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.warns(
        UncheckedWarning, match="net.hpp: not compared with the model, since what runs cpp files is not installed"
    ):
        exported = export_model(random_chain(), tmp_path / "net.hpp")
    assert exported.agreement is None and exported.path.exists()


@pytest.mark.parametrize(
    ("words", "options", "error", "message"),
    [
        ("y.xyz", {}, ConfigError, "ends in .hpp, .json, .onnx, .tflite"),
        ("y", {"to": "jsn"}, ConfigError, "did you mean 'json'"),
        ("y.json", {"check": -1}, ConfigError, "check: expected"),
        ("y.json", {"check": 1.5}, ConfigError, "check: expected"),
        ("y.json", {"x": np.zeros((2, 3))}, DataError, r"expected shape \(n_events, 6\)"),
        ("y.json", {"x": np.full((2, 6), 1e300)}, DataError, "finite"),
        ("y.json", {"x": [["a"] * 6]}, DataError, "expected numbers"),
        ("y.json", {"int8": True, "x": np.zeros((2, 6))}, ConfigError, "tflite only"),
        ("y.json", {"int8": True}, ConfigError, "tflite only"),
        ("y.tflite", {"int8": True}, DataError, "representative events"),
    ],
)
def test_bad_arguments_are_one_line(tmp_path, words, options, error, message):
    with pytest.raises(error, match=message) as caught:
        export_model(random_chain(), tmp_path / words, **options)
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_other_objects_and_the_models_own_file_are_refused(tmp_path):
    for thing in (3, None, [1], np.zeros(3)):
        with pytest.raises(ConfigError, match="expected a file of a model, or a model of Keras, PyTorch.*Received: "):
            export_model(thing, tmp_path / "y.json")
    export_model(random_chain(), tmp_path / "y.json")
    with pytest.raises(CodesignError, match="expected another file"):
        export_model(tmp_path / "y.json", tmp_path / "y.json")
    assert load_network(tmp_path / "y.json").shapes == random_chain().shapes
