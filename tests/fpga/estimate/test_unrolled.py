"""The estimate of unrolled designs counts bits of additions, stage by stage, and keeps to what the layers add up to."""

import itertools

import numpy as np
import pytest

from codesign.fpga import Design, estimate
from codesign.fpga.estimate.adder_counts import AdderCounts, adder_counts
from codesign.fpga.estimate.by_layer import estimate_layers
from codesign.fpga.estimate.heaviest import layer_notes
from codesign.fpga.estimate.joined_sums import Row, Term, _full_adder, _rows
from codesign.fpga.estimate.unrolled import AdderPrices
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network, Node
from codesign.network.ops import Threshold
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
    assert adder_counts(weighted_sum(*weights), 4) == AdderCounts(carries=bits)


def test_sums_are_joined_within_a_stage_and_not_across_registers():
    graph = weighted_sum(1, 1, 1, 1)
    together, apart = adder_counts(graph, 4), adder_counts(graph, 1)
    assert apart == AdderCounts(carries=4 + 4 + 5)
    assert together.full_adders > 0 and together.carries < apart.carries


def ternary(bits):
    """Columns of a row: None may change."""
    live = sum(1 << i for i, bit in enumerate(bits) if bit is None)
    return Row(live, sum(1 << i for i, bit in enumerate(bits) if bit))


def test_a_row_of_full_adders_knows_which_columns_are_constant():
    for bits in itertools.product((None, 0, 1), repeat=3):
        live, sums, carries = _full_adder([ternary([bit]) for bit in bits], [], 0b11)
        totals = [sum(values) for values in itertools.product(*((0, 1) if bit is None else (bit,) for bit in bits))]
        for row, column, found in ((sums, 0, {one & 1 for one in totals}), (carries, 1, {one >> 1 for one in totals})):
            assert row.live >> column & 1 == (len(found) == 2)
            assert len(found) == 2 or row.ones >> column & 1 == found.pop()
        assert live == (bits.count(None) >= 2)


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_a_sum_hold_its_bits(seed):
    """Each bit of each term once, and the constants of subtractions: what the rows add up to is the sum."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(4, 12))
    terms = [
        Term(int(rng.integers(0, 3)), int(rng.integers(1, 6)), bool(rng.integers(2)), bool(rng.integers(2)))
        for _ in range(int(rng.integers(1, 7)))
    ]
    rows = _rows(terms, int(rng.integers(0, 16)), width)
    live = [sum(row.live >> column & 1 for row in rows) for column in range(width)]
    assert live == [sum(term.places(width) >> column & 1 for term in terms) for column in range(width)]
    assert all(row.live & row.ones == 0 for row in rows)
    filled = [row.live | row.ones for row in rows]
    assert all(above & ~below == 0 for below, above in itertools.pairwise(filled))


def test_equal_operations_are_built_once():
    types = LayerPrecision(FixedPoint(6, 3), FixedPoint(6, 3), output=FixedPoint(5, 4, signed=False))
    kernel = np.random.default_rng(3).integers(-8, 8, (4, 1)) / 4

    def graph(units):
        layer = DenseLayer("dense", np.repeat(kernel, units, 1), np.full(units, 0.5), "relu", types)
        return trace_circuit(Network.chain((layer,), FixedPoint(5, 3)))

    for levels in (1, 3):
        assert adder_counts(graph(3), levels) == adder_counts(graph(1), levels)


def test_a_front_of_additions_is_cut_into_stages_once(monkeypatch):
    import da4ml.trace

    cuts, cut = [], da4ml.trace.to_pipeline

    def counted(comb, levels, **options):
        cuts.append(levels)
        return cut(comb, levels, **options)

    monkeypatch.setattr(da4ml.trace, "to_pipeline", counted)
    rng = np.random.default_rng(0)
    types = LayerPrecision(FixedPoint(5, 2), FixedPoint(5, 2), output=FixedPoint(6, 4))
    dense = DenseLayer("dense", rng.normal(size=(3, 2)), np.zeros(2), "linear", types)
    plain = Network.chain((dense,), FixedPoint(5, 2))
    bits = Node("bits", Threshold([0, 1], [0.5, -1.0]), (plain.outputs[0],))
    tables = Network([*plain.nodes, bits], plain.inputs, ["bits"])
    for network in (plain, tables):
        cuts.clear()
        design = Design(network, adder_levels_per_stage=2)
        graph = trace_circuit(network)
        estimate(design, graph=graph)
        estimate_layers(design, graph=graph)
        assert len(cuts) == len(set(cuts)), network.outputs


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


@pytest.mark.parametrize(("activation", "width"), [("sigmoid", 8), ("tanh", 10)])
def test_tables_take_luts(activation, width):
    """Those of a steeper function, most of whose entries are alike, fewer."""
    found = []
    for scale in (0.25, 4.0):
        types = LayerPrecision(FixedPoint(8, 4), FixedPoint(8, 4), output=FixedPoint(width, 2))
        layer = DenseLayer("table", [[scale]], [0.0], activation, types)
        graph = trace_circuit(Network.chain((layer,), FixedPoint(8, 4)))
        found.append(adder_counts(graph, 2).blocks)
    assert found[0] > found[1] > 0
