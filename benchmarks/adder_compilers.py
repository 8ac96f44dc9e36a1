#!/usr/bin/env python3
"""Adder compilers on the same networks: da4ml 0.6 against its successor alkaid 0.8.2.

python benchmarks/adder_compilers.py FOLDER [--json PATH] [--events N]

FOLDER holds networks, as ``codesign reproduce jets --out OUT`` leaves them in OUT/networks. Each is traced by both
compilers, simulated by Verilator on N random events, and synthesised by Yosys; alkaid's Verilog has as many stages as
da4ml's, with and without its ternary adders. alkaid (LGPL) is installed by hand; without it da4ml is measured alone.

Found on 24 networks 16-64-32-32-5 (16 of posterior precision, 8 of other methods and 2 to 8 bits; GENERATED jets,
trained for fewer epochs than in the study), which is why da4ml stays the compiler:

- alkaid's own cost is 10 % below da4ml's (posterior precision); its tracing takes half as long again, both well below
  1 s; adder levels are alike where they were counted alike.
- Yosys counts 7 % fewer LUTs with alkaid (16 networks, geometric mean), but 2 % more with its inverters, 4 % more
  registers and, by ABC's model, 10 % more delay. Its inverters and passed values in front of carry chains take LUTs
  that Yosys leaves out: with them a network of posterior precision had 1,160 against 1,163. A QKeras network of 6
  bits, saturated by the same operations in both, had 1,546 LUTs against 1,456, and 1,608 with ternary adders.
- alkaid 0.8.2 gives wrong bits in one of the 24 with the solver's depth left open: see `alkaid_as_da4ml`.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from result import goal, write_result

from codesign.cli.json_option import add_json_option, json_on_standard_output
from codesign.fpga.rtl import adder_graph
from codesign.fpga.rtl.adder_graph import AdderGraph, trace_adder_graph
from codesign.fpga.rtl.project import Port, RtlProject
from codesign.fpga.rtl.traced_ops import dense
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.network import Network

LEVELS_PER_STAGE = 5  # as in ``codesign reproduce jets``
SOLVER = {"hard_dc": 2}


@contextmanager
def alkaid_as_da4ml() -> Iterator[None]:
    """Let ``trace_adder_graph`` trace by alkaid, whose classes have other names and a few arguments less.

    alkaid's pass `canonicalize_msb_wraps` is left out: it drops the shift of a bit that is moved, and the sums are
    wrong then (met in a network of 6 bits that rounds to even).
    """
    from alkaid.cmvm import cmvm_solve
    from alkaid.trace import FVArray, HWConfig, trace
    from alkaid.trace.fixed_variable import FVariable
    from alkaid.trace.passes import canon

    constant, choose = FVariable.from_const, FVariable.msb_mux
    taken = {
        "from_const": staticmethod(lambda const, hwconf, _factor=1: constant(const, hwconf)),
        "msb_mux": lambda self, a, b, qint=None, zt_sensitive=True: choose(self, a, b, qint),
    }

    def solve(kernel: np.ndarray, codes: np.ndarray, solved: dict) -> np.ndarray:
        ranges, levels = [tuple(one.qint) for one in codes], [one.latency for one in codes]
        matrix = np.ascontiguousarray(kernel.astype(np.float32))
        first, second = cmvm_solve(matrix, qintervals=ranges, latencies=levels, **SOLVER)
        return np.asarray(second(first(codes, quantize=False), quantize=False))

    names = SimpleNamespace(FixedVariableArray=FVArray, HWConfig=HWConfig, comb_trace=trace)
    with ExitStack() as stack:
        stack.enter_context(patch.object(adder_graph, "exact_da4ml", lambda: nullcontext(names)))
        stack.enter_context(patch.object(dense, "_solve", solve))
        stack.enter_context(patch.object(canon, "canonicalize_msb_wraps", lambda comb: comb))
        stack.enter_context(patch.object(FVArray, "_vars", property(np.asarray), create=True))
        for name, function in taken.items():
            stack.enter_context(patch.object(FVariable, name, function))
        yield


def trace_by_alkaid(network: Network) -> AdderGraph:
    """Return the network in alkaid's form."""
    with alkaid_as_da4ml():
        return trace_adder_graph(network)


