"""Pipelined Verilog of a circuit: one event per clock, registers before, between and behind the stages."""

import re
from dataclasses import dataclass
from pathlib import Path

from codesign._folders import claim, replaced_folder
from codesign.errors import ConfigError
from codesign.fpga.design.parts import check_part_text
from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.adder_verilog import write_adders
from codesign.fpga.rtl.circuits import Circuit
from codesign.fpga.rtl.luts.write import write_tables
from codesign.fpga.rtl.project import TOOL_FOLDERS, RtlProject

_IDENTIFIER = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True)
class PipelineShape:
    """What pipelining makes of a circuit: latency in cycles as in :class:`RtlProject`, and bits of registers."""

    latency_cycles: int
    register_bits: int


def pipeline_shape(graph: Circuit, adder_levels_per_stage: int) -> PipelineShape:
    """Return latency and registers of the Verilog that :func:`write_verilog` would write, without writing it.

    Raises:
        ConfigError: for less than one level per stage.
    """
    staged = graph.at(adder_levels_per_stage)
    if isinstance(graph, AdderGraph):
        return PipelineShape(len(staged.solutions), int(staged.reg_bits))
    return PipelineShape(staged.latency_cycles, staged.register_bits)


def write_verilog(
    graph: Circuit,
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
        graph: from :func:`codesign.fpga.rtl.circuits.trace_circuit`.
        directory: folder to write to; it is made if it is missing, and an earlier project in it is replaced.
        name: a Verilog identifier; the module is called ``<name>_core``, so that it is neither a keyword nor a part.
        clock_period_ns: the clock asked for.
        adder_levels_per_stage: adders between two registers, at most; of tables levels of LUTs.
        part: asked for. Tables are cells of the part for AMD's, plain Verilog for others.

    Raises:
        DataError: for a directory with files that are not of an earlier project, or were changed since.
        ConfigError: for a name that is no identifier, a part that is no part's text, or less than one level per stage.
        ToolError: if da4ml is not installed.
    """
    if not _IDENTIFIER.fullmatch(name):
        raise ConfigError(f"name: expected a Verilog identifier, such as jet_tagger. Received: {name!r}")
    check_part_text(part)
    directory, write = Path(directory), write_adders if isinstance(graph, AdderGraph) else write_tables
    with replaced_folder(directory, argument="directory") as partial:
        options = {"part_name": part, "clock_period": clock_period_ns}
        core = write(graph, partial, f"{name}_core", adder_levels_per_stage, **options)
        (partial / "src/memfiles").mkdir(exist_ok=True)
    claim(directory, TOOL_FOLDERS, argument="directory")
    return RtlProject(directory=directory, graph=graph, clock_period_ns=clock_period_ns, part=part, **vars(core))
