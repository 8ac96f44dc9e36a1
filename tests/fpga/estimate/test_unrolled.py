"""The estimate of unrolled designs counts bits of additions, stage by stage, and keeps to what the layers add up to."""

import numpy as np
import pytest

from codesign.fpga import Design, estimate
from codesign.fpga.estimate.adder_counts import AdderCounts, adder_counts
from codesign.fpga.estimate.by_layer import estimate_layers
from codesign.fpga.estimate.heaviest import layer_notes
from codesign.fpga.estimate.unrolled import AdderPrices
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network
from tests.random_networks import random_network


def weighted_sum(*weights, width=4):
    """One output, a sum of weighted inputs without a sign."""
    types = LayerPrecision(FixedPoint(8, 8), FixedPoint(8, 8))
    layer = DenseLayer("sum", np.array(weights, float)[:, None], [0.0], "linear", types)
    return trace_circuit(Network.chain((layer,), FixedPoint(width, width, signed=False)))


@pytest.mark.parametrize(
    ("weights", "bits"),
    [((1, 1), 4), ((1, 4), 2), ((1, 16), 0), ((8, 1), 1)],  # of 4 bits each: those in which both numbers have a bit
)
def test_an_addition_takes_a_lut_for_each_bit_that_both_numbers_have(weights, bits):
    assert adder_counts(weighted_sum(*weights), 4) == AdderCounts(sums=bits)


def test_sums_are_joined_within_a_stage_and_not_across_registers():
    graph = weighted_sum(1, 1, 1, 1)
    together, apart = adder_counts(graph, 4), adder_counts(graph, 1)
    assert together.sums == apart.sums == 4 + 4 + 5
    assert together.joined > 0 == apart.joined


def test_layers_add_up_to_the_design_and_the_interval_holds_it():
    rng = np.random.default_rng(5)
    for _ in range(12):
        design = Design(random_network(rng, explicit_types=False), adder_levels_per_stage=int(rng.integers(1, 5)))
        report = estimate(design)
        assert sum(one.lut for one in estimate_layers(design)) == pytest.approx(report.lut, abs=0.6)
        low, high = report.intervals["lut"]
        assert 0 <= low <= report.lut <= high and report.intervals["ff"][1] == report.ff
        graph = trace_circuit(design.network)
        assert report.lut == round(AdderPrices().lut(adder_counts(graph, design.adder_levels_per_stage)))


def test_the_layer_that_takes_most_is_named():
    types = LayerPrecision(FixedPoint(6, 2), FixedPoint(6, 2), output=FixedPoint(6, 3))
    rng = np.random.default_rng(0)
    shapes = {"small": (4, 2), "large": (2, 20)}
    layers = [DenseLayer(name, rng.normal(size=n), np.zeros(n[1]), "relu", types) for name, n in shapes.items()]
    network = Network.chain(layers, FixedPoint(6, 3))
    for implementation in ("hls4ml-latency", "unrolled"):
        assert layer_notes(Design(network, implementation), "lut")[0].startswith("large takes most of its LUTs")
    assert layer_notes(Design(network), None) == layer_notes(Design(network), "min_accuracy") == ()
