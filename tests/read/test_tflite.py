"""TensorFlow Lite files of its own converter: golden files, each with events and what its interpreter gives."""

from pathlib import Path

import numpy as np
import pytest

from codesign.errors import AssumptionWarning, CodesignError
from codesign.read import read_file
from tests.damaged_models import meet_damaged

GOLDEN = sorted((Path(__file__).parent / "golden" / "tflite").glob("*.tflite"))


@pytest.mark.filterwarnings("ignore::codesign.errors.AssumptionWarning")
@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_file_is_the_function_that_its_interpreter_computes(path):
    expected = np.load(path.with_suffix(".npz"))
    found = read_file(path).network.predict(expected["x"])
    assert np.abs(found - expected["y"]).max() < 1e-5


def test_a_file_of_whole_numbers_says_so():
    with pytest.warns(AssumptionWarning) as found:
        network = read_file(next(path for path in GOLDEN if path.stem == "mlp_full")).network
    assert "takes whole numbers of int8" in str(found[0].message)
    assert "gives whole numbers of int8" in str(found[1].message)
    assert np.array_equal(network.predict(np.zeros((1, 16))) % 1, np.zeros((1, 5)))


def test_a_newer_version_is_refused_and_says_which_is_known(tmp_path):
    content = bytearray(GOLDEN[0].read_bytes())
    root = int.from_bytes(content[:4], "little")
    layout = root - int.from_bytes(content[root : root + 4], "little", signed=True)
    version = root + int.from_bytes(content[layout + 4 : layout + 6], "little")
    content[version] = 4
    (tmp_path / "newer.tflite").write_bytes(content)
    with pytest.raises(CodesignError, match="expected version 3 of TensorFlow Lite's format. Received: version 4"):
        read_file(tmp_path / "newer.tflite")


@pytest.mark.parametrize("path", GOLDEN[:4], ids=lambda path: path.stem)
def test_damaged_files_are_read_or_refused(path):
    meet_damaged(path, range(60))


@pytest.mark.slow
def test_fifty_thousand_damaged_files():
    for number, path in enumerate(GOLDEN):
        meet_damaged(path, range(1000 * number, 1000 * number + 50_000 // len(GOLDEN) + 1))
