"""Rows as other tables may hold them: whatever stands in a cell, the answer is a design that could exist."""

from math import inf, isfinite

import numpy as np
import pytest

from codesign.fpga.estimate.fit.measured import predict_intervals, predict_row, try_row
from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.toolchain import Toolchain

CELLS = {
    "activation": ["relu", "tanh", "elu", "relu;tanh;sigmoid", "hard_sigmoid", "activ", "", "unrecorded", "Softmax"],
    "weight_bits": ["", "1", "2", "6", "12", "18", "27", "64", "6;8;4", "6.0", "ap_fixed<6,1>"],
    "weight_precision": [
        "", "ap_fixed<16,6>", "ap_fixed<8,3,AP_RND,AP_SAT>", "ap_ufixed<4,0>", "fixed<4,?>",
        "ap_fixed<7,1>;ap_fixed<5,0>",
        "ap_int<8>", "float", "binary", "QKeras 4 bit", "HGQ", "quantized_bits(6,0,alpha=1)",
        "pruned 80%", "ap_fixed<2,-1>",
    ],
    "input_precision": ["", "ap_ufixed<8,0>", "ap_fixed<14,6,AP_RND,AP_SAT>", "float"],
    "layer_input_bits": ["", "16;6;6", "8", "3;4;5;6;7"],
    "accum_precision": ["", "ap_fixed<27,12>;ap_fixed<19,8>", "auto", "fixed<12,?>"],
    "layer_accum_bits": ["", "27;19;18;18", "33"],
    "reuse_factor": ["", "1", "2", "7.0", "64", "1000", "4093", "250000", "1;2;4;8", "512|1028", "4/8", "0", "auto"],
    "strategy": ["latency", "resource", "resource_2019", "Resource", "DA", "unrolled", "", "?"],
    "io_type": ["io_parallel", "io_stream", ""],
    "tool": ["vivado_hls", "vitis_hls", "Vitis", "quartus", "oneapi", ""],
    "tool_version": ["", "2018.2", "2020.1", "2023.2", "v2022.2", "latest"],
    "part_family": ["7series", "us+", "us", "", "versal", "artix7"],
    "part": ["", "xc7z020-clg400-1", "xcvu13p-flga2577-2-e", "xcku115-flvb2104-2-i", "pynq-z2"],
    "clock_target_ns": ["", "1", "2.5", "3.33", "5", "10", "100", "0"],
    "n_zeros": ["", "100", "0;5;2"],
    "n_mults": ["", "4256"],
    "dsp_mode": ["", "dsp", "lut", "auto"],
    "note": ["", "pruned 50%", "QKeras"],
    "layer_sizes": ["1-1", "16-64-32-32-5", "561-20-64-6", "784-128-10", "10-5-3-2", "1-64?", "16 - 32 - 5", "57-32-1"],
}  # fmt: skip


def drawn_rows(seed: int, count: int) -> list[dict[str, str]]:
    rng = np.random.default_rng(seed)
    return [{column: str(rng.choice(cells)) for column, cells in CELLS.items()} for _ in range(count)]


@pytest.mark.parametrize("known", ["weights", "shape"])
def test_whatever_stands_in_a_row_its_design_could_exist(known):
    half_widths = fitted_numbers()["half_widths"]
    for cells in drawn_rows(0, 250):
        row = try_row(cells, known)
        assert row is not None, cells
        found, intervals = predict_intervals(row, half_widths)
        for name, value in found.items():
            assert 0 <= value < inf and isfinite(value), (name, cells)
        for name, (low, high) in intervals.items():
            assert 0 <= low <= found[name] + 0.01 and found[name] - 0.01 <= high < inf, (name, cells)
        assert 1 <= found["initiation_interval"] <= found["latency_cycles"] + 1, cells
        products = 4 * sum(layer.n_weights for layer in row.layers) + sum(layer.n_out for layer in row.layers)
        assert found["csynth_dsp"] <= products, cells  # four blocks at most for the widths that are drawn


def counts_of(rng: np.random.Generator, nonzero: int) -> dict[str, str]:
    digits = rng.multinomial(nonzero, [0.3, 0.4, 0.3])
    found = {"nnz": nonzero, "pow2": digits[0], "c3": digits[2], "umul": digits[2], "wmax": 7}
    return {f"w_{name}": str(value) for name, value in found.items()}


def test_more_weights_never_cost_less():
    rng = np.random.default_rng(1)
    for cells in drawn_rows(2, 60):
        cells = {**cells, "layer_sizes": "24-32", "strategy": "latency", "reuse_factor": "1"}
        found = [
            predict_row(try_row({**cells, **counts_of(rng, nonzero)}, "weights"))[0] for nonzero in (60, 180, 540, 768)
        ]
        for name in ("csynth_lut", "csynth_dsp", "latency_cycles"):
            values = [one[name] for one in found]
            assert values == sorted(values), (name, values, cells)


def test_a_larger_reuse_factor_takes_no_more_multipliers_and_no_less_time():
    for strategy in ("latency", "resource", "resource_2019"):
        cells = {"layer_sizes": "32-32-8", "weight_bits": "12", "strategy": strategy}
        found = [predict_row(try_row({**cells, "reuse_factor": str(r)}, "shape"))[0] for r in (2, 4, 16, 32)]
        for name, sign in (("csynth_dsp", -1), ("initiation_interval", 1)):
            values = [sign * one[name] for one in found]
            assert values == sorted(values), (strategy, name)


def test_streams_cost_cycles_and_registers_beside_the_same_layers_in_parallel():
    cells = {"layer_sizes": "16-64-5", "weight_bits": "8", "activation": "relu", "tool": "vitis_hls"}
    parallel, stream = (
        predict_row(try_row({**cells, "io_type": io}, "shape"))[0] for io in ("io_parallel", "io_stream")
    )
    assert stream["latency_cycles"] > parallel["latency_cycles"] and stream["initiation_interval"] > 1
    assert stream["csynth_ff"] > parallel["csynth_ff"] and stream["csynth_lut"] == parallel["csynth_lut"]


@pytest.mark.parametrize(
    ("cells", "toolchain"),
    [
        ({"tool": "Vitis HLS", "tool_version": "v2023.2"}, Toolchain("vitis_hls", "v2023.2")),
        ({"tool_version": "2021.1"}, Toolchain("vitis_hls", "2021.1")),
        ({"tool_version": "2020.1", "part_family": "zynq", "part": "xc7z020-clg400-1"},
         Toolchain("vivado_hls", "2020.1", "7series", speed_grade=1)),
    ],
)  # fmt: skip
def test_a_compiler_is_known_by_its_name_in_any_letters_or_by_its_year(cells, toolchain):
    found = try_row({"layer_sizes": "16-5", **cells}, "shape").toolchain
    assert found == toolchain and (not toolchain.version or found.year == int(toolchain.version.strip("v")[:4]))


@pytest.mark.parametrize(
    ("cells", "bits"),
    [
        ({"weight_precision": "ap_int<9>"}, 9),
        ({"weight_precision": "quantized_bits(5,0,alpha=1)"}, 5),
        ({"weight_precision": "4-bit"}, 4),
        ({"weight_precision": "ap_ufixed<3,0,AP_RND>"}, 3),
        ({"weight_precision": "float"}, 16),
        ({"note": "QKeras model"}, 7),
    ],
)
def test_widths_are_read_from_the_words_that_tables_use(cells, bits):
    assert try_row({"layer_sizes": "16-5", **cells}, "shape").layers[0].weight_width == bits
