"""Pipelined Verilog of an adder graph: one event per clock, registers before, between and behind the stages."""

import re
import shutil
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

from codesign._folders import claim, replaced_folder
from codesign.errors import ConfigError
from codesign.fpga.design.parts import check_part_text
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.da4ml_numbers import exact_da4ml

if TYPE_CHECKING:
    from da4ml.types import Pipeline, QInterval

    from codesign.fpga.rtl.pins import Interface

TOOL_FOLDERS = ("sim", "yosys")  # where simulation and synthesis of a project work
_IDENTIFIER = re.compile(r"[A-Za-z]\w*", re.ASCII)
# What da4ml asks of tables, in words that every simulator takes.
_ROM_STYLE = ('rom_style = (BW_IN <= 999) ? "distributed" : "block"', 'rom_style = "distributed"')
_MODULE = re.compile(r"\b(binop|lookup_table|multiplier|mux|negative|shift_adder)(?=\s+#\()")  # of da4ml


@dataclass(frozen=True)
class Port:
    """The bits of one value within ``model_inp`` or ``model_out``; values lie side by side, the first in the low bits.

    Args:
        width: bits; 0 for an input that nothing reads, or an output that is always 0.
        signed: two's complement if true.
        shift: the code is these bits times ``2**shift``.
    """

    width: int
    signed: bool
    shift: int


@dataclass(frozen=True, eq=False)
class RtlProject:
    """A folder of Verilog: a core with clock ``clk``, input ``model_inp`` and output ``model_out``, perhaps in a top.

    Args:
        directory: folder; ``src/`` holds the Verilog, ``src/memfiles/`` the tables.
        name: module of the core.
        sources: Verilog files, relative to `directory`.
        graph: what the Verilog computes.
        inputs, outputs: where each value lies in the ports.
        latency_cycles: from the clock edge that samples an input to the edge at which the output register holds its
            result; it is the number of stages.
        register_bits: all registers, those at the input and the output included.
        clock_period_ns: the clock asked for.
        part: FPGA part asked for.
        interface: the pins of the top module around the core, which :func:`codesign.fpga.rtl.top.write_top` writes.
        top: that module, or empty.
        initiation_interval: cycles between events.
    """

    directory: Path
    name: str
    sources: tuple[Path, ...]
    graph: AdderGraph
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    latency_cycles: int
    register_bits: int
    clock_period_ns: float
    part: str
    interface: "Interface | None" = None
    top: str = ""
    initiation_interval: int = 1

    @property
    def stages(self) -> int:
        """Stages of adders, each between two rows of registers."""
        return self.latency_cycles


@dataclass(frozen=True)
class PipelineShape:
    """What pipelining makes of an adder graph: latency in cycles as in :class:`RtlProject`, and bits of registers."""

    latency_cycles: int
    register_bits: int


def pipeline_shape(graph: AdderGraph, adder_levels_per_stage: int) -> PipelineShape:
    """Return latency and registers of the Verilog that :func:`write_verilog` would write, without writing it.

    Raises:
        ConfigError: for less than one level per stage.
    """
    pipeline = pipelined(graph, adder_levels_per_stage)
    return PipelineShape(len(pipeline.solutions), int(pipeline.reg_bits))


def write_verilog(
    graph: AdderGraph,
    directory: str | Path,
    *,
    name: str = "network",
    clock_period_ns: float = 5.0,
    adder_levels_per_stage: int = 4,
    part: str = "xcvu13p-flga2577-2-e",
) -> RtlProject:
    """Write pipelined Verilog and its tables.

    Names of modules all begin with `name`, so that two networks, or a network and other modules, fit in one firmware.

    Args:
        graph: from :func:`codesign.fpga.rtl.adder_graph.trace_adder_graph`.
        directory: folder to write to; it is made if it is missing, and an earlier project in it is replaced.
        name: a Verilog identifier; the module is called ``<name>_core``, so that it is neither a keyword nor a part.
        clock_period_ns: the clock asked for.
        adder_levels_per_stage: adders between two registers, at most.
        part: asked for.

    Raises:
        DataError: for a directory with files that are not of an earlier project, or were changed since.
        ConfigError: for a name that is no identifier, a part that is no part's text, or less than one level per stage.
        ToolError: if da4ml is not installed.
    """
    if not _IDENTIFIER.fullmatch(name):
        raise ConfigError(f"name: expected a Verilog identifier, such as jet_tagger. Received: {name!r}")
    check_part_text(part)
    directory, core = Path(directory), f"{name}_core"
    pipeline = pipelined(graph, adder_levels_per_stage)
    from da4ml.codegen.rtl import RTLModel

    options = {"print_latency": False, "part_name": part, "clock_period": clock_period_ns}
    with replaced_folder(directory, argument="directory") as partial:
        RTLModel(pipeline, core, partial, flavor="verilog", **options).write()
        _keep_modules(partial, name, core)
    claim(directory, TOOL_FOLDERS, argument="directory")
    stages = len(pipeline.solutions)
    files = [*sorted(directory.glob("src/static/*.v")), *(directory / f"src/{core}_stage{i}.v" for i in range(stages))]
    return RtlProject(
        directory=directory,
        name=core,
        sources=tuple(file.relative_to(directory) for file in [*files, directory / f"src/{core}.v"]),
        graph=graph,
        inputs=tuple(map(_port, pipeline.inp_qint)),
        outputs=tuple(map(_port, pipeline.out_qint)),
        latency_cycles=stages,
        register_bits=int(pipeline.reg_bits),
        clock_period_ns=clock_period_ns,
        part=part,
    )


def _keep_modules(directory: Path, name: str, core: str) -> None:
    """Leave of da4ml's project its modules and tables, and let the names of the modules begin with `name`."""
    shutil.rmtree(directory / "sim")
    for leftover in (
        *directory.glob("build_*.tcl"),
        *directory.glob("src/*.[sx]dc"),
        directory / f"src/{core}_wrapper.v",
    ):
        leftover.unlink()
    for file in directory.glob("src/**/*.v"):
        file.write_text(_MODULE.sub(rf"{name}_\1", file.read_text().replace(*_ROM_STYLE)))
    for file in directory.glob("src/static/*.v"):
        file.rename(file.with_name(f"{name}_{file.name}"))


def pipelined(graph: AdderGraph, adder_levels_per_stage: int) -> "Pipeline":
    """Return da4ml's pipeline of an adder graph: one list of operations for each stage.

    Raises:
        ConfigError: for less than one level per stage.
    """
    if adder_levels_per_stage < 1:
        raise ConfigError(f"adder_levels_per_stage: expected at least 1. Received: {adder_levels_per_stage}")
    with exact_da4ml() as trace:
        return trace.to_pipeline(graph.comb, adder_levels_per_stage, verbose=False)


def _port(interval: "QInterval") -> Port:
    from da4ml.types import minimal_kif

    signed, integer, fraction = minimal_kif(interval)
    return Port(int(signed) + integer + fraction, bool(signed), round(log2(interval.step)))
