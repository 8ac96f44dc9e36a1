"""What a trained network is worth on events held out, and what it costs in each pipeline."""

from dataclasses import replace

import numpy as np

from codesign.data.dataset import Events
from codesign.fpga import Design, Grid, estimate
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.sweep.decide import decide
from codesign.methods.aims import LEVELS_PER_STAGE
from codesign.network import Network


def measured_designs(network: Network, held: Events, *, clock_period_ns: float, part: str) -> list[Design]:
    """Return a network's unrolled designs, one for each number of adder levels between registers.

    Args:
        network: with every type set.
        held: events held out.
    """
    graph = trace_adder_graph(network)
    accuracy = float(np.mean(decide(network, network.emulate(held.x)) == held.y))
    grid = Grid(
        implementations=("unrolled",),
        adder_levels_per_stage=LEVELS_PER_STAGE,
        clock_period_ns=clock_period_ns,
        part=part,
    )
    designs = [
        replace(setting.design(network, "posterior"), events=len(held.x)) for setting in grid.hardware_settings()
    ]
    return [design.with_report(estimate(design, graph=graph), accuracy) for design in designs]
