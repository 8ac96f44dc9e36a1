"""What hls4ml's io_stream adds to a layer, as against io_parallel."""

from collections.abc import Sequence
from dataclasses import replace

from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.toolchain import Toolchain

_LEAST_CYCLES = 2  # one to take a word and one to give it


def streamed(
    costs: Sequence[HardwareCost], layers: Sequence[LayerStatistics], toolchain: Toolchain
) -> tuple[HardwareCost, ...]:
    """Return the costs of the same layers as processes that hand each other words through queues.

    A process takes its next event when it has given the last one: cycles = max(2, cycles + 1), and at least that many
    between events. Vitis HLS counts the words that wait, of the sums and of the activation, as registers.

    Args:
        costs: of the layers with io_parallel.
        layers: their counts.
        toolchain: compiler and part.
    """
    found = []
    for cost, layer in zip(costs, layers):
        cycles = max(_LEAST_CYCLES, cost.latency_cycles + 1)
        words = layer.output_width * (1 + (layer.activation != "linear"))
        held = Resources(ff=float(words * layer.n_out * layer.positions)) if toolchain.is_vitis else Resources()
        interval = max(cycles, cost.initiation_interval)
        found.append(
            replace(
                cost, csynth=cost.csynth + held, vsynth=cost.vsynth + held,
                latency_cycles=cycles, initiation_interval=interval,
            )
        )  # fmt: skip
    return tuple(found)
