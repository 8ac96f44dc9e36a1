"""RtlProject: a folder of Verilog, and where the values lie in its ports."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.fpga.rtl.circuits import Circuit
    from codesign.fpga.rtl.pins import Interface

TOOL_FOLDERS = ("sim", "yosys")  # where simulation and synthesis of a project work


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


@dataclass(frozen=True)
class Core:
    """A module with clock ``clk``, input ``model_inp`` and output ``model_out``, of an event at every clock.

    Args:
        name: of the module.
        sources: Verilog files, relative to the project.
        inputs, outputs: where each value lies in the ports.
        latency_cycles: from the clock edge that samples an input to the edge at which the output register holds its
            result; it is the number of stages.
        register_bits: all registers, those at the input and the output included.
        models: Verilog files for simulation alone, of cells that synthesis knows.
    """

    name: str
    sources: tuple[Path, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    latency_cycles: int
    register_bits: int
    models: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class RtlProject:
    """A folder of Verilog: a core with clock ``clk``, input ``model_inp`` and output ``model_out``, perhaps in a top.

    Args:
        directory: folder; ``src/`` holds the Verilog, ``src/memfiles/`` the tables.
        name: module of the core.
        sources: Verilog files, relative to `directory`.
        graph: what the Verilog computes.
        inputs, outputs, latency_cycles, register_bits, models: see :class:`Core`.
        clock_period_ns: the clock asked for.
        part: FPGA part asked for.
        interface: the pins of the top module around the core, which :func:`codesign.fpga.rtl.top.write_top` writes.
        top: that module, or empty.
        initiation_interval: cycles between events.
    """

    directory: Path
    name: str
    sources: tuple[Path, ...]
    graph: "Circuit"
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    latency_cycles: int
    register_bits: int
    clock_period_ns: float
    part: str
    models: tuple[Path, ...] = ()
    interface: "Interface | None" = None
    top: str = ""
    initiation_interval: int = 1

    @property
    def stages(self) -> int:
        """Stages of adders, each between two rows of registers."""
        return self.latency_cycles
