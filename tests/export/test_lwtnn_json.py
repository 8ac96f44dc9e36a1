import json
from importlib import resources

import numpy as np
import pytest

from codesign.errors import CodesignError, DataError, UnsupportedLayerError
from codesign.export import Names, load_network, read_json, write_json
from codesign.read.lwtnn.file import parse_json_file, parse_json_text
from tests.export.example_chains import chain_of, events_of, keras_classifier, random_chain


def content_of(chain, tmp_path):
    write_json(chain, tmp_path / "net.json")
    return json.loads((tmp_path / "net.json").read_text())


@pytest.mark.parametrize("activations", [("relu", "softmax"), ("tanh", "sigmoid"), ("sigmoid", "linear")])
def test_round_trip_is_exact(tmp_path, activations):
    chain, names = random_chain(activations=activations), Names("tagger", tuple("abcdeη"), ("one", "two", "three"))
    write_json(chain, tmp_path / "net.json", name="tagger", input_names=names.inputs, output_names=names.outputs)
    read, found = parse_json_file(tmp_path / "net.json")
    x = events_of(chain, 50)
    np.testing.assert_array_equal(read.predict(x), chain.predict(x))
    assert found == names


def test_any_float32_survives(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**32, 3000, np.uint64).astype(np.uint32).view(np.float32)
    weights = np.concatenate([bits[np.isfinite(bits)], np.float32([0, -0.0, 1e-45, 3.4028235e38])])[:, None]
    write_json(chain_of((weights, [0])), tmp_path / "net.json")
    assert read_json(tmp_path / "net.json").layers[0].kernel.astype(np.float32).tobytes() == weights.tobytes()


def test_file_predicts_what_keras_predicts(tmp_path):
    model = keras_classifier()
    write_json(load_network(model), tmp_path / "net.json")
    chain = read_json(tmp_path / "net.json")
    x = events_of(chain, 100)
    np.testing.assert_allclose(chain.predict(x), model.predict(x, verbose=0), atol=1e-6)


def test_weights_lie_row_by_row_a_row_per_unit(tmp_path):
    content = content_of(
        chain_of(([[1, 2], [3, 4], [5, 6]], [7, 8], "relu"), offset=[1, 2, 3], scale=[4, 5, 6]), tmp_path
    )
    layer = {"architecture": "dense", "activation": "rectified", "weights": [1, 3, 5, 2, 4, 6], "bias": [7, 8]}
    assert content["layers"] == [layer]
    assert content["inputs"][1] == {"name": "x1", "offset": 2, "scale": 5} and content["outputs"] == ["y0", "y1"]


def test_lwtnn_file_with_more_keys_and_relu_is_read():
    layer = {"architecture": "dense", "activation": "relu", "weights": [1, -1], "bias": [0], "sublayers": []}
    inputs = [{"name": "pt", "offset": -1, "scale": 2}, {"name": "eta", "offset": 0, "scale": 1}]
    content = {"inputs": inputs, "layers": [layer], "outputs": ["p"], "defaults": {"pt": 0}}
    chain = parse_json_text(json.dumps(content))[0]
    np.testing.assert_array_equal(chain.predict([[3, 1], [1, 1]]), [[3], [0]])


