"""`codesign estimate` and `codesign sweep` take any file, and say what it leaves open."""

import json

import numpy as np
import pytest

from codesign import DenseLayer, Network, quantize_network
from codesign.cli.main import main
from codesign.fpga import Design, estimate


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A network in floating point, the same with types, and events with and without labels."""
    folder, rng = tmp_path_factory.mktemp("files"), np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    layers = [
        DenseLayer("fc", rng.normal(size=(3, 4)), rng.normal(size=4), "relu"),
        DenseLayer("out", rng.normal(size=(4, 3)), rng.normal(size=3)),
    ]
    network = Network.chain(layers)
    network.save(folder / "float.json")
    quantize_network(network, x, weights=5, activations=7).save(folder / "typed.json")
    np.savez(folder / "labelled.npz", x=x, y=network.predict(x).argmax(1))
    np.save(folder / "events.npy", x)
    return folder


def rows_of(path):
    return json.loads(path.read_text())["rows"]


def test_types_of_the_file_are_those_of_the_estimate(files, tmp_path, capsys):
    assert main(["estimate", str(files / "typed.json"), "--json", str(tmp_path / "costs.json")]) == 0
    designs = [
        Design(Network.load(files / "typed.json"), implementation=row["implementation"])
        for row in rows_of(tmp_path / "costs.json")
    ]
    assert [row["lut"] for row in rows_of(tmp_path / "costs.json")] == [estimate(one).lut for one in designs]
    assert "types are those of the file" in capsys.readouterr().out


def test_a_file_without_types_gets_those_of_hls4ml_and_says_so(files, tmp_path, capsys):
    assert main(["estimate", str(files / "float.json"), "--json", "-", "--implementations", "unrolled"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "ap_fixed<16,6> for every value, which is hls4ml's default" in found["types"]
    asked = ["--weights", "5", "--activations", "7", "--data", str(files / "labelled.npz")]
    assert main(["estimate", str(files / "float.json"), *asked, "--json", str(tmp_path / "costs.json")]) == 0
    assert {row["precision"] for row in rows_of(tmp_path / "costs.json")} == {"w5 a7"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["estimate", "float.json", "--weights", "5"], "give events"),
        (["estimate", "float.json", "--weights", "5", "6"], "--weights: expected one width"),
        (["estimate", "float.json", "--implementations", "unroled"], "did you mean 'unrolled'"),
        (["estimate", "missing.h5"], "does not exist"),
        (["sweep", "float.json", "--data", "events.npy", "--plot", "front.bmp"], "plot: expected a path"),
        (["sweep", "float.json", "--data", "b_decay"], "data: expected the 3 inputs"),
        (["sweep", "float.json", "--data", "labelled.npz", "--max-lut", "1", "--jobs", "1"], "LUT"),
    ],
)
def test_bad_arguments_are_one_line(arguments, message, files, monkeypatch, capsys):
    monkeypatch.chdir(files)
    assert main(arguments) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("codesign: ") and message.lower() in said.lower()


def test_a_sweep_has_the_file_s_own_types_as_a_row_and_draws(files, tmp_path, capsys):
    options = ["--weights", "3", "--activations", "7", "--implementations", "unrolled", "--jobs", "1"]
    written = ["--json", str(tmp_path / "sweep.json"), "--plot", str(tmp_path / "front.svg")]
    assert main(["sweep", str(files / "typed.json"), "--data", str(files / "events.npy"), *options, *written]) == 0
    by_precision = {row["precision"]: row for row in rows_of(tmp_path / "sweep.json")}
    assert set(by_precision) == {"as read", "w3 a7"}
    network, x = Network.load(files / "typed.json"), np.load(files / "events.npy")
    assert by_precision["as read"]["lut"] == estimate(Design(network)).lut
    assert 0.9 < by_precision["as read"]["accuracy"] <= 1 and len(x)
    assert "judged by the network's own decisions" in capsys.readouterr().out
    assert (tmp_path / "front.png").exists() and (tmp_path / "front.svg").exists()


def test_picks_share_what_is_said_of_them(files, capsys):
    """One design that has all three roles, and each of its notes once."""
    words = ["--weights", "5", "--activations", "7", "--implementations", "hls4ml-latency", "--jobs", "1"]
    assert (
        main(["sweep", str(files / "float.json"), "--data", str(files / "labelled.npz"), *words, "--max-lut", "900"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    said = [line.partition(": ")[2] for line in lines if line.startswith(("smallest", "fastest", "best"))]
    assert said and len(set(said)) == len(said)
    assert any(line.startswith("smallest and fastest and best: meets the budget with") for line in lines)
