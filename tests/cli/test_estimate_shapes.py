"""`codesign estimate` of sizes of layers, with factors and types of each layer, and what it says of bad ones."""

import json

import numpy as np
import pytest

from codesign import DenseLayer, Network
from codesign.cli.main import main
from codesign.fpga.estimate.bare_shape import BareShape


def rows_of(capsys, *arguments):
    assert main(["estimate", *arguments, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)["rows"]


def test_a_shape_is_priced_layer_by_layer_and_summed(capsys):
    rows = rows_of(capsys, "16-64-32-32-5", "--precision", "ap_fixed<8,2>", "--backend", "Vivado")
    assert [row["implementation"] for row in rows] == ["hls4ml-latency", "hls4ml-resource"]
    for row in rows:
        assert [one["name"] for one in row["layers"]] == ["fc1", "fc2", "fc3", "output"]
        for name in ("lut", "ff", "dsp", "bram_18k"):
            assert row[name] == pytest.approx(sum(one["cost"]["vsynth"][name] for one in row["layers"]), abs=1)
            assert row["csynth"][name] == pytest.approx(
                sum(one["cost"]["csynth"][name] for one in row["layers"]), abs=1
            )
            low, high = row["intervals"][name]
            assert low <= row[name] <= high
        assert row["source"] == "estimate" and 0 <= row["failure_probability"] <= 1
        assert "only the shape is known" in row["estimate_notes"][0]


def test_what_is_known_narrows_the_intervals(capsys):
    (shape,), (sparse,) = (
        rows_of(capsys, "16-32-5", "--strategy", "latency", *more) for more in ([], ["--sparsity", "0.5"])
    )
    assert sparse["lut"] < shape["lut"]
    width, narrower = (row["intervals"]["lut"][1] / row["intervals"]["lut"][0] for row in (shape, sparse))
    assert narrower < width and "only their number is known" in sparse["estimate_notes"][0]


def test_factors_and_types_of_layers_are_those_of_the_layers(capsys):
    given = ["--strategy", "resource", "--reuse", "fc1=4", "output=2", "--precision", "fc1=ap_fixed<8,2>"]
    (row,) = rows_of(capsys, "16-8-5", *given)
    assert row["reuse_factor"] == {"fc1": 4, "output": 2}
    (alike,) = rows_of(capsys, "16-8-5", *given[:5])
    first, before = row["layers"][0]["cost"], alike["layers"][0]["cost"]
    assert first["csynth"]["lut"] < before["csynth"]["lut"] and first["initiation_interval"] == 4


def test_a_file_takes_factors_and_types_of_layers_too(tmp_path, capsys):
    rng = np.random.default_rng(0)
    layers = [
        DenseLayer("fc", rng.normal(size=(4, 6)), np.zeros(6), "relu"),
        DenseLayer("out", np.ones((6, 2)), [0, 0]),
    ]
    Network.chain(layers).save(tmp_path / "model.json")
    asked = ["--precision", "fc=ap_fixed<6,3>", "--strategy", "resource", "--reuse", "fc=4", "--backend", "vivado"]
    (row,) = rows_of(capsys, str(tmp_path / "model.json"), *asked)
    assert row["reuse_factor"] == {"fc": 4, "out": 1} and row["estimate_notes"][0] == "weights known"
    several = rows_of(capsys, str(tmp_path / "model.json"), "--strategy", "resource", "--reuse", "1", "4")
    assert [one["reuse_factor"] for one in several] == [1, 4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["16-0-5"], "expected sizes of layers such as 16-64-32-32-5, each from 1 to 65,536. Received: 16-0-5"),
        (["16"], "expected sizes of layers"),
        (["1e9-1e9"], "expected sizes of layers"),
        (["16--5"], "expected sizes of layers"),
        (["1000000-5"], "expected sizes of layers"),
        (["60000-60000"], "expected at most 4,194,304 weights"),
        (["16-8-5", "--sparsity", "-0.5"], "--sparsity: expected a share of zeros from 0 to 1. Received: -0.5"),
        (["16-8-5", "--sparsity", "nan"], "--sparsity: expected a share"),
        (
            ["16-8-5", "--backend", "Vivid"],
            "--backend: expected Vitis or Vivado. Received: Vivid (did you mean 'Vivado'?)",
        ),
        (["16-8-5", "--activation", "rellu"], "--activation: expected linear, relu"),
        (["16-8-5", "--implementations", "unrolled"], "a bare shape has no weights to unroll; give the model's file"),
        (
            ["16-8-5", "--weights", "6"],
            "--weights: a shape has no weights and no events, and its inputs are its first size; give --precision",
        ),
        (["16-8-5", "--reuse", "fc2=4"], "--reuse: unknown layer 'fc2' (did you mean 'fc1'?)"),
        (["16-8-5", "--reuse", "fc1=4", "2"], "--reuse: expected all words as in fc1=4 fc2=1, or none. Received: '2'"),
        (["16-8-5", "--reuse", "fc1=4", "fc1=2"], "--reuse: expected each layer once"),
        (["16-8-5", "--reuse", "few"], "--reuse: expected a whole number"),
        (["16-8-5", "--precision", "fc9=ap_fixed<8,2>"], "--precision: unknown layer 'fc9'"),
        (["16-8-5", "--precision", "ap_fix<8,2>"], "ap_fix<8,2>"),
        (["16-8-5", "--strategy", "latency", "--implementations", "unrolled"], "--strategy: expected it, or"),
        (["16-8-5", "--part", "xc7nothing"], "--part: expected a part whose capacities are known"),
    ],
)
def test_bad_arguments_are_one_line(arguments, message, capsys):
    assert main(["estimate", *arguments]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and said[0].startswith("codesign: ") and message.lower() in said[0].lower()


def test_the_network_of_a_shape_has_its_types():
    shape = BareShape.of("3-4-2", precision={"fc1": "ap_fixed<6,2>", "inputs": "ap_ufixed<5,5>"}, sparsity=0.5)
    assert str(shape.network.inputs[0].precision).startswith("ap_ufixed<5,5") and shape.network.sizes == (3, 4, 2)
    counted = shape.counted([1, 1])
    assert [(one.input_width, one.weight_width, one.nonzero) for one in counted.layers] == [(5, 6, 6.0), (6, 16, 4.0)]


def test_each_note_says_whose_it_is_once(capsys):
    """A note of some implementations names them; one of all is said without."""
    assert main(["estimate", "16-8-5", "--reuse", "1", "2", "--precision", "ap_fixed<8,30>"]) == 0
    lines = capsys.readouterr().out.splitlines()
    outside = [line for line in lines if "outside of what the fit has seen" in line]
    named = [line.partition(": outside")[0] for line in outside]
    assert len(set(outside)) == len(outside) > 1 and all(name.startswith("hls4ml-") for name in named)
    assert [line for line in lines if "only the shape is known" in line] == [
        "only the shape is known: weights are taken as they are on average"
    ]
    assert any("ap_fixed<8,30> of fc1, output, inputs: its values are multiples of 4,194,304" in line for line in lines)


@pytest.mark.parametrize("part, kind", [("MPF300T", "LUT4"), ("10AX115", "ALUT"), ("xc7z020", None)])
def test_a_part_of_another_vendor_has_a_note_that_the_estimates_are_of_amds(part, kind, capsys):
    assert main(["estimate", "4-2", "--part", part]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    note = "of the estimate are those of AMD parts, whose designs the closed forms were fitted to"
    assert printed.count(note) == (kind is not None) and (kind is None or f"{part} counts {kind}s" in printed)