def write_by_alkaid(graph: AdderGraph, directory: Path, stages: int, *, ternary: bool) -> RtlProject:
    """Write alkaid's Verilog of so many stages."""
    from alkaid.codegen import RTLModel

    options = {"flavor": "verilog", "n_stages": stages, "ternary_fuse": ternary, "print_latency": False}
    RTLModel(graph.comb, directory, "network_top", **options).write()
    (directory / "src/memfiles").mkdir(exist_ok=True)
    inputs, outputs = ([_port(one) for one in found] for found in (graph.comb.inp_qint, graph.comb.out_qint))
    files = [
        file.relative_to(directory) for file in sorted(directory.rglob("src/**/*.v")) if "wrapper" not in file.name
    ]
    part = "xcvu13p-flga2577-2-e"
    return RtlProject(
        directory, "network_top", tuple(files), graph, tuple(inputs), tuple(outputs), stages, 0, 5.0, part
    )


def _port(interval: tuple[float, float, float]) -> Port:
    signed, integer, fraction = interval.kif
    return Port(int(signed) + integer + fraction, bool(signed), round(np.log2(interval.step)))


def measure(network: Network, x: np.ndarray, folder: Path, compilers: dict[str, Callable]) -> dict:
    """Return cost, levels, seconds, mismatches of Verilator and LUTs of each compiler."""
    found, projects, stages = {}, {}, None
    for name, (trace, write) in compilers.items():
        start = time.perf_counter()
        graph = trace(network)
        found |= {f"{name}_trace_s": time.perf_counter() - start, f"{name}_cost": graph.adder_cost}
        found[f"{name}_levels"] = depth(graph)
        projects[name] = write(graph, folder / name, stages)
        stages = projects[name].stages
    for name, project in projects.items():
        wrong = (simulate(project, x).outputs != network.emulate(x)).any(1)
        found[f"{name}_mismatches"] = int(wrong.sum())
        start = time.perf_counter()
        report = synthesize_verilog(project, timeout_s=1800)
        found |= {f"{name}_lut": report.lut, f"{name}_ff": report.ff, f"{name}_yosys_s": time.perf_counter() - start}
    return found


def depth(graph: AdderGraph) -> int:
    """Return the additions on the longest way, counted alike for both compilers: those of constants count too."""
    levels: list[int] = []
    for op in graph.comb.ops:
        ahead = max((levels[one] for one in _sources(op)), default=0)
        levels.append(ahead + (op.opcode in (0, 1, 4)))  # a sum, a difference, a sum with a constant
    return max(levels)


def _sources(op: object) -> list[int]:
    """The operations that one takes its values from; -1 is the code of an input."""
    if op.opcode == -1:
        return []
    if hasattr(op, "addr"):
        return list(op.addr)
    key = [op.data & 0xFFFFFFFF] if abs(op.opcode) == 6 else []
    return [one for one in (op.id0, op.id1, *key) if one >= 0]


def available() -> dict[str, tuple[Callable, Callable]]:
    """Return compiler -> (trace, write)."""
    compilers = {
        "da4ml": (
            trace_adder_graph,
            lambda graph, folder, _: write_verilog(graph, folder, adder_levels_per_stage=LEVELS_PER_STAGE),
        )
    }
    try:
        import alkaid  # noqa: F401
    except ImportError:
        return compilers
    for name, ternary in (("alkaid", False), ("alkaid_ternary", True)):
        compilers[name] = (
            trace_by_alkaid,
            lambda graph, folder, stages, ternary=ternary: write_by_alkaid(graph, folder, stages, ternary=ternary),
        )
    return compilers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    add_json_option(parser, "also write the rows and goals as JSON")
    parser.add_argument("--events", type=int, default=2000)
    options = parser.parse_args()
    with json_on_standard_output(options):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    rows, compilers = [], available()
    for path in sorted(options.folder.glob("*.json")):
        network = Network.load(path)
        x = np.random.default_rng(0).normal(scale=3.0, size=(options.events, network.n_inputs))
        with TemporaryDirectory(dir=".") as folder:
            rows.append({"method": path.stem} | measure(network, x, Path(folder), compilers))
        print(path.stem, {name: round(value, 2) for name, value in rows[-1].items() if name != "method"}, flush=True)
    wrong = [row[f"{name}_mismatches"] for row in rows for name in compilers]
    goals = [goal("events whose Verilog differs from emulate, of any compiler", sum(wrong), "==", 0)]
    write_result("adder_compilers", "GENERATED", rows, goals, path=options.json, seeds=[0])


if __name__ == "__main__":
    main()
