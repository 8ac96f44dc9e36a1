"""Circuits: a network unrolled, as additions alone, or with thresholds and tables as LUTs of their own."""

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.fpga.rtl.adder_graph import AdderGraph, check_adder_graph, trace_adder_graph
from codesign.fpga.rtl.luts.graph import TableGraph
from codesign.network import Network
from codesign.network.ops import Bit, SegmentSum, Table, Threshold

Circuit = AdderGraph | TableGraph

_TABLE_OPS = (Threshold, Bit, Table, SegmentSum)


def trace_circuit(network: Network) -> Circuit:
    """Unroll a network into a circuit that gives what ``network.emulate`` gives.

    A network without thresholds, bits, tables and segment sums is additions alone. One with them is LUTs and carry
    chains, behind additions where dense layers and others stand in front. Where such layers stand behind tables, or a
    cast takes logic, all of it is additions and multiplexers again.

    Args:
        network: with every type set.

    Raises:
        PrecisionError, UnsupportedLayerError, ToolError: as
            :func:`codesign.fpga.rtl.adder_graph.trace_adder_graph`.
    """
    if any(isinstance(node.op, _TABLE_OPS) for node in network.nodes):
        _ = network.fixed_ops  # what is wrong with its types is not a reason to build it otherwise
        try:
            return TableGraph.of(network)
        except (PrecisionError, UnsupportedLayerError):
            pass
    return trace_adder_graph(network)


def check_circuit(network: Network) -> None:
    """Check that a network can be unrolled; it is only traced where its types leave that open.

    Raises:
        PrecisionError, UnsupportedLayerError: as :func:`trace_circuit`.
    """
    if any(isinstance(node.op, _TABLE_OPS) for node in network.nodes):
        trace_circuit(network)
    else:
        check_adder_graph(network)
