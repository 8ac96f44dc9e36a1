"""ONNX files of other people's exporters: golden files, each with events and what its model gives."""

from pathlib import Path

import numpy as np
import pytest

from codesign.read import read_file

GOLDEN = sorted((Path(__file__).parent / "golden" / "onnx").glob("*.onnx"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_file_is_the_function_of_the_model_that_was_exported(path):
    expected = np.load(path.with_suffix(".npz"))
    network = read_file(path).network
    found = network.predict(expected["x"].reshape(len(expected["x"]), -1))
    assert np.abs(found - expected["y"]).max() < 1e-5
