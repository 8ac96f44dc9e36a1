"""Damaged files of the formats that need no reader of their own beside their text: a Network's JSON, and lwtnn's."""

import numpy as np
import pytest

from codesign import DenseLayer, Network, write_json
from codesign.network.ends import with_softmax, with_standardisation
from tests.damaged_models import meet_damaged


def written(kind, folder):
    rng = np.random.default_rng(0)
    layers = [DenseLayer("fc1", rng.normal(size=(4, 3)), rng.normal(size=3), "relu"),
              DenseLayer("fc2", rng.normal(size=(3, 2)), rng.normal(size=2))]  # fmt: skip
    network = with_softmax(with_standardisation(Network.chain(layers), np.arange(4.0), np.ones(4)))
    path = folder / "model.json"
    network.save(path) if kind == "network" else write_json(network, path)
    return path


@pytest.mark.parametrize("kind", ["network", "lwtnn"])
def test_damaged_files_are_read_or_refused(kind, tmp_path):
    assert meet_damaged(written(kind, tmp_path), range(200)) < 150


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["network", "lwtnn"])
def test_fifty_thousand_damaged_files(kind, tmp_path):
    meet_damaged(written(kind, tmp_path), range(200, 50_200))
