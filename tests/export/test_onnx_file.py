import subprocess
import sys

import numpy as np
import pytest

from codesign.errors import DataError, EnvironmentSetupError
from codesign.export import load_network, write_onnx
from codesign.export.onnx.file import predict_onnx
from tests.export.example_chains import chain_of, events_of, keras_classifier, random_chain


def test_missing_package_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(EnvironmentSetupError, match=r"\.\[onnx\]"):
        write_onnx(random_chain(), tmp_path / "net.onnx")


@pytest.mark.parametrize("activations", [("relu", "softmax"), ("tanh", "sigmoid"), ("linear", "linear")])
def test_runtime_predicts_what_the_chain_predicts(tmp_path, activations):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    chain, names = random_chain((16, 20, 3), activations), [f"feature {i}" for i in range(16)]
    write_onnx(chain, tmp_path / "net.onnx", name="tagger", input_names=names)
    for n in (1, 70):
        x = events_of(chain, n)
        np.testing.assert_allclose(predict_onnx(tmp_path / "net.onnx", x), chain.predict(x), atol=1e-6)
    model = onnx.load(tmp_path / "net.onnx")
    assert model.graph.name == "tagger"
    assert {prop.key: prop.value for prop in model.metadata_props}["input_names"].split("\n") == names


def test_runtime_predicts_what_keras_predicts(tmp_path):
    pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    model = keras_classifier()
    chain = load_network(model)
    x = events_of(chain, 50)
    write_onnx(chain, tmp_path / "net.onnx")
    np.testing.assert_allclose(predict_onnx(tmp_path / "net.onnx", x), model.predict(x, verbose=0), atol=1e-6)


def test_no_standardisation_means_no_operator_for_it(tmp_path):
    onnx = pytest.importorskip("onnx")
    write_onnx(chain_of(([[1, 2]], [0, 1], "relu")), tmp_path / "net.onnx")
    assert [node.op_type for node in onnx.load(tmp_path / "net.onnx").graph.node] == ["Gemm", "Relu"]


def test_damaged_file_is_one_line(tmp_path):
    pytest.importorskip("onnxruntime")
    (tmp_path / "net.onnx").write_bytes(b"no onnx")
    with pytest.raises(DataError, match="expected an ONNX file"):
        predict_onnx(tmp_path / "net.onnx", np.zeros((1, 2)))


def test_importing_export_imports_no_runtime():
    heavy = ("onnx", "onnxruntime", "tensorflow", "ai_edge_litert")
    code = f"import sys, codesign.export; print([n for n in {heavy} if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
