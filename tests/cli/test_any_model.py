"""Every command takes any file of a model: what one format is tried with, all are."""

import json
from pathlib import Path

import numpy as np
import pytest

from codesign.cli.main import main
from codesign.drone import as_teacher, load_teacher
from codesign.read.forest_models import read_any_forest
from tests.read.test_lwtnn_layers import LAYERS, STEPS, N, written

READ = Path(__file__).parents[1] / "read"
TAGGER = READ / "torch" / "golden" / "tagger.pt2"
COLUMNS = READ / "sklearn" / "golden" / "columns.skops"


@pytest.mark.parametrize("path", [TAGGER, COLUMNS])
def test_export_and_inspect(path, tmp_path, capsys):
    stored = np.load(path.parent / "outputs.npz")
    x, y = (stored[f"{path.stem}_x"], stored[f"{path.stem}_y"]) if path is TAGGER else (stored["x"], stored[path.stem])
    out = tmp_path / "net.json"
    words = ["export", str(path), "--to", "json", "--out", str(out)] if path is TAGGER else None
    if words is not None:
        assert main(words) == 0
        assert json.loads(out.read_text())["layers"]
    np.testing.assert_allclose(as_teacher(load_teacher(path)).predict(x), y, atol=2e-6)
    assert main(["inspect", str(path)]) == 0
    assert "softmax" in capsys.readouterr().out


def test_sizes_that_a_file_leaves_open(tmp_path, capsys):
    path = written(LAYERS["lstm"], tmp_path / "net.json")
    words = ["export", str(path), "--to", "cpp", "--out", str(tmp_path / "net.hpp"), "--check", "0"]
    assert main(words) == 1
    printed = capsys.readouterr()
    assert "--input-shape" in printed.err and printed.err.count("\n") == 1
    assert main([*words, "--input-shape", f"{STEPS},{N}"]) == 0


def test_forests_of_scikit_learn_in_files():
    forest = read_any_forest(READ / "sklearn" / "golden" / "forest_two.skops")
    stored = np.load(READ / "sklearn" / "golden" / "outputs.npz")
    np.testing.assert_allclose(forest.margins(stored["x"])[:, 0] + 0.5, stored["forest_two"][:, 1])


def test_what_was_assumed_is_a_line(tmp_path, capsys, monkeypatch):
    import warnings

    from codesign.errors import AssumptionWarning

    def warn(options):
        warnings.warn("model.onnx: opset 13 was taken", AssumptionWarning, stacklevel=2)

    monkeypatch.setattr("codesign.cli.inspect._run", warn)
    assert main(["inspect", "model.onnx"]) == 0
    assert capsys.readouterr().err == "codesign: note: model.onnx: opset 13 was taken\n"
