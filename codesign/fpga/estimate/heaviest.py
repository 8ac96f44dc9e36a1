"""Which layer a design's cost is mostly made of: where a change moves it most."""

from codesign.fpga.design.design import Design
from codesign.fpga.estimate.by_layer import LayerEstimate, estimate_layers
from codesign.fpga.estimate.toolchain import Toolchain

_WORDS = {"lut": "LUTs", "ff": "registers", "dsp": "DSP blocks", "bram_18k": "block RAMs"}
_CYCLES = ("latency_ns", "latency_cycles", "initiation_interval")


def layer_notes(design: Design, limit: str | None, *, toolchain: Toolchain | None = None) -> tuple[str, ...]:
    """Return one sentence on the layer that takes most of what a limit is on; none where that is not known.

    Args:
        design: its network needs every type.
        limit: the name of a limit on a cost; None: of none.
        toolchain: of an hls4ml design; None: Vitis HLS and the family of its part.

    Example:
        >>> from codesign import DenseLayer, Design, Network, quantize_network
        >>> from codesign.fpga.estimate.heaviest import layer_notes
        >>> layers = [DenseLayer("fc", [[0.7, 0.3]], [0.1, 0.2], "relu"), DenseLayer("out", [[-0.6], [0.5]], [0.0])]
        >>> network = quantize_network(Network.chain(layers), [[1.0], [2.0]], weights=4, activations=6)
        >>> layer_notes(Design(network, "hls4ml-latency"), "lut")[0][:13]
        'fc takes most'
    """
    if limit not in (*_WORDS, *_CYCLES):
        return ()
    costs = {one.name: _cost(one, limit) for one in estimate_layers(design, toolchain=toolchain)}
    total = sum(costs.values())
    if len(costs) < 2 or not total:
        return ()
    name = max(costs, key=costs.__getitem__)
    return (f"{name} takes most of its {_WORDS.get(limit, 'cycles')}, {costs[name] / total:.0%}",)


def _cost(one: LayerEstimate, limit: str) -> float:
    if limit in _CYCLES:
        return one.end_cycle - one.start_cycle
    if limit == "ff":
        return 0.0 if one.cost is None else one.cost.vsynth.ff
    return getattr(one, limit)
