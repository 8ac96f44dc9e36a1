import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import ReportError, ToolError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.pins import Interface
from codesign.fpga.rtl.top import write_top
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import count_cells, parse_stat, synthesize_verilog, yosys_family
from codesign.network import DenseLayer, Network, quantize_network
from codesign.tools.find import find_tool
from codesign.tools.run import run_tool
from tests.random_networks import random_events, random_network
from tests.random_tables import events, trees

needs_yosys = pytest.mark.skipif(find_tool("yosys").path is None, reason="needs yosys")

# What Yosys 0.70 counted in a 6-15-1 network of 6-bit weights, three stages.
CELLS = {
    "$scopeinfo": 177, "BUFG": 1, "CARRY4": 337, "FDRE": 277, "FDSE": 8, "IBUF": 49, "INV": 33,
    "LUT2": 761, "LUT3": 274, "LUT4": 187, "LUT5": 264, "LUT6": 121, "MUXF7": 2, "MUXF8": 1, "OBUF": 17,
}  # fmt: skip
STAT = json.dumps(
    {"creator": "Yosys 0.70", "modules": {"\\net_top": {}}, "design": {"num_cells": 2509, "num_cells_by_type": CELLS}}
)


@pytest.fixture
def project(tmp_path):
    pytest.importorskip("da4ml")
    rng = np.random.default_rng(0)
    layers = (
        DenseLayer("hidden", rng.normal(size=(4, 3)), rng.normal(size=3), "relu"),
        DenseLayer("out", rng.normal(size=(3, 2)), rng.normal(size=2)),
    )
    network = quantize_network(Network.chain(layers), rng.normal(size=(100, 4)), weights=4, activations=4)
    return write_verilog(
        trace_adder_graph(network), tmp_path, name="tiny", adder_levels_per_stage=3, clock_period_ns=4.0
    )


def test_inverters_multiplexers_and_buffers_are_no_luts():
    assert parse_stat(STAT) == {"lut": 1607, "ff": 285, "dsp": 0, "bram_18k": 0, "uram": 0}


def test_lines_before_the_report_are_skipped():
    assert parse_stat(f"12. Printing statistics.\n\n{STAT}")["lut"] == 1607


def test_large_blocks_count_by_18_kb_and_memories_by_their_luts():
    cells = {"RAMB36E2": 2, "RAMB18E2": 1, "DSP48E2": 3, "URAM288": 4, "SRL16E": 5, "RAM64M": 1}
    assert count_cells(cells) == {"lut": 9, "ff": 0, "dsp": 3, "bram_18k": 5, "uram": 4}


@pytest.mark.parametrize(
    "text", [STAT[:-20], "", "{}", "[]", '{"design": {"num_cells_by_type": [1]}}', "ERROR: no such file"]
)
def test_truncated_report_is_an_error(text):
    with pytest.raises(ReportError, match="expected what 'stat -json' prints"):
        parse_stat(text)


def test_unmapped_cells_are_an_error():
    with pytest.raises(ReportError, match=r"Received: \$add"):
        count_cells({"$add": 4, "LUT2": 1})


@pytest.mark.parametrize(
    ("part", "family"),
    [
        ("xcvu13p-flga2577-2-e", "xcup"),
        ("xczu9eg-ffvb1156-2-e", "xcup"),
        ("xcu250-figd2104-2L-e", "xcup"),
        ("xcku115-flvb2104-2-i", "xcu"),
        ("xcku5p-ffvb676-2-e", "xcup"),
        ("xc7vx690tffg1927-2", "xc7"),
    ],
)
def test_family_of_a_part(part, family):
    assert yosys_family(part) == family


@needs_yosys
def test_synthesis_fills_the_report(project):
    project = write_top(project, Interface.of(project.graph.network), "tiny")
    report = synthesize_verilog(project)
    assert (report.source, report.tool, report.part) == ("yosys", "Yosys", "xcvu13p-flga2577-2-e")
    assert report.tool_version == find_tool("yosys").version
    assert 0.7 * project.graph.adder_cost < report.lut < 1.3 * project.graph.adder_cost
    assert 0 < report.ff <= project.register_bits + project.latency_cycles + 1  # valid bits
    assert "-top tiny" in (project.directory / "yosys/synthesis.ys").read_text()
    assert (report.dsp, report.bram_18k) == (0, 0)
    assert report.sources == dict.fromkeys(("lut", "ff", "dsp", "bram_18k", "uram"), "yosys")
    assert report.latency_cycles is report.initiation_interval is report.clock_target_ns is report.latency_ns is None


def simulate_netlist(project, x):
    """What the synthesised netlist gives, by Yosys' models of AMD's cells."""
    folder, top = project.directory / "yosys", project.name
    more = f"""select {top}
write_verilog -noattr -selected ../../yosys/mapped.v
design -reset
read_verilog ../../yosys/mapped.v +/xilinx/cells_sim.v
hierarchy -check -top {top}
proc
flatten
opt_clean
select {top}
write_verilog -noattr -selected ../../yosys/netlist.v
"""
    (folder / "netlist.ys").write_text((folder / "synthesis.ys").read_text() + more)
    command = [*find_tool("yosys").command, "-s", "../../yosys/netlist.ys"]
    run_tool(command, cwd=folder / "../src/memfiles", log=folder / "netlist.log", timeout_s=300, name="yosys")
    return simulate(replace(project, sources=(Path("yosys/netlist.v"),)), x).outputs


@needs_yosys
@pytest.mark.slow
@pytest.mark.parametrize("part", ["xcvu13p-flga2577-2-e", "xc7k325t-ffg900-2"])
def test_cells_of_tables_are_those_of_the_part(part, tmp_path):
    rng = np.random.default_rng(4)
    network = trees(rng, 15, dense=1)
    x = events(rng, network, 1000)
    project = write_verilog(trace_circuit(network), tmp_path, part=part)
    assert synthesize_verilog(project).lut == pytest.approx(project.graph.lut(1.05), rel=0.05)
    np.testing.assert_array_equal(simulate_netlist(project, x), network.emulate(x))


@needs_yosys
@pytest.mark.slow
@pytest.mark.parametrize("mode", [{"per_element": True}, {"activations": ("tanh", "relu")}])
def test_netlist_keeps_the_bits(mode, tmp_path):
    rng = np.random.default_rng(3)
    network = random_network(rng, (5, 6, 5, 3), explicit_types=False, max_width=6, **mode)
    project = write_verilog(trace_adder_graph(network), tmp_path, adder_levels_per_stage=3)
    assert synthesize_verilog(project).lut > 0
    x = random_events(rng, network)
    assert np.array_equal(simulate_netlist(project, x), network.emulate(x))


@needs_yosys
def test_synthesis_out_of_time_is_one_line(project):
    with pytest.raises(ToolError, match="^yosys: not finished in 0.2 s;[^\n]*$"):
        synthesize_verilog(project, timeout_s=0.2)


@needs_yosys
@pytest.mark.slow
def test_failed_synthesis_says_why(project):
    with pytest.raises(ToolError, match="yosys: failed with status 1: ERROR: .*missing.v"):
        synthesize_verilog(replace(project, sources=(project.sources[0].with_name("missing.v"),)))


@needs_yosys
@pytest.mark.slow
def test_tables_become_luts(tmp_path):
    network = random_network(np.random.default_rng(0), (3, 3, 2), activations=("sigmoid",), explicit_types=False)
    report = synthesize_verilog(write_verilog(trace_adder_graph(network), tmp_path))
    assert report.lut > 0 and report.bram_18k == 0
