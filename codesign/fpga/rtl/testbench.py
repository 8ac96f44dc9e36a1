"""The self-checking test bench of the top module, for any simulator of SystemVerilog."""

from codesign.fpga.rtl.project import RtlProject
from codesign.fpga.rtl.templates import rendered
from codesign.fpga.rtl.top import bits, pin_slices
from codesign.fpga.rtl.vectors import Vectors, hex_lines

FOLDER = "testbench"


def write_testbench(project: RtlProject, vectors: Vectors) -> None:
    """Write ``testbench/``: a module ``<top>_tb``, and its events as two files of hexadecimal numbers.

    Args:
        project: with a top module, from :func:`codesign.fpga.rtl.top.write_top`.
        vectors: of the same interface.
    """
    folder, name, interface = project.directory / FOLDER, project.top, project.interface
    folder.mkdir(exist_ok=True)
    text = rendered(
        "testbench.sv",
        name=name,
        events=len(vectors.words),
        latency=project.latency_cycles,
        input_bits=bits(interface.inputs),
        output_bits=bits(interface.outputs),
        inputs=pin_slices(interface.inputs),
        outputs=pin_slices(interface.outputs),
        half_period_ns=f"{project.clock_period_ns / 2:g}",
    )
    (folder / f"{name}_tb.sv").write_text(text)
    for kind, codes, pins in (
        ("inputs", vectors.words, interface.inputs),
        ("outputs", vectors.codes, interface.outputs),
    ):
        (folder / f"{name}_{kind}.hex").write_text(hex_lines(codes, [pin.width for pin in pins]))
