"""What hls4ml's layers cost, one by one and together."""

from collections.abc import Sequence
from dataclasses import replace

from codesign.fpga.estimate.activation import activation_cost
from codesign.fpga.estimate.channel import channels_behind
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.cost import HardwareCost, Resources, longest_path, summed
from codesign.fpga.estimate.distributed import dense_distributed
from codesign.fpga.estimate.latency import dense_latency
from codesign.fpga.estimate.resource import dense_resource
from codesign.fpga.estimate.resource_2019 import dense_resource_2019
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.estimate.unfolded import dense_unfolded

STRATEGIES = ("latency", "resource", "resource_2019", "distributed_arithmetic")
_WIDEST_BOUNDARY = 16  # bits that a dataflow holds of a value between two layers


def layer_costs(
    layers: Sequence[LayerStatistics],
    reuse_factors: Sequence[int],
    strategy: str | Sequence[str],
    toolchain: Toolchain,
    *,
    clock_period_ns: float = 5.0,
    constants: CostConstants | None = None,
    sources: Sequence[Sequence[int]] | None = None,
) -> tuple[HardwareCost, ...]:
    """Estimate each layer, at all its positions, with its activation and the registers in front of the next one.

    The costs of a design are their sums: see :func:`design_cost`.

    Args:
        layers: in order.
        reuse_factors: one for each, as hls4ml takes them.
        strategy: one of :data:`STRATEGIES`, or one for each layer.
        toolchain: compiler and part.
        clock_period_ns: the target.
        constants: instead of the built-in ones.
        sources: for each layer, the indices of those whose values it takes; None: of the one before it.
    """
    target = Target(toolchain, clock_period_ns, constants or CostConstants())
    strategies = [strategy] * len(layers) if isinstance(strategy, str) else list(strategy)
    is_dataflow = any(_is_folded(one, factor) for one, factor in zip(strategies, reuse_factors))
    first, last = _ends(len(layers), sources)
    costs = []
    for index, (layer, factor, one) in enumerate(zip(layers, reuse_factors, strategies)):
        parts = [(_dataflow_dense if is_dataflow else _pipelined_dense)(layer, factor, one, target)]
        if one != "resource_2019":  # its closed form is of whole layers
            parts.append(activation_cost(layer, target))
        if one != "resource_2019" and not is_dataflow:
            parts.append(_call(layer, factor, target, is_last=index in last, is_only=len(layers) == 1))
        elif one != "resource_2019":
            parts.append(channels_behind(layer, target, is_last=index in last))
        if index in first and one != "resource_2019":
            parts.append(_inputs(layer, is_held=not is_dataflow and parts[0].initiation_interval == 1))
        costs.append(_at_positions(design_cost(parts), layer.positions))
    return tuple(costs)


def design_cost(costs: Sequence[HardwareCost], sources: Sequence[Sequence[int]] | None = None) -> HardwareCost:
    """Return the sum of all layers, cycles along the longest path, and the largest initiation interval.

    Args:
        costs: of :func:`layer_costs`.
        sources: as there.
    """
    return HardwareCost(
        csynth=summed(cost.csynth for cost in costs),
        vsynth=summed(cost.vsynth for cost in costs),
        latency_cycles=int(longest_path([cost.latency_cycles for cost in costs], sources)),
        initiation_interval=max((cost.initiation_interval for cost in costs), default=1),
    )


def _is_folded(strategy: str, factor: int) -> bool:
    """Whether a layer reads its weights one after the other, so that the design is a dataflow of layers."""
    return strategy == "resource_2019" or (strategy == "resource" and factor > 1)


def _pipelined_dense(layer: LayerStatistics, factor: int, strategy: str, target: Target) -> HardwareCost:
    if strategy == "distributed_arithmetic":
        return dense_distributed(layer, target)
    cost = dense_latency(layer, factor, target)
    return dense_unfolded(layer, cost, target) if strategy == "resource" else cost  # with R = 1


def _dataflow_dense(layer: LayerStatistics, factor: int, strategy: str, target: Target) -> HardwareCost:
    if strategy == "resource_2019":
        return dense_resource_2019(layer, factor, target)
    if _is_folded(strategy, factor):
        return dense_resource(layer, factor, target)
    cost = _pipelined_dense(layer, factor, strategy, target)
    return design_cost([cost, _registers(_WIDEST_BOUNDARY * layer.n_out, cycles=1)])


def _call(layer: LayerStatistics, factor: int, target: Target, *, is_last: bool, is_only: bool) -> HardwareCost:
    """Registers behind the sums and behind the activation, each a function of its own in hls4ml's code.

    On the 7 series the call of a layer takes a cycle for each of them, and one more where events come every cycle.
    """
    if not layer.nonzero or is_only:
        return _registers(0)
    cycles = 0 if is_last else 1
    if target.toolchain.is_seven_series:
        cycles += 1 + (factor == 1)
    is_held = not is_last or layer.activation != "linear"
    bits = is_held * layer.accum_width + (not is_last) * layer.output_width
    return _registers(layer.n_out * bits, cycles)


def _inputs(layer: LayerStatistics, *, is_held: bool) -> HardwareCost:
    """Registers of the design's inputs, which the HLS compiler counts where events come every cycle."""
    registers = Resources(ff=layer.n_in * layer.input_width + 2)
    return HardwareCost(registers if is_held else Resources(), registers, 0, 1)


def _registers(bits: float, cycles: int = 0) -> HardwareCost:
    return HardwareCost(Resources(ff=bits), Resources(ff=bits), cycles, 1)


def _at_positions(cost: HardwareCost, positions: int) -> HardwareCost:
    csynth, vsynth = (one.times(positions, positions, positions, positions) for one in (cost.csynth, cost.vsynth))
    return replace(cost, csynth=csynth, vsynth=vsynth)


def _ends(n_layers: int, sources: Sequence[Sequence[int]] | None) -> tuple[set[int], set[int]]:
    """Return the layers that take the inputs, and those that give the outputs."""
    if sources is None:
        return {0}, {n_layers - 1}
    taken = {index for before in sources for index in before}
    return {index for index, before in enumerate(sources) if not before}, set(range(n_layers)) - taken
