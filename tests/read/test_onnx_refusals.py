"""What an ONNX file may not hold, each refused in one line that says why; and data beside the file."""

import os

import numpy as np
import pytest

from codesign.errors import CodesignError, DataError, UnsupportedLayerError
from codesign.read import ReadOptions, read_file
from tests.read.protobuf_bytes import external_tensor, model, node


def written(folder, content):
    path = folder / "model.onnx"
    path.write_bytes(content)
    return path


def test_weights_beside_the_file_are_read(tmp_path):
    weights = np.arange(4, dtype=np.float32).reshape(2, 2)
    (tmp_path / "weights.bin").write_bytes(weights.tobytes())
    path = written(tmp_path, model([node("MatMul", ("x", "w"), "y")], [external_tensor("w", "weights.bin", (2, 2))]))
    assert read_file(path).network.predict([[1.0, 2.0]]).tolist() == ([[1.0, 2.0]] @ weights).tolist()


@pytest.mark.parametrize("location", ["/etc/passwd", "../outside.bin", "link.bin", "", "sub/../../outside.bin", "."])
def test_no_file_outside_the_folder_is_opened(tmp_path, location):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "outside.bin").write_bytes(bytes(16))
    os.symlink(tmp_path / "outside.bin", folder / "link.bin")
    path = written(folder, model([node("MatMul", ("x", "w"), "y")], [external_tensor("w", location, (2, 2))]))
    with pytest.raises(DataError, match="tensor 'w': expected data in a file beside the model"):
        read_file(path)


def test_missing_or_short_data_beside_the_file(tmp_path):
    content = model([node("MatMul", ("x", "w"), "y")], [external_tensor("w", "weights.bin", (2, 2))])
    with pytest.raises(DataError, match="data in 'weights.bin' beside the model, which does not exist"):
        read_file(written(tmp_path, content))
    (tmp_path / "weights.bin").write_bytes(bytes(8))
    with pytest.raises(DataError, match="tensor 'w': expected 4 values. Received: 2"):
        read_file(written(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (model([node("Relu", ("x",), "y")], opset=26), "version 7 to 25. Received: version 26"),
        (model([node("Relu", ("x",), "y")], opset=6), "version 7 to 25. Received: version 6"),
        (model([node("Relu", ("z",), "y")]), "expected inputs that are there. Received: 'z'"),
        (model([node("Relu", ("x",), "z")]), "expected outputs that a node gives. Received: 'y'"),
    ],
)
def test_files_that_are_not_read(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        read_file(written(tmp_path, content))


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (node("Magic", ("x",), "y", "com.example"), "Magic of 'com.example'"),
        (node("Reul", ("x",), "y"), r"Received: Reul \(did you mean 'Relu'\?\)"),
    ],
)
def test_operators_that_are_not_known(tmp_path, one, said):
    with pytest.raises(UnsupportedLayerError, match=said) as found:
        read_file(written(tmp_path, model([one])))
    assert "node 'node_y'" in str(found.value)


def test_sizes_that_a_file_leaves_open_are_asked_for(tmp_path):
    path = written(tmp_path, model([node("Relu", ("x",), "y")], sizes=("n", "p", 2)))
    with pytest.raises(CodesignError, match="input_shapes=.*--input-shape"):
        read_file(path)
    assert read_file(path, ReadOptions((3, 2))).network.inputs[0].shape == (3, 2)


@pytest.mark.parametrize("operation", ["AveragePool", "MaxPool"])
def test_windows_of_more_places_than_memory_are_refused(tmp_path, operation):
    pool = node(operation, ("x",), "y", kernel_shape=[2**29, 1], auto_pad="SAME_UPPER")
    with pytest.raises(UnsupportedLayerError, match="windows of at most"):
        read_file(written(tmp_path, model([pool], sizes=("n", 1, 8, 2))))
