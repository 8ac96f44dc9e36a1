import numpy as np
import pytest

from codesign.fpga.rtl.circuits import check_circuit, trace_circuit
from codesign.fpga.rtl.luts.circuit import traced
from codesign.fpga.rtl.luts.cost import table_cost
from codesign.fpga.rtl.luts.evaluate import evaluate
from codesign.fpga.rtl.luts.graph import TableGraph
from codesign.fpga.rtl.luts.heap import add_up
from codesign.fpga.rtl.luts.netlist import Netlist
from codesign.fpga.rtl.luts.offset import with_cheapest_offset
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import pipeline_shape, write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import Activation, Bit, Minimum, SegmentSum, Table, Threshold
from tests.random_designs import graph_events, quantised_graph
from tests.random_graphs import RandomGraph
from tests.random_tables import BYTE, WORD, events, trees


@pytest.mark.parametrize("precision", [BYTE, FixedPoint(7, 3), FixedPoint(12, 12), FixedPoint(5, 5, signed=False)])
def test_every_comparison_with_a_constant(precision):
    low, high = precision.code_low, precision.code_high
    values = np.unique(np.concatenate([np.arange(low + 1, high + 1, max(1, (high - low) // 300)), [low + 1, 0, high]]))
    values = values[values > low] * 2.0**-precision.fraction
    network = Network(
        [Node("keys", Threshold(np.zeros(len(values)), values), ["x"])], [Input("x", (1,), precision)], ["keys"]
    )
    x = np.arange(low, high + 1)[:, np.newaxis] * 2.0**-precision.fraction
    assert np.array_equal(TableGraph.of(network).predict(x), network.emulate(x))


@pytest.mark.parametrize(
    ("codes", "lut"), [([128], 0), ([96], 1), ([96, 224], 1), ([8, 120, 248], 2), ([4], 1), ([4, 12], 2), ([1, 255], 2)]
)
def test_what_keys_cost(codes, lut):
    keys = Node("keys", Threshold(np.zeros(len(codes)), np.array(codes, float)), ["x"])
    assert table_cost(Network([keys], [Input("x", (1,), BYTE)], ["keys"])).lut == lut


@pytest.mark.parametrize("seed", range(12))
def test_sums_of_columns(seed):
    rng = np.random.default_rng(seed)
    netlist, n = Netlist(int(rng.integers(1, 6))), int(rng.integers(1, 9))
    heights = rng.integers(0, 14, n)
    wires = [netlist.wire(0, i, int(rng.integers(0, 3))) for i in range(heights.sum())]
    literals = [wire ^ int(rng.random() < 0.3) if rng.random() < 0.9 else int(rng.integers(2)) for wire in wires]
    columns = [[literals.pop() for _ in range(height)] for height in heights]
    bits = rng.random((200, len(wires))) < 0.5
    expected = sum(evaluate(netlist, [bits], column).sum(1) << place for place, column in enumerate(columns) if column)
    found = evaluate(netlist, [bits], add_up(netlist, [list(column) for column in columns]))
    assert np.array_equal((found << np.arange(n)).sum(1), expected % 2**n)


def test_random_tables_on_tables_equal_the_emulation():
    kinds, built = ("threshold", "bit", "table", "segments", "concatenate", "slice", "segments"), set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        graph = RandomGraph(rng, kinds=kinds)
        for kind in ["dense"] * (seed % 2) + ["table", *rng.choice(kinds, 7)]:
            graph.grow(str(kind))
        network = graph.build()
        x = graph_events(rng, network)
        network = quantised_graph(rng, network, x)
        check_circuit(network)
        circuit = trace_circuit(network)
        assert np.array_equal(circuit.predict(x), network.emulate(x)), seed
        built.add((type(circuit).__name__, getattr(circuit, "front", None) is None))
    assert built == {("TableGraph", True), ("TableGraph", False), ("AdderGraph", True)}


@pytest.mark.parametrize("dense", [0, 2])
@pytest.mark.parametrize("precision", [BYTE, WORD], ids=str)
def test_forests_cell_by_cell_and_what_they_cost(precision, dense):
    rng = np.random.default_rng(int(precision.width) + dense)
    network = trees(rng, 25, precision=precision, dense=dense)
    x = events(rng, network)
    graph = trace_circuit(network)
    assert isinstance(graph, TableGraph)
    assert np.array_equal(graph.predict(x), network.emulate(x))
    luts = {graph.at(levels).lut for levels in (1, 3, 5)}
    assert max(luts) - min(luts) < 0.05 * min(luts)
    latencies = [pipeline_shape(graph, levels).latency_cycles for levels in (1, 3, 5)]
    assert latencies[0] == max(latencies)
    if not dense:
        cost = table_cost(network)
        assert cost.lut == cost.keys + cost.tables + cost.sums == graph.adder_cost


PARTS = ["xcvu13p-flga2577-2-e", "xc7k325t-ffg900-2", "10CX220YF780E5G"]


@pytest.mark.slow
@pytest.mark.parametrize(("part", "dense"), [(PARTS[0], 2), *((part, 0) for part in PARTS)])
def test_verilog_is_the_emulation_and_yosys_counts_what_was_foretold(part, dense, tmp_path):
    pytest.importorskip("da4ml")
    rng = np.random.default_rng(3)
    network = trees(rng, 12, dense=dense)
    x, graph = events(rng, network, 1000), trace_circuit(network)
    project = write_verilog(graph, tmp_path, adder_levels_per_stage=3, part=part)
    run = simulate(project, x)
    assert np.array_equal(run.outputs, network.emulate(x))
    assert run.latency_cycles == project.latency_cycles == pipeline_shape(graph, 3).latency_cycles
    if part in PARTS[:2]:
        assert synthesize_verilog(project).lut == pytest.approx(graph.lut(1.05), rel=0.05)


def test_the_smaller_of_a_clipped_value_and_a_constant():
    """da4ml keeps what is clipped from above as a negative value."""
    nodes = [
        Node("clipped", Activation("relu", max_value=6.0), ["x"]),
        Node("always", Table([[]], [[4.0]]), ["keys"]),
        Node("keys", Threshold([0], [1.0]), ["x"]),
        Node("least", Minimum(), ["clipped", "always"]),
    ]
    network = Network(nodes, [Input("x", (1,), FixedPoint(6, 5))], ["least"])
    x = np.arange(-32, 32)[:, np.newaxis] / 2
    assert np.array_equal(trace_circuit(network).predict(x), network.emulate(x))


def test_a_bit_of_a_segment_sum_is_taken_where_it_lies():
    nodes = [
        Node("keys", Bit([0, 0, 0], [1.0, 2.0, 4.0]), ["x"]),
        Node("tables", Table([[0, 1], [2]], [[0.0, 1.0, 2.0, 3.0], [0.0, -4.0]]), ["keys"]),
        Node("sum", SegmentSum([0, 0], [0.0]), ["tables"]),
        Node("sign", Bit([0, 0], [1.0, 4.0]), ["sum"]),
    ]
    network = Network(nodes, [Input("x", (1,), BYTE)], ["sign"])
    x = np.arange(256)[:, np.newaxis]
    assert np.array_equal(trace_circuit(network).predict(x), network.emulate(x))
    assert traced(network, 4).lut <= 5


def test_a_common_constant_is_chosen_for_the_adders():
    rng = np.random.default_rng(8)
    network = trees(rng, 8)
    found, saved = with_cheapest_offset(network)
    assert saved >= 0
    assert table_cost(network).lut - table_cost(found).lut == saved
    x = events(rng, network)
    apart = found.emulate(x) - network.emulate(x)
    assert np.ptp(apart) == 0
    assert with_cheapest_offset(network, max_lut=1) == (network, 0)


def test_a_stage_holds_as_many_chains_as_its_levels():
    graph = trace_circuit(trees(np.random.default_rng(2), 30))
    latencies = [graph.at(levels).latency_cycles for levels in (2, 4, 8, 40)]
    assert latencies == sorted(latencies, reverse=True)
    assert latencies[-1] == 1 < latencies[0]
    for levels in (2, 4, 8):
        assert graph.at(levels).latency_cycles <= -(-graph.at(levels).levels // levels) + 1
