"""The hand-over of the Verilog: the top module, simulated and run through its own test bench, and the scripts."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from codesign.data import Words
from codesign.fpga.design.report import RESOURCES
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.pins import Interface
from codesign.fpga.rtl.scripts import MADE, write_scripts
from codesign.fpga.rtl.testbench import write_testbench
from codesign.fpga.rtl.top import write_top
from codesign.fpga.rtl.vectors import Vectors
from codesign.fpga.rtl.verilator import compile_verilog, simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.network import DenseLayer, FixedPoint, Network, quantize_network
from codesign.report import parse_report
from codesign.tools.find import find_tool
from tests.random_networks import random_events, random_network

pytest.importorskip("da4ml")
needs_verilator = pytest.mark.skipif(
    not (find_tool("verilator").path and find_tool("g++").path), reason="needs Verilator and g++"
)
HOSTILE = [
    "clk",
    "reg",
    "x",
    "a b",
    'a"b\\',
    "`define",
    "*/ endmodule",
    "verilator lint_off",
    "φ",
    "",
    "translate_off\n",
    "A_b",
]


def handed_over(network, x, folder, *, names=(), words=None, part="xcvu13p-flga2577-2-e"):
    core = write_verilog(trace_adder_graph(network), folder, name="jet", clock_period_ns=2.5, part=part)
    rtl = write_top(core, Interface.of(network, names, (), words), "jet")
    write_testbench(rtl, Vectors.of(rtl.interface, x))
    write_scripts(rtl)
    return rtl


def raw_words(n_inputs, rng):
    """Words of several widths and signs, and a network that uses some of their bits, in one chain."""
    width, signed = rng.integers(6, 13, n_inputs), rng.random(n_inputs) < 0.5
    fraction = rng.integers(2, 6, n_inputs)
    names, zeros = [f"f{i}" for i in range(n_inputs)], np.zeros(n_inputs)
    words = Words(names, width, signed, np.full(n_inputs, 0.1), fraction, zeros, zeros, 300)
    used = rng.integers(2, width + 1)
    used[-1] = 0  # nothing of the last is needed
    precision = FixedPoint(used, np.where(used, width - fraction, 0), signed)
    layers = [DenseLayer("a", rng.normal(size=(n_inputs, 3)), rng.normal(size=3), "relu")]
    layers.append(DenseLayer("b", rng.normal(size=(3, 2)), rng.normal(size=2)))
    sent = rng.integers(np.where(signed, -(2 ** (width - 1)), 0), 2 ** (width - signed), (300, n_inputs))
    x = sent * np.exp2(-fraction.astype(float))
    plain = quantize_network(Network.chain(layers), x, weights=5, activations=6)
    return words, Network.chain(plain.layers, precision), x


@pytest.fixture(scope="module")
def rtl(tmp_path_factory):
    rng = np.random.default_rng(0)
    words, network, x = raw_words(len(HOSTILE), rng)
    return handed_over(network, x, tmp_path_factory.mktemp("rtl"), names=HOSTILE, words=words), x


def run_testbench(project, folder, sources=None):
    """Compile the test bench with the sources of a project, return a function that runs it on the files in a folder."""
    program = folder / "simulation"
    files = [project.directory / source for source in sources or project.sources]
    bench = project.directory / f"testbench/{project.top}_tb.sv"
    options = ("--cc", "--main", "--timing", "--top-module", f"{project.top}_tb")
    compile_verilog([*files, bench], folder / "build", program, options=options)

    def run():
        place = folder / "run"
        place.mkdir(exist_ok=True)
        for file in (*project.directory.glob("testbench/*.hex"), *project.directory.glob("src/memfiles/*")):
            if not (place / file.name).exists():
                shutil.copy(file, place)
        found = subprocess.run([program], cwd=place, capture_output=True, text=True, timeout=60)
        return found.returncode, found.stdout

    return run


@needs_verilator
def test_top_module_of_raw_words_is_the_network_and_its_bench_passes_and_fails(rtl, tmp_path):
    project, x = rtl
    found = simulate(project, x)
    assert np.array_equal(found.outputs, project.graph.network.emulate(x))
    assert found.latency_cycles == project.latency_cycles
    run = run_testbench(project, tmp_path)
    code, text = run()
    assert code == 0 and f"PASS: 1000 of 1000 events agree, latency {project.latency_cycles} clocks" in text
    outputs = tmp_path / "run/jet_outputs.hex"
    lines = outputs.read_text().splitlines()
    lines[700] = f"{int(lines[700], 16) ^ 4:0{len(lines[700])}x}"  # one bit of one event
    outputs.write_text("\n".join(lines))
    code, text = run()
    assert code != 0 and "FAIL: 1 mismatches in 1000 outputs of 1000 events" in text and "event 700: expected" in text


@needs_verilator
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_bench_finds_another_network_and_another_latency(tmp_path, seed):
    rng = np.random.default_rng(seed)
    network = random_network(rng, (4, 5, 3), activations=("relu", "tanh"), per_element=seed % 2 == 1)
    project = handed_over(network, random_events(rng, network), tmp_path / "rtl")
    (tmp_path / "good").mkdir()
    code, text = run_testbench(project, tmp_path / "good")()
    assert code == 0 and "PASS" in text
    bus = project.directory / "src/jet_bus.v"
    bus.write_text(bus.read_text().replace("valid[LATENCY];", "valid[LATENCY-1];"))
    (tmp_path / "early").mkdir()
    code, text = run_testbench(project, tmp_path / "early")()
    assert code != 0 and "FAIL" in text


@needs_verilator
@pytest.mark.slow
def test_a_bench_finds_a_changed_weight(rtl, tmp_path):
    project, _ = rtl
    stage = max(project.directory.glob("src/*_stage*.v"), key=lambda file: file.read_text().count("shift_adder"))
    text = stage.read_text()
    adders = list(re.finditer(r"(shift_adder #\(.*, )([01])\)", text))
    changed = adders[len(adders) // 2]
    wrong = tmp_path / stage.name
    wrong.write_text(f"{text[: changed.start(2)]}{1 - int(changed[2])}{text[changed.end(2) :]}")
    sources = [wrong if source.name == stage.name else source for source in project.sources]
    code, found = run_testbench(project, tmp_path, sources)()
    assert code != 0 and "FAIL" in found


def test_ports_are_documented_and_named(rtl):
    project, _ = rtl
    text = (project.directory / "src/jet.v").read_text()
    ports = re.findall(r"^    (input|output) *wire(?: signed)? \[(\d+):0\] (\w+),? +// (.*)$", text, re.MULTILINE)
    pins = (*project.interface.inputs, *project.interface.outputs)
    assert [(int(high) + 1, name) for _, high, name, _ in ports] == [(pin.width, pin.port) for pin in pins]
    for (direction, _, _, comment), pin in zip(ports, pins):
        assert pin.format in comment and ascii(pin.name) in comment and comment.startswith(direction)
        assert (f"bits {pin.width - 1}:{pin.dropped} are used" in comment) == (pin.dropped > 0 and pin.used > 0)
        assert ("not used" in comment) == (pin.used == 0)
    assert text.isascii() and f"localparam LATENCY = {project.latency_cycles};" in text


# Commands of the vendors' tools, as far as the scripts need them; what is called is kept in the list `said`.
VIVADO = """
proc version {option} { return 2024.2 }
proc report_utilization {args} {
    if {$args eq "-return_string"} { return [read [open $::golden]] }
    file copy -force $::golden [lindex $args 1]
}
proc get_timing_paths {args} { return path }
proc get_property {name of} { return 0.5 }
foreach command {create_project read_verilog read_xdc add_files synth_design write_checkpoint report_timing_summary
                 opt_design place_design phys_opt_design route_design report_power set_property} {
    proc $command {args} "lappend ::said \\[list $command {*}\\$args\\]"
}
foreach command {current_project current_fileset get_files get_filesets} { proc $command {args} { return it } }
"""
QUARTUS = """
array set quartus {args {10AX115N2F45E1SG} version {Version 23.1.0 Build 1}}
proc load_package {name} {}
proc get_part_info {option part} { return {{Arria 10}} }
proc get_fitter_resource_usage {args} { return "1,234 / 427,200 ( < 1 % )" }
proc get_report_panel_names {} { return {{A||Slow Fmax Summary} {A||Other} {A||Fast Fmax Summary}} }
proc get_report_panel_data {args} { return [expr {[string match *Slow* $args] ? "250.0 MHz" : "500 MHz"}] }
foreach command {project_new set_global_assignment set_instance_assignment export_assignments execute_flow load_report
                 unload_report project_close} {
    proc $command {args} "lappend ::said \\[list $command {*}\\$args\\]"
}
"""
GOLDEN = Path(__file__).parents[2] / "report/golden/01_vivado_hls4mltest_vivado_synth.rpt"


def run_tcl(stubs, script, *arguments):
    """Run a script in Python's own Tcl with the vendor's commands replaced, and return what it called."""
    tcl = pytest.importorskip("tkinter").Tcl()
    place = tcl.eval("pwd")
    tcl.eval("proc exit {args} { error [list exit {*}$args] }; set said {}")
    tcl.setvar("golden", str(GOLDEN))
    tcl.setvar("argv", arguments)
    tcl.eval(stubs)
    try:
        tcl.evalfile(str(script))
    finally:
        tcl.call("cd", place)
    return [tcl.splitlist(one) for one in tcl.splitlist(tcl.getvar("said"))]


def test_vivado_builds_what_is_there_and_compare_reads_its_numbers(rtl):
    project, _ = rtl
    script, out = project.directory / "vivado/build.tcl", project.directory / "vivado/out"
    said = run_tcl(VIVADO, script)
    sources = next(words[1] for words in said if words[0] == "read_verilog")
    assert all(Path(source).is_file() for source in sources) and len(sources) == len(project.sources)
    assert ("synth_design", "-top", "jet", "-part", project.part, "-mode", "out_of_context") in said
    assert not any(words[0] == "route_design" for words in said)
    counted, found = parse_report(GOLDEN), parse_report(out)
    assert found.source == "vsynth" and found.sources["latency_cycles"] == "rtl-sim"
    assert [getattr(found, name) for name in RESOURCES] == [getattr(counted, name) for name in RESOURCES]
    assert (found.clock_target_ns, found.clock_estimated_ns) == (2.5, 2.0)
    assert (found.latency_cycles, found.initiation_interval) == (project.latency_cycles, 1)
    run_tcl(VIVADO, script, "route", "xcku115-flvb2104-2-i")
    assert parse_report(out).source == "post-route" and parse_report(out).part == "xcku115-flvb2104-2-i"


def test_quartus_asks_for_a_part_and_compare_reads_its_numbers(rtl):
    project, _ = rtl
    script = project.directory / "quartus/build.tcl"
    said = run_tcl(QUARTUS, script)
    sources = [words[3] for words in said if words[2:3] == ("VERILOG_FILE",)]
    assert len(sources) == len(project.sources) and all(Path(source).is_file() for source in sources)
    virtual = {words[5] for words in said if words[0] == "set_instance_assignment"}
    ports = [pin.port for pin in (*project.interface.inputs, *project.interface.outputs)]
    assert virtual == {text for port in ("rst", "valid_in", "valid_out", *ports) for text in (port, f"{port}[*]")}
    found = parse_report(project.directory / "quartus/out")
    assert (found.source, found.lut, found.ff, found.dsp, found.bram_18k) == ("post-route", 1234, 1234, 1234, None)
    assert (found.clock_estimated_ns, found.tool_version, found.part) == (4.0, "23.1.0", "10AX115N2F45E1SG")
    with pytest.raises(Exception, match="exit 1"):
        run_tcl(QUARTUS.replace("10AX115N2F45E1SG", ""), script)


def test_parts_of_other_vendors_are_asked_for(rtl):
    project, _ = rtl
    assert 'set part "xcvu13p-flga2577-2-e"' in (project.directory / "vivado/build.tcl").read_text()
    assert 'set part ""' in (project.directory / "quartus/build.tcl").read_text()
    assert "-period 2.5 [get_ports clk]" in (project.directory / "vivado/clock.xdc").read_text()
    assert set(MADE) == {"work", "vivado/out", "vivado/project", "quartus/out"}
