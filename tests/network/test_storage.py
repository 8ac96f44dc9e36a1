import numpy as np
import pytest

from codesign.errors import DataError
from codesign.network import Input, Network, Node, quantize_network
from codesign.network.ops import Affine
from tests.random_networks import random_events, random_network


@pytest.mark.parametrize("per_element", [False, True])
def test_round_trip_is_exact(tmp_path, per_element):
    rng = np.random.default_rng(0)
    network = random_network(rng, (5, 4, 3), per_element=per_element)
    network.save(tmp_path / "network.json")
    loaded = Network.load(tmp_path / "network.json")
    x = random_events(rng, network)
    np.testing.assert_array_equal(loaded.emulate(x), network.emulate(x))
    np.testing.assert_array_equal(loaded.predict(x), network.predict(x))
    assert loaded.input_precision == network.input_precision


def test_truncated_file_is_one_clear_line(tmp_path):
    path = tmp_path / "network.json"
    random_network(np.random.default_rng(0), (5, 4, 3)).save(path)
    text = path.read_text()
    for length in (0, 10, len(text) // 2, len(text) - 3):
        path.write_text(text[:length])
        with pytest.raises(DataError, match="path: expected"):
            Network.load(path)


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", '{"format": "codesign-network", "layers": 3}', '{"format": "codesign-network", "layers": [{}]}'],
)
def test_foreign_file(tmp_path, content):
    (tmp_path / "network.json").write_text(content)
    with pytest.raises(DataError, match="path: expected|file: expected the key 'inputs'"):  # {} may be lwtnn's
        Network.load(tmp_path / "network.json")


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        Network.load(tmp_path / "nothing.json")


@pytest.mark.parametrize("shapes", [((), ()), ((), (3,)), ((3,), ()), ((2, 3), (2, 3)), ((), (2, 1))])
@pytest.mark.parametrize("typed", [False, True])
def test_constants_of_every_shape_come_back(tmp_path, shapes, typed):
    """A factor of all values alike is one number."""
    factor, offset = (np.random.default_rng(0).normal(size=shape) for shape in shapes)
    network = Network([Node("scaled", Affine(factor, offset), ["x"])], [Input("x", (2, 3))], ["scaled"])
    x = np.random.default_rng(1).normal(size=(20, 6))
    network = quantize_network(network, x, weights=8, activations=8) if typed else network
    network.save(tmp_path / "network.json")
    loaded = Network.load(tmp_path / "network.json")
    np.testing.assert_array_equal(loaded.predict(x), network.predict(x))
    assert loaded.nodes[0].op.factor.shape == shapes[0]
    if typed:
        np.testing.assert_array_equal(loaded.emulate(x), network.emulate(x))
