"""The Verilog of a TableGraph: its core module, the additions in front, and models of the cells for simulation."""

import re
from itertools import accumulate
from pathlib import Path

from codesign.fpga.rtl.adder_verilog import write_adders
from codesign.fpga.rtl.luts.circuit import TableCircuit, input_ports
from codesign.fpga.rtl.luts.graph import TableGraph
from codesign.fpga.rtl.luts.verilog import Writer
from codesign.fpga.rtl.project import Core, Port
from codesign.fpga.rtl.templates import rendered

_MODELS = Path("simulation/amd_cells.v")


def write_tables(
    graph: TableGraph, directory: Path, core: str, adder_levels_per_stage: int, **options: float | str
) -> Core:
    """Write the Verilog of a graph of tables.

    Args:
        graph: of the network.
        directory: an empty folder.
        core: name of the module.
        adder_levels_per_stage: levels of LUTs and additions between two registers, at most.
        options: ``part_name`` and ``clock_period``.
    """
    circuit, inputs = graph.at(adder_levels_per_stage), input_ports(graph.network)
    carry = _carry_cell(str(options["part_name"]))
    front = None
    if graph.front is not None:
        name = f"{core.rpartition('_')[0]}_front"
        front = write_adders(graph.front, directory, name, adder_levels_per_stage, **options)
    source = Path(f"src/{core}.v")
    (directory / source).parent.mkdir(parents=True, exist_ok=True)
    (directory / source).write_text(_module(circuit, core, inputs, front, carry))
    if carry:
        (directory / _MODELS).parent.mkdir()
        (directory / _MODELS).write_text(rendered("amd_cells.v"))
    return Core(
        core,
        (*(() if front is None else front.sources), source),
        inputs=inputs,
        outputs=_output_ports(circuit),
        latency_cycles=circuit.latency_cycles,
        register_bits=circuit.register_bits,
        models=(_MODELS,) if carry else (),
    )


def _carry_cell(part: str) -> str:
    """The carry chain of a part; empty for those of other vendors."""
    if not part.lower().startswith("xc"):
        return ""
    return "CARRY4" if re.match(r"xc7", part.lower()) else "CARRY8"


def _module(circuit: TableCircuit, core: str, inputs: tuple[Port, ...], front: Core | None, carry: str) -> str:
    writer = Writer(circuit.netlist, circuit.cells, carry)
    n_in, n_out = (sum(port.width for port in side) for side in (inputs, _output_ports(circuit)))
    ports = ["input clk", f"input [{max(n_in, 1) - 1}:0] model_inp", f"output [{max(n_out, 1) - 1}:0] model_out"]
    lines = [f"module {core} ({', '.join(ports)});"]
    if front is not None:
        lines += _front_instance(front, inputs)
    lines += writer.lines()
    bits = [writer.literal(bit, circuit.latency_cycles) for bit in reversed(circuit.output_bits)]
    lines.append(f"assign model_out = {{{', '.join(bits) or chr(49) + chr(39) + 'b0'}}};")
    return "\n".join([*lines, "endmodule", ""])


def _output_ports(circuit: TableCircuit) -> tuple[Port, ...]:
    return tuple(Port(len(word.bits), word.signed, 0) for word in circuit.outputs)


def _front_instance(front: Core, inputs: tuple[Port, ...]) -> list[str]:
    """The additions in front take those bits of each input that they need."""
    starts = accumulate((port.width for port in inputs), initial=0)
    slices = [
        f"model_inp[{start + port.shift + port.width - 1}:{start + port.shift}]"
        for port, start in zip(front.inputs, starts)
        if port.width
    ]
    width = sum(port.width for port in front.outputs)
    pins = f".clk(clk), .model_inp({{{', '.join(reversed(slices))}}}), .model_out(front_out)"
    return [f"wire [{max(width, 1) - 1}:0] front_out;", f"{front.name} front ({pins});"]
