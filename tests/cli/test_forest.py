"""codesign forest: one command from a file to gates, and one line for what is wrong."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from codesign.cli.main import main

GOLDEN = Path(__file__).parents[1] / "forests" / "golden"


def command(name, out, *options):
    return ["forest", str(GOLDEN / name), "--out", str(out), *options]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["xgboost.ubj", "lightgbm.txt"])
def test_a_forest_becomes_gates_that_are_proven(tmp_path, capsys, name):
    assert main(command(name, tmp_path / "out", "--precision", "ap_fixed<12,4>", "--leaf-step", "0.00390625")) == 0
    said = capsys.readouterr().out
    assert "5,000 events, 0 mismatches (RTL and C++)" in said and "LUT from yosys" in said
    assert (tmp_path / "out/rtl/src").is_dir() and (tmp_path / "out/README.md").exists()


@pytest.mark.slow
def test_words_are_found_on_events_and_accuracies_printed(tmp_path, capsys):
    x = np.load(GOLDEN / "margins.npz")["x"]
    y = np.load(GOLDEN / "margins.npz")["xgboost"].argmax(1)
    np.savez(tmp_path / "events.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    data = ["--data", str(tmp_path / "events.npz")]
    assert main(command("xgboost.json", tmp_path / "out", *data)) == 0
    assert f"accuracy on {len(x):,} test events: forest 1.0000, gates" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("xgboost.ubj", [], "--precision, --data: expected the type of the inputs, or events to find it"),
        ("margins.npz", ["--precision", "ap_fixed<8,4>"], "expected a forest of XGBoost.*LightGBM"),
        ("xgboost.ubj", ["--precision", "fixed"], "precision: expected a fixed-point type. Received: 'fixed'"),
        ("xgboost.ubj", ["--precision", "ap_fixed<8,4>", "--leaf-step", "0.3"], "--leaf-step: expected a power of two"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, capsys, name, options, message):
    assert main(command(name, tmp_path / "out", *options)) == 1
    assert re.search(message, capsys.readouterr().err) and not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_forests_file_is_imitated_by_tables_within_the_luts(tmp_path, capsys):
    rng, stored = np.random.default_rng(0), np.load(GOLDEN / "margins.npz")
    x = np.concatenate([stored["x"], stored["x"] + rng.integers(-8, 9, stored["x"].shape) / 256])
    np.savez(tmp_path / "events.npz", x=x)
    words = ["drone", str(GOLDEN / "xgboost.ubj"), "--data", str(tmp_path / "events.npz"), "--units", "tables"]
    assert main([*words, "--max-lut", "50", "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    found = json.loads((tmp_path / "out/fidelity.json").read_text())
    assert found["lut"] <= 52 and found["mismatches"] == 0 and "0 mismatches (RTL and C++)" in said
    assert (tmp_path / "out/rtl/src").is_dir() and found["agreement"] > 0.8
