"""Closed form of a channel between two layers of a dataflow: a queue two words deep for each value."""

from codesign.fpga.estimate.cost import HardwareCost, Resources
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.target import Target

_DEPTH = 2  # words
_WIDEST = 16  # bits; of wider accumulators hls4ml's activations read this many
_HANDSHAKE = 7  # registers: two counters, empty, full, and that the value was written


def channels_behind(layer: LayerStatistics, target: Target, *, is_last: bool) -> HardwareCost:
    """Estimate the channels between a layer's sums and its activation, and between that and the next layer.

    After logic synthesis each value takes two words and the handshake in registers, and one LUT per bit to choose the
    word. An activation between two layers takes a cycle.

    Args:
        layer: its outputs, their width, whether there is an activation.
        target: of it, the constants.
        is_last: whether no layer follows.
    """
    constants = target.constants
    bits = _accumulated(layer) * (layer.activation != "linear") + layer.output_width * (not is_last)
    queues = layer.n_out * ((layer.activation != "linear") + (not is_last))
    registers = _DEPTH * layer.n_out * bits + _HANDSHAKE * queues
    csynth = Resources(lut=constants.csynth_lut_per_channel_bit * layer.n_out * bits, ff=registers)
    vsynth = Resources(lut=layer.n_out * bits + constants.lut_per_channel_handshake * queues, ff=registers)
    return HardwareCost(csynth, vsynth, int(not is_last), 1)


def _accumulated(layer: LayerStatistics) -> int:
    """Bits that a layer hands to its activation."""
    return min(layer.accum_width, _WIDEST)
