"""Build one design: its hls4ml project with C simulation and, if unrolled, its RTL with simulation and synthesis."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign._folders import replaced_folder
from codesign.errors import AgreementError, ReportError, ToolError
from codesign.fpga.built import Agreement, BuiltDesign
from codesign.fpga.design.design import Design
from codesign.fpga.design.report import DesignReport
from codesign.fpga.hls4ml.checks import beyond_hls4ml
from codesign.fpga.hls4ml.project import write_hls4ml_project
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.identifiers import identifiers
from codesign.fpga.rtl.pins import Interface
from codesign.fpga.rtl.project import RtlProject
from codesign.fpga.rtl.scripts import write_scripts
from codesign.fpga.rtl.testbench import write_testbench
from codesign.fpga.rtl.top import write_top
from codesign.fpga.rtl.vectors import Vectors
from codesign.fpga.rtl.verilator import RtlRun, simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.network.layout import Events
from codesign.tools.find import find_tool

if TYPE_CHECKING:
    from codesign.data.words import Words

_HASH_DIGITS = 8


@checked
def build_circuits(
    design: Design,
    directory: str | PathLike,
    x: Events,
    *,
    name: str = "network",
    features: Sequence[str] = (),
    outputs: Sequence[str] = (),
    words: "Words | None" = None,
    backend: str = "Vitis",
    yosys_time_limit_s: float = 300.0,
    step: Callable[[str], AbstractContextManager] = nullcontext,
) -> BuiltDesign:
    """Write the projects of a design, simulate them on `x`, and synthesise what the open tools can.

    Args:
        design: with every type set.
        directory: made if it is missing; one of an earlier build is replaced when the new one is complete.
        x: (n_events, n_inputs) events to simulate.
        name: of the network; modules are called by it and by a hash of the network, so that two fit in one firmware.
        features: name of each input, by default ``x0, x1, ...``: ports are called by them.
        outputs: name of each output, by default ``0, 1, ...``.
        words: what the detector sends; None: the types of the network's inputs.
        backend: hls4ml backend by name; its vendor tool is not run.
        yosys_time_limit_s: after this many seconds the synthesis is given up, and a note says so.
        step: called with the name of each step, gives a context manager around it: for progress on a terminal.

    Raises:
        DataError: before anything is done, for a directory with files that no build made, or that were changed since;
            for another number of names.
        AgreementError: if the RTL's latency is not the one that its pipeline has.
        ToolError: if g++ or Verilator is missing or fails; a yosys that does not finish is a note, not an error.
        PrecisionError, UnsupportedLayerError: if the implementation cannot hold the network.
    """
    clock, interface = _Clock(step), Interface.of(design.network, features, outputs, words)
    with replaced_folder(directory, argument="directory") as partial:
        task = _Task(design, partial, x, interface, name, clock)
        found = _build(task, backend=backend, yosys_time_limit_s=yosys_time_limit_s)
        _name_place(partial / "hls4ml" / "hls4ml_config.yml", partial, Path(os.path.realpath(directory)))
    rtl = None if found.rtl is None else replace(found.rtl, directory=Path(directory) / "rtl")
    return replace(found, directory=Path(directory), rtl=rtl)


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be built, where."""

    design: Design
    directory: Path
    x: np.ndarray
    interface: Interface
    name: str
    clock: "_Clock"


