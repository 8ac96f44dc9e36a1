"""The blocks of report.json against plain loops, scikit-learn and the estimate."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from codesign.cpu import Timing
from codesign.errors import AgreementError, ConfigError, DataError, UnsupportedLayerError
from codesign.fpga import Design, estimate
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.metrics import find_metric, margins, roc_curve, working_point
from codesign.report import blocks
from codesign.report.blocks import cpu
from tests.random_designs import random_design
from tests.random_graphs import KINDS
from tests.random_networks import random_network


def events(seed, n=400, n_classes=3):
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n)
    outputs = np.round(rng.normal(size=(n, n_classes)) * 4 + 6 * np.eye(n_classes)[y]) / 4  # ties, as integers have
    return outputs, y, rng.uniform(0, 2, n)


@pytest.mark.parametrize("weighted", [False, True])
def test_curves_are_those_of_the_metrics_and_working_points_lie_on_them(weighted):
    outputs, y, weights = events(1)
    weights = weights if weighted else None
    block = blocks.roc_block(outputs, y, ["a", "b", "c"], weights=weights)
    for label, curve in enumerate(block["curves"]):
        exact = roc_curve(margins(outputs, label), y == label, weights)
        assert len(curve["thresholds"]) == len(curve["efficiency"]) == len(exact.thresholds) < 120
        np.testing.assert_allclose(curve["efficiency"], exact.efficiency, rtol=1e-5)
        np.testing.assert_allclose(curve["background_rate_error"], exact.background_rate_error, rtol=1e-5)
        point = working_point(outputs, y, 0.1, label=label, weights=weights)
        place = curve["thresholds"].index(point.threshold)
        assert curve["efficiency"][place] == pytest.approx(point.efficiency.value, rel=1e-5)
        assert curve["auc"] == find_metric(f"auc[{label}]").evaluate(outputs, y, weights).as_dict()


def test_two_classes_have_one_curve_and_a_class_without_events_none():
    outputs, y, weights = events(3, n_classes=2)
    for scores in (outputs[:, 1], outputs[:, 1:], outputs):
        assert [c["class"] for c in blocks.roc_block(scores, y, ["bg", "sig"])["curves"]] == ["sig"]
    assert blocks.roc_block(outputs, np.zeros(len(y)), ["bg", "sig"])["curves"] == []
    assert blocks.roc_block(outputs, y, ["bg", "sig"], weights=weights * (y == 0))["curves"] == []
    with pytest.raises(DataError, match=r"outputs: expected \(400, 3\)"):
        blocks.roc_block(outputs, y, ["a", "b", "c"])
    with pytest.raises(DataError, match=r"outputs: expected \(399, 2\)"):
        blocks.roc_block(outputs, y[:-1], ["a", "b"])


def test_confusion_is_scikit_learns():
    outputs, y, weights = events(4)
    decided = outputs.argmax(1)
    assert blocks.confusion_block(decided, y, ["a", "b", "c"])["counts"] == confusion_matrix(y, decided).tolist()
    weighted = blocks.confusion_block(decided, y, ["a", "b", "c"], weights=weights)["counts"]
    np.testing.assert_allclose(weighted, confusion_matrix(y, decided, sample_weight=weights))
    with pytest.raises(DataError, match="y: expected 0 to 1"):
        blocks.confusion_block(np.zeros_like(y), y, ["a", "b"])


@pytest.mark.parametrize("step", [0.0, 2.0**-6, 0.25, 1.0, 40.0])
def test_histograms_hold_every_event_and_rounding_makes_no_pattern(step):
    rng = np.random.default_rng(5)
    trained = rng.normal(size=(5000, 2)) * (1, 7)
    built = np.round(trained / step) * step if step else trained
    block = blocks.histogram_block(trained, built, ("a", "b"))
    for one, values in zip(block["histograms"], built.T):
        assert sum(one["float"]) == sum(one["built"]) == block["events"] == 5000
        assert len(one["edges"]) == len(one["built"]) + 1 <= 50 and np.all(np.diff(one["edges"]) > 0)
        width = one["edges"][1] - one["edges"][0]
        if step > width / 8 and len(np.unique(values)) > 1:
            assert width / step == pytest.approx(round(width / step), rel=1e-4)


def test_residuals_and_bad_shapes():
    block = blocks.residual_block([1.0, 2.0], [1.0, 3.0], [0.0, 0.0], ["pt"])
    assert block["histograms"][0]["name"] == "pt" and block["histograms"][0]["largest_difference"] == 1.0
    with pytest.raises(DataError, match="built: expected events and outputs of trained"):
        blocks.histogram_block(np.zeros((3, 2)), np.zeros((3, 1)), ("a", "b"))
    with pytest.raises(DataError, match="names: expected one for each of 2"):
        blocks.histogram_block(np.zeros((3, 2)), np.zeros((3, 2)), ("a",))
    with pytest.raises(DataError, match="y: expected a target"):
        blocks.residual_block([1.0], [1.0], [1.0, 2.0], ["pt"])


@pytest.mark.parametrize("seed", range(6))
def test_layers_sum_to_the_estimate_and_end_when_it_says(seed):
    network = (
        random_design(seed, kinds=KINDS)[0] if seed % 2 else random_network(np.random.default_rng(seed), (6, 5, 4))
    )
    designs = [Design(network, "unrolled", adder_levels_per_stage=2), Design(network, "hls4ml-latency")]
    for design in designs:
        whole, found = estimate(design), blocks.schedule_blocks(design)
        assert sum(row["lut"] for row in found["layers"]) == pytest.approx(whole.lut, abs=len(found["layers"]))
        last = max((row["end_cycle"] for row in found["stages"]), default=0)
        assert last <= whole.latency_cycles + 1e-3
        if network.is_chain or design.implementation == "unrolled":  # else the slowest tables may be on another way
            assert whole.latency_cycles - 1 <= last + 1e-3
        assert all(row["start_cycle"] <= row["end_cycle"] for row in found["stages"])


@pytest.mark.parametrize(("implementation", "n_prices"), [("hls4ml-resource", 1), ("hls4ml-latency", 2)])
def test_folded_and_shared_layers_of_each_compiler(implementation, n_prices):
    """By each back end's own compiler: the latency strategy's prices differ."""
    network = random_network(np.random.default_rng(7), (8, 8, 4), per_element=False, explicit_types=False)
    design = Design(network, implementation, reuse_factor=4, part="xc7z020clg400-1")
    luts = set()
    for toolchain in (None, *(Toolchain.of(design.part, backend) for backend in ("Vitis", "Vivado"))):
        whole, found = estimate(design, toolchain=toolchain), blocks.schedule_blocks(design, toolchain=toolchain)
        luts.add((whole.lut, whole.ff, whole.latency_cycles))
        assert sum(row["lut"] for row in found["layers"]) == pytest.approx(whole.lut, abs=2)
        assert found["stages"][-1]["end_cycle"] == whole.latency_cycles
    assert len(luts) == n_prices


def test_inputs_say_what_is_sent_used_and_saved():
    network = random_network(np.random.default_rng(8), (4, 3, 2), per_element=True, roundings=("TRN",))
    design = Design(network)
    rows = blocks.inputs_block(design, ["a", "b", "c", "d"])
    widths = np.broadcast_to(network.input_precision.width, 4)
    used = (network.layers[0].kernel[:, (network.layers[1].kernel != 0).any(1)] != 0).any(1)
    assert [row["bits_used"] for row in rows] == (widths * used).tolist()
    assert [row["bits_sent"] for row in rows] == widths.tolist()
    assert all(row["low"] <= 0 <= row["high"] for row in rows)
    assert any(row["last_bit_lut"] for row in rows)
    with pytest.raises(ConfigError, match="features: expected 4"):
        blocks.inputs_block(design, ["a", "b", "c"])


@pytest.mark.slow
def test_cpu_times_are_measured():
    network = random_network(np.random.default_rng(9), (4, 3, 2))
    (rows,) = blocks.cpu_block({"a": network}, runtimes=("json", "nothing"), batches=(1,)).values()
    assert [(row["runtime"], row["batch"]) for row in rows] == [("json", 1)] and rows[0]["ns_per_event"] > 0


def test_a_runtime_that_cannot_is_left_out_and_one_that_lies_is_an_error(monkeypatch):
    error = UnsupportedLayerError

    def timed(networks, *, runtimes, batches, **_):
        if runtimes == ["json"]:
            raise error("no")
        return [Timing(*networks, runtimes[0], "C++", one, 1, *[2.0] * 5, 0.0, 7) for one in batches]

    monkeypatch.setattr(cpu, "time_networks", timed)
    monkeypatch.setattr(cpu, "all_runtimes", lambda: {"cpp": "", "json": "", "litert": "missing"})
    found = blocks.cpu_block({"a": 1, "b": 2}, runtimes=("json", "cpp", "litert"), batches=(1, 10))
    assert {name: [(row["runtime"], row["batch"]) for row in rows] for name, rows in found.items()} == {
        "a": [("cpp", 1), ("cpp", 10)],
        "b": [("cpp", 1), ("cpp", 10)],
    }
    error = AgreementError
    with pytest.raises(AgreementError):
        blocks.cpu_block({"a": 1}, runtimes=("json",))