def test_truncated_file_names_the_layer(tmp_path):
    write_json(random_chain(), tmp_path / "net.json")
    text = (tmp_path / "net.json").read_text()
    for length in [*range(0, len(text) - 2, 37), len(text) - 2]:
        with pytest.raises(DataError) as error:
            parse_json_text(text[:length], "net.json")
        assert "\n" not in str(error.value) and "net.json: " in str(error.value)
    for index, start in enumerate(position for position in range(len(text)) if text.startswith('"weights"', position)):
        with pytest.raises(DataError, match=f"net.json: layer {index}: expected complete JSON"):
            parse_json_text(text[: start + 20], "net.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c["layers"][1]["weights"].__setitem__(2, float("nan")),
            "layer 1: expected finite .* 'weights'.* nan",
        ),
        (lambda c: c["layers"][0]["bias"].__setitem__(0, 1e39), "layer 0: expected finite .* 'bias'. Received: 1e"),
        (lambda c: c["layers"][0]["bias"].__setitem__(0, 10**400), "layer 0: expected finite .* Received: inf"),
        (
            lambda c: c["layers"][1]["weights"].pop(),
            "layer 1: expected weights of 3 units x 5 inputs. Received: 14 weights",
        ),
        (lambda c: c["layers"][1]["bias"].clear(), "layer 1: expected weights of 0 units"),
        (
            lambda c: c["layers"][0].update(activation="rectifed"),
            "layer 0: expected activation .*did you mean 'rectified'",
        ),
        (
            lambda c: c["layers"][0].update(activation={"function": "elu"}),
            "layer 0: expected the key 'alpha'",
        ),
        (
            lambda c: c["layers"][1].update(architecture="lstn"),
            "layer 1: expected architecture dense or fixed_point. Received: lstn",
        ),
        (lambda c: c["layers"][0].update(weights=3), "layer 0: expected an array for 'weights'. Received: float"),
        (
            lambda c: c["layers"][0]["weights"].__setitem__(1, "1"),
            "layer 0: expected numbers in 'weights'. Received: str",
        ),
        (
            lambda c: c["layers"][0]["weights"].__setitem__(1, True),
            "layer 0: expected numbers in 'weights'. Received: bool",
        ),
        (
            lambda c: c["layers"][0]["weights"].__setitem__(1, None),
            "layer 0: expected numbers in 'weights'. Received: NoneType",
        ),
        (lambda c: c["layers"][1].pop("bias"), "layer 1: expected the key 'bias'"),
        (lambda c: c["layers"].__setitem__(1, []), "layer 1: expected the key 'architecture'. Received: list"),
        (lambda c: c["layers"][0].update(activation="softmax"), "layer 0: expected softmax only at the end"),
        (lambda c: c["layers"].clear(), "layers: expected at least one dense layer"),
        (lambda c: c.pop("layers"), "file: expected the key 'layers'"),
        (lambda c: c["inputs"][2].update(scale=float("inf")), "input 2: expected finite .* 'scale'"),
        (lambda c: c["inputs"].clear(), "inputs: expected at least one"),
        (lambda c: c["inputs"][0].update(name="x1"), "different names"),
        (lambda c: c["outputs"].pop(), "outputs: expected 3 names"),
        (lambda c: c["outputs"].__setitem__(0, "\ud800"), "printable"),
        (lambda c: c.update(name="a b"), "name: expected letters"),
    ],
)
def test_bad_content_is_one_line(tmp_path, change, message):
    content = content_of(random_chain(), tmp_path)
    change(content)
    with pytest.raises((DataError, UnsupportedLayerError), match="^net.json: .*" + message) as error:
        parse_json_text(json.dumps(content), "net.json")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"inputs": 3}', '{"a": 1, "a": 2}', "[" * 100_000, "{" * 9])
def test_foreign_text(text):
    with pytest.raises(CodesignError, match="expected"):
        parse_json_text(text)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_json(tmp_path / "nothing.json")
    with pytest.raises(DataError, match="writable place"):
        write_json(random_chain(), __file__ + "/net.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read_json(tmp_path / "binary.json")


def test_schema_describes_what_is_written(tmp_path):
    schema = json.loads((resources.files("codesign.export.lwtnn") / "chain.schema.json").read_text())
    content = content_of(random_chain(), tmp_path)
    layer = schema["$defs"]["dense"]
    assert set(content) == set(schema["properties"]) and set(schema["required"]) < set(content)
    assert set(content["layers"][0]) == set(layer["properties"]) == set(layer["required"])
    assert set(content["inputs"][0]) == set(schema["properties"]["inputs"]["items"]["required"])
    for activation in layer["properties"]["activation"]["enum"]:
        content["layers"][1]["activation"] = activation
        parse_json_text(json.dumps(content))
