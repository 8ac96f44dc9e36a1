"""What a network's Verilog does and takes: simulated on events, and synthesised by Yosys."""

from pathlib import Path

import numpy as np

from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.network import Network


def prove(network: Network, x: np.ndarray, directory: Path, *, adder_levels_per_stage: int) -> dict:
    """Write the network as Verilog, simulate it on events x, and synthesise it.

    Returns:
        ``rtl_events``, ``rtl_mismatches``: of Verilator against the emulation; ``rtl_cycles``: from input to output;
        ``lut``, ``ff``: of Yosys, for UltraScale+.
    """
    project = write_verilog(trace_circuit(network), directory, adder_levels_per_stage=adder_levels_per_stage)
    run = simulate(project, x)
    report = synthesize_verilog(project)
    mismatches = int((run.outputs != network.emulate(x)).any(1).sum())
    found = {"rtl_events": len(x), "rtl_mismatches": mismatches, "rtl_cycles": run.latency_cycles}
    return found | {"lut": report.lut, "ff": report.ff}
