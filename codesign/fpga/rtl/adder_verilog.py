"""Verilog of an adder graph, by da4ml: one list of operations for each stage."""

import re
import shutil
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.fpga.rtl.adder_graph import AdderGraph
from codesign.fpga.rtl.project import Core, Port

if TYPE_CHECKING:
    from da4ml.types import Pipeline, QInterval

# What da4ml asks of tables, in words that every simulator takes.
_ROM_STYLE = ('rom_style = (BW_IN <= 999) ? "distributed" : "block"', 'rom_style = "distributed"')
_MODULE = re.compile(r"\b(binop|lookup_table|multiplier|mux|negative|shift_adder)(?=\s+#\()")  # of da4ml


def write_adders(
    graph: AdderGraph, directory: Path, core: str, adder_levels_per_stage: int, **options: float | str
) -> Core:
    """Write the Verilog and the tables of an adder graph.

    Args:
        graph: from :func:`codesign.fpga.rtl.adder_graph.trace_adder_graph`.
        directory: an empty folder.
        core: name of the module; names of all others begin with what stands before its last underscore.
        adder_levels_per_stage: adders between two registers, at most.
        options: ``part_name`` and ``clock_period``, for da4ml.
    """
    from da4ml.codegen.rtl import RTLModel

    pipeline = graph.at(adder_levels_per_stage)
    RTLModel(pipeline, core, directory, flavor="verilog", print_latency=False, **options).write()
    _keep_modules(directory, core.rpartition("_")[0], core)
    stages = len(pipeline.solutions)
    files = [*sorted(directory.glob("src/static/*.v")), *(directory / f"src/{core}_stage{i}.v" for i in range(stages))]
    return Core(
        core,
        tuple(file.relative_to(directory) for file in [*files, directory / f"src/{core}.v"]),
        inputs=tuple(map(_port, pipeline.inp_qint)),
        outputs=output_ports(pipeline),
        latency_cycles=stages,
        register_bits=int(pipeline.reg_bits),
    )


def output_ports(pipeline: "Pipeline") -> tuple[Port, ...]:
    """Return where the outputs lie in ``model_out``."""
    return tuple(map(_port, pipeline.out_qint))


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


def _port(interval: "QInterval") -> Port:
    from da4ml.types import minimal_kif

    signed, integer, fraction = minimal_kif(interval)
    return Port(int(signed) + integer + fraction, bool(signed), round(log2(interval.step)))
