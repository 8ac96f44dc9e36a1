"""From tables of designs to intervals, failures and what is familiar; and the benchmark that does it again."""

import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from codesign.errors import DataError
from codesign.fpga.estimate.clock import clock_note, clock_probability
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.failure import any_fails, failure_probability
from codesign.fpga.estimate.familiar import nearest_family
from codesign.fpga.estimate.fit.clocks import fit_clocks
from codesign.fpga.estimate.fit.constants import left_out_constants, refit_constants
from codesign.fpga.estimate.fit.failures import fit_failures, read_builds
from codesign.fpga.estimate.fit.measured import (
    COLUMNS,
    measured_designs,
    measured_figures,
    predict_row,
    read_table,
    try_row,
)
from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.intervals import FIGURES
from codesign.fpga.estimate.shape import expected_statistics
from codesign.fpga.estimate.toolchain import Toolchain

ROOT = Path(__file__).parents[3]
COUNTS = {"w_nnz": "900", "w_csd": "2100", "w_pow2": "160", "w_c3": "330", "w_umul": "280", "w_wmax": "6"}


def load(path: str) -> ModuleType:
    """A script, and what stands beside it, as Python finds them when it is run."""
    spec = spec_from_file_location(Path(path).stem, ROOT / path)
    module = module_from_spec(spec)
    sys.path.insert(0, str((ROOT / path).parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    return load("benchmarks/estimator.py")


def measured_row(name: str, family: str, factor: float, **cells: str) -> dict[str, str]:
    """A design whose figures are those of the closed forms times a factor."""
    row = {"id": name, "family": family, "synth_ok": "1", "level": "design", "scope": "dense", "quality": "A"}
    row.update({"layer_sizes": "16-32-5", "weight_bits": "8", "reuse_factor": "1", "strategy": "latency"}, **cells)
    predicted, _ = predict_row(try_row(row, "weights"))
    return {**row, **{COLUMNS[figure]: str(round(value * factor)) for figure, value in predicted.items()}}


@pytest.fixture(scope="module")
def truth(tmp_path_factory) -> Path:
    """Four families of designs that differ from the closed forms by a factor of their own, and failed builds."""
    rng = np.random.default_rng(0)
    rows = []
    for family, factor in {"a": 0.8, "b": 0.95, "c": 1.1, "d": 1.3}.items():
        for index in range(4):
            bits, tool = str(4 + 2 * index), rng.choice(["vivado_hls", "vitis_hls"])
            values = factor * rng.lognormal(0, 0.05)
            rows.append(measured_row(f"{family}{index}", family, values, weight_bits=bits, tool=tool))
    rows.append(measured_row("w", "a", 0.8, layer_sizes="32-32", **COUNTS))
    rows.append({**rows[0], "id": "f", "synth_ok": "0", "layer_sizes": "128-128", "tool": "vivado_hls"})
    path = tmp_path_factory.mktemp("truth") / "truth.csv"
    write(path, rows)
    return path


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list({name: None for row in rows for name in row}))
        writer.writeheader()
        writer.writerows(rows)


def test_fit_is_the_same_each_time_and_says_when_the_file_is_old(truth, tmp_path):
    fit, first, second = load("scripts/fit_estimator.py"), tmp_path / "first.json", tmp_path / "second.json"
    assert [fit.main([str(truth), "--starts", "0", "--out", str(path)]) for path in (first, second)] == [0, 0]
    assert first.read_bytes() == second.read_bytes()
    assert fit.main([str(truth), "--starts", "0", "--out", str(first), "--check"]) == 0
    fitted = json.loads(first.read_text())
    assert set(fitted) == set(fitted_numbers()) and fitted["tables"][0]["rows"] == 18
    assert fitted["families"]["a"]["designs"] == 5 and fitted["families"]["a"]["failed"] == 1
    assert 0.2 < fitted["half_widths"]["csynth_lut"]["pipelined"]["shape"] < 0.7
    first.write_text("{}")
    assert fit.main([str(truth), "--starts", "0", "--out", str(first), "--check"]) == 1


def test_constants_refitted_to_designs_find_what_those_were_made_of():
    made_of = replace(CostConstants(), lut_per_adder_bit=1.6, lut_per_dsp=12.0)
    rows = []
    for index, family in enumerate("aabb"):
        row = {"family": family, "layer_sizes": f"{16 + 8 * index}-32", "weight_bits": str(6 + 3 * index)}
        predicted, _ = predict_row(try_row(row, "weights"), made_of)
        rows.append({**row, "csynth_lut": str(predicted["csynth_lut"])})
    designs = measured_designs(rows, known=("weights",))
    starts = [refit_constants(designs, start) for start in (0, 0, 1)]
    assert starts[0] == starts[1] != starts[2]
    for constants in starts:
        for design in designs:
            predicted, _ = predict_row(design.row, constants)
            assert predicted["csynth_lut"] == pytest.approx(design.measured["csynth_lut"], rel=0.15)
    left_out = left_out_constants(rows, starts=1)
    assert set(left_out) == {"a", "b"} and left_out["a"] != left_out["b"]


@pytest.mark.slow
def test_benchmark_says_errors_and_coverage_of_families_left_out(benchmark, truth, tmp_path):
    result = tmp_path / "result.json"
    benchmark.main(
        ["--truth", str(truth), "--starts", "0", "--json", str(result), "--plot", str(tmp_path / "plot.png")]
    )
    entries = json.loads(result.read_text())["rows"]
    found = {
        one["family"]: one
        for one in entries
        if one["method"] == "package, weights known" and (one["stage"], one["number"]) == ("csynth", "lut")
    }
    assert found["a"]["median_error_percent"] == pytest.approx(25, abs=4)
    assert found["d"]["median_error_percent"] == pytest.approx(23, abs=4)
    assert found["b"]["covered_percent"] == found["c"]["covered_percent"] == 100
    assert (tmp_path / "plot.png").stat().st_size > 10_000


ODD = {
    "symbols": {"layer_sizes": "16-n-5"},
    "empty sizes": {"layer_sizes": ""},
    "one size": {"layer_sizes": "16"},
    "zero inputs": {"layer_sizes": "0-5"},
    "huge": {"layer_sizes": "100000-100000"},
    "large": {"layer_sizes": "2000-2000", "strategy": "resource", "reuse_factor": "100000"},
    "reuse zero": {"reuse_factor": "0"},
    "reuse per layer": {"reuse_factor": "4;8"},
    "reuse asked and taken": {"reuse_factor": "512|1028"},
    "reuse text": {"reuse_factor": "many"},
    "bits per layer": {"weight_bits": "4;6", "layer_input_bits": "12;8", "layer_accum_bits": "16;20"},
    "too many values": {"weight_bits": "4;6;8", "w_nnz": "1;2;3;4"},
    "wide weights": {"weight_bits": "64"},
    "zero bits": {"weight_bits": "0", "layer_input_bits": "0"},
    "negative": {"weight_bits": "-4", "reuse_factor": "-1", "clock_target_ns": "-5"},
    "not finite": {"weight_bits": "nan", "reuse_factor": "inf", "clock_target_ns": "nan", "w_nnz": "inf"},
    "more zeros than weights": {"n_zeros": "99999", "n_mults": "10"},
    "all weights zero": {**dict.fromkeys(COUNTS, "0;0")},
    "counts of nothing": {**dict.fromkeys(COUNTS, "1e9")},
    "an unknown strategy": {"strategy": "fast"},
    "distributed arithmetic": {"strategy": "distributed_arithmetic"},
    "an unknown tool": {"tool": "quartus", "part_family": "agilex", "dsp_mode": "dsp?", "tool_version": "next"},
    "precisions": {"weight_precision": "ap_fixed<8,?>;ap_ufixed<6,0>", "input_precision": "float", "weight_bits": ""},
    "precisions too wide": {"weight_precision": "ap_fixed<9999,-800>", "accum_precision": "ap_fixed<0,0>"},
    "an activation": {"activation": "softsign"},
    "binary": {"weight_precision": "\x00\ufffd", "activation": "\u03b1;;"},
}


@pytest.mark.parametrize("flag", [[], ["--sparsity"], ["--no-weights"]])
def test_every_row_with_numbers_is_answered_and_none_ends_in_a_crash(benchmark, tmp_path, flag, capsys):
    usual = {"family": "odd", "layer_sizes": "16-32-5", "weight_bits": "8", "reuse_factor": "1", "strategy": "latency"}
    rows = [{"id": name, **usual, **cells} for name, cells in ODD.items()]
    path, out = tmp_path / "odd.csv", tmp_path / "out.csv"
    write(path, [dict(reversed(row.items())) for row in rows] + [rows[5]])
    path.write_text(path.read_text() + "short,row\n")
    benchmark.main(["--truth", str(path), "--predictions", str(out), *flag])
    assert f"{len(ODD) - 5} of {len(ODD) + 2} designs are foretold" in capsys.readouterr().out
    with open(out, newline="") as file:
        found = {row["id"]: row for row in csv.DictReader(file)}
    assert set(found) == set(ODD) - {"symbols", "empty sizes", "one size", "zero inputs", "huge"}
    for name, row in found.items():
        for column in COLUMNS.values():
            low, value, high = (float(row[column + end]) for end in ("_lo", "", "_hi"))
            assert 0 <= low <= value + 0.01 and value - 0.01 <= high < np.inf, (name, column)


def test_a_table_without_most_columns_is_read_and_one_that_is_none_is_refused(benchmark, tmp_path):
    path, out = tmp_path / "few.csv", tmp_path / "out.csv"
    path.write_text("layer_sizes\n16-32-5\n")
    benchmark.main(["--truth", str(path), "--predictions", str(out)])
    assert out.read_text().splitlines()[1].startswith("row2,")
    for text in ("", "a,b\n1,2\n"):
        path.write_text(text)
        with pytest.raises(DataError, match="truth: expected a table with a column layer_sizes and rows"):
            read_table(path)
    command = [sys.executable, ROOT / "benchmarks" / "estimator.py", "--truth", tmp_path / "none.csv"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr.startswith("error: truth: ") and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("cells", "density"),
    [
        ({"note": "default settings; pruned 75% model"}, 0.25),
        ({"weight_precision": "ap_fixed<6,1> (QKeras 6 bit, 60 % pruned)"}, 0.4),
        ({"note": "vsynth LUT <5% of csynth; pruning to a sparsity of 80%"}, 0.2),
        ({"note": "50% sparsity"}, 0.5),
        ({"weight_precision": "pruned 50%", "n_zeros": "192", "n_mults": "256"}, 0.25),
        ({"note": "the pruned one"}, 0.25),
        ({"note": "unpruned; 75% of the LUTs"}, None),
        ({"note": "pruned 300%"}, 0.0),
    ],
)
def test_sparsity_is_what_a_row_says_in_words_where_nothing_is_counted(cells, density):
    row = try_row({"layer_sizes": "16-16", "weight_bits": "16", **cells}, "weights")
    assert row.known == ("shape" if density is None else "sparsity")
    if density is not None:
        assert row.layers[0].nonzero == pytest.approx(density * 256)


def test_measured_figures_are_those_that_are_numbers():
    cells = {
        "csynth_lut": "12",
        "vsynth_lut": "7",
        "csynth_ff": "",
        "csynth_dsp": "-1",
        "ii": "nan",
        "latency_cycles": "x",
    }
    assert measured_figures(cells) == {"csynth_lut": 12, "lut": 7}
    assert set(COLUMNS) == set(FIGURES)


def test_failure_fit_finds_the_limit_that_builds_were_drawn_from():
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(1500):
        n_in, n_out = rng.integers(16, 200, 2)
        chance = any_fails([n_in * n_out], limit=5000, steepness=6, background=0.02)
        row = {"layer_sizes": f"{n_in}-{n_out}", "strategy": "latency", "tool": "vivado_hls", "family": "x"}
        rows.append({**row, "synth_ok": str(int(rng.random() > chance))})
    fitted = fit_failures(read_builds(rows))["vivado_hls"]
    assert fitted["limit"] == pytest.approx(5000, rel=0.07)
    assert fitted["steepness"] == pytest.approx(6, rel=0.3)


def test_failure_grows_with_unrolled_multiplications_and_is_not_known_where_none_were_built():
    def chance(shape, factor, strategy, tool):
        return failure_probability([expected_statistics(shape, (16, 8, 16, 16))], [factor], strategy, Toolchain(tool))

    sizes = [(16, 16), (32, 64), (64, 64), (128, 128), (512, 512)]
    chances = [chance(shape, 1, "latency", "vivado_hls") for shape in sizes]
    assert chances == sorted(chances) and chances[0] < 0.1 and chances[-1] > 0.99
    assert chance((512, 512), 512, "latency", "vivado_hls") > 0.99  # a reuse factor does not fold that strategy
    assert chance((512, 512), 512, "resource", "vivado_hls") < 0.1
    assert chance((64, 64), 1, "latency", "vitis_hls") < 0.1
    assert chance((512, 512), 1, "latency", "vitis_hls") is None
    assert chance((16, 16), 1, "distributed_arithmetic", "vitis_hls") is None


def test_clocks_are_as_likely_as_builds_like_them_reached_theirs_and_no_family_counts_for_more_than_three():
    usual = {"layer_sizes": "16-5", "tool": "vitis_hls", "part_family": "us+", "clock_target_ns": "5"}
    rows = [{**usual, "family": "many", "clock_est_ns": "4.2"}] * 90 + [
        {**usual, "family": "one", "clock_est_ns": "6.5"}
    ]
    fitted, toolchain = fit_clocks([*rows, {**rows[0], "clock_est_ns": "", "family": "none"}]), Toolchain("vitis_hls")
    chances = [clock_probability(toolchain, period, fitted=fitted) for period in (4.9, 5, 6, 6.5, 10)]
    assert chances == [
        None,
        *[pytest.approx((3 + 1) / (3 + 1 + 2), abs=1e-3)] * 2,
        *[pytest.approx(5 / 6, abs=1e-3)] * 2,
    ]
    assert clock_probability(Toolchain("vivado_hls"), 5, fitted=fitted) is None
    missed = Toolchain("vitis_hls", family="7series", dsp_mode="lut")
    assert re.search(
        r"5 ns are reached with a probability of \d+%: of \d+ builds like it .* missed", clock_note(missed, 5)
    )


def test_familiar_names_the_nearest_family_and_what_is_outside_of_it():
    layers = [expected_statistics(shape, (16, 8, 16, 16)) for shape in ((64, 32),)]
    seen = nearest_family(layers, [1], "latency", Toolchain("vivado_hls", "2020.1", "us+"))
    assert seen.is_inside and "wa1_latency" in seen.family
    wide = [expected_statistics((4096, 32), (16, 8, 16, 16), activation="tanh")]
    other = nearest_family(wide, [1], "latency", Toolchain("vitis_hls", "2024.1", "7series"))
    assert not other.is_inside
    assert "4,096 inputs of a layer where it has" in other.why and "activation tanh" in other.why