def _build(task: _Task, *, backend: str, yosys_time_limit_s: float) -> BuiltDesign:
    design, directory, x, clock = task.design, task.directory, task.x, task.clock
    with clock("emulation"):
        outputs, vectors = design.network.emulate(x), Vectors.of(task.interface, x)
        design.network.save(directory / "network.json")
        name = _versioned(task.name, directory / "network.json")
    reports: list[DesignReport] = []
    rtl_mismatches, notes = None, _hls4ml_notes(design)
    csim_mismatches = rtl = None
    if not _beyond_hls4ml(design):
        with clock("hls4ml project"):
            project = write_hls4ml_project(design, directory / "hls4ml", backend=backend)
        with clock("C simulation"):
            csim_mismatches = _mismatches(project.simulate(x), outputs)
    if design.implementation == "unrolled":
        rtl, run = _simulated_rtl(task, name, vectors)
        rtl_mismatches = _mismatches(run.outputs, outputs)
        reports.append(_simulation_report(run, rtl.latency_cycles))
        with clock("yosys synthesis"):
            try:
                reports.append(synthesize_verilog(rtl, timeout_s=yosys_time_limit_s))
            except (ToolError, ReportError) as error:
                notes.append(str(error))
    given = [] if design.report is None else [design.report]
    newest_first = (*reports, *given)
    found = design.with_reports(newest_first) if newest_first else design
    agreement = Agreement(len(x), csim_mismatches, rtl_mismatches)
    reports = tuple(map(design.on_its_part, (*given, *reports)))
    made = {"name": name, "interface": task.interface, "vectors": vectors, "rtl": rtl, "backend": backend}
    return BuiltDesign(found, directory, reports, agreement, outputs, clock.seconds, tuple(notes), **made)


def _versioned(name: str, network: Path) -> str:
    """An identifier that tells networks of one name apart."""
    return f"{identifiers([name], 'network')[0]}_{hashlib.sha256(network.read_bytes()).hexdigest()[:_HASH_DIGITS]}"


def _beyond_hls4ml(design: Design) -> str:
    """Why hls4ml cannot hold an unrolled design; of another implementation that is an error."""
    return beyond_hls4ml(design.network) if design.implementation == "unrolled" else ""


def _hls4ml_notes(design: Design) -> list[str]:
    """What hls4ml's project does not hold."""
    if reason := _beyond_hls4ml(design):
        return [f"{reason.partition(';')[0]}: no hls4ml project, no C simulation"]
    inputs = design.network.input_precision
    if inputs.differs_by_element and inputs.rounding != "TRN":
        return [
            f"each feature has a format of its own; hls4ml's project takes all as {inputs.envelope}: send them in "
            "their formats"
        ]
    return []


def _name_place(config: Path, partial: Path, directory: Path) -> None:
    """Let hls4ml's configuration name the place where the project will be."""
    if config.exists():
        content = config.read_text(encoding="utf-8").replace(str(partial), str(directory))
        replace_file(config, content.encode(), "hls4ml's configuration", argument="directory")


def _simulated_rtl(task: _Task, name: str, vectors: Vectors) -> tuple[RtlProject, RtlRun]:
    """Write the Verilog, its top module, test bench and scripts, and simulate the top module."""
    design = task.design
    with task.clock("Verilog"):
        core = write_verilog(
            trace_circuit(design.network),
            task.directory / "rtl",
            name=name,
            clock_period_ns=design.clock_period_ns,
            adder_levels_per_stage=design.adder_levels_per_stage,
            part=design.part,
        )
        rtl = write_top(core, task.interface, name)
        write_testbench(rtl, vectors)
        write_scripts(rtl)
    with task.clock("RTL simulation"):
        return rtl, simulate(rtl, task.x)


def _simulation_report(run: RtlRun, expected_cycles: int) -> DesignReport:
    """The latency that the simulation measured, while it took a new event at every clock."""
    if run.latency_cycles not in (None, expected_cycles):
        raise AgreementError(
            f"RTL simulation: expected {expected_cycles} cycles of latency. Received: {run.latency_cycles}"
        )
    return DesignReport(
        "rtl-sim",
        tool="Verilator",
        tool_version=find_tool("verilator").version,
        latency_cycles=run.latency_cycles,
        initiation_interval=1,
    )


def _mismatches(outputs: np.ndarray, expected: np.ndarray) -> int:
    return int((outputs != expected).any(1).sum())


class _Clock:
    """Times the steps inside the caller's own contexts."""

    def __init__(self, step: Callable[[str], AbstractContextManager]) -> None:
        self.seconds: dict[str, float] = {}
        self._step = step

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        with self._step(name):
            yield
        self.seconds[name] = round(time.perf_counter() - start, 2)
