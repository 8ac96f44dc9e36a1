"""What a network of thresholds, tables and sums costs in LUTs, in milliseconds and exactly."""

from dataclasses import dataclass

from codesign._arguments import checked
from codesign.fpga.rtl.luts.circuit import traced
from codesign.network import Network
from codesign.network.ops import Bit, Table, Threshold


@dataclass(frozen=True)
class TableCost:
    """LUTs of a network of tables on AMD parts, where two functions of together five inputs share one.

    Args:
        lut: all of them; a whole number.
        keys: comparators.
        tables: bits of tables that no adder has taken in.
        sums: adders, with the tables that they have taken in.
        levels: LUTs and carry chains on the longest way from an input to an output.
    """

    lut: int
    keys: float
    tables: float
    sums: float
    levels: int


@checked
def table_cost(network: Network, *, levels_per_stage: int = 4) -> TableCost:
    """Return the LUTs of a network of thresholds, bits, tables and segment sums: those that its Verilog has.

    A growth that wants to know what one more key or table costs, before it has a network, finds it by these rules:

    - **A key** is free if it is there already, and if it is a bit of the code. ``x >= c`` depends on the s bits above
      the trailing zeros of c (of a signed code c + 2**(width - 1)). s = 1 is a bit: free. s <= 5 costs 1/2, because two
      comparators of the same value share a LUT; s <= 8 costs 1, s <= 11 costs 3/2, and each three bits more 1/2 more.
      A comparator of s <= 5 that has no other of its value to share with costs 1. Of many keys of s = 6 of one value
      each costs 1/2, and their lower halves 2 together.
    - **A table** of entries from low to high in a step has w = ((high - low) / step).bit_length() bits. With six keys
      each bit is one LUT, with up to five keys 1/2, with seven keys 2, with eight keys 4. A constant in front of a
      table, and the offset of a sum, go into tables that have room, and are free.
    - **An offset** that is common to all scores of a classifier is free to choose: so that no sum goes below 0.
    - **An addition** costs 1/2 for each bit that is added: adders of three numbers take two bits away for each LUT.
      So a table of five keys and w bits costs w LUTs in all, one of six keys 3/2 w. The W = log2(range) bits of a sum
      stay: the additions of a sum of n bits cost about (n - W) / 2, and W / 2 to 2 W more for the ends of the chains.
    - An adder may make a table of up to five keys itself: w LUTs for both, as the rule above says, where bits are odd
      or only two numbers are added.

    Args:
        network: with every type set.
        levels_per_stage: LUTs one behind the other between two registers.

    Raises:
        UnsupportedLayerError: for other ops.
        PrecisionError: for types that are missing, or casts that take logic.

    Example:
        >>> from codesign.fpga.rtl.luts.cost import table_cost
        >>> from codesign.network import FixedPoint, Input, Network, Node
        >>> from codesign.network.ops import SegmentSum, Table, Threshold
        >>> nodes = [
        ...     Node("keys", Threshold([0, 0, 1], [96.0, 160.0, 33.0]), ["x"]),
        ...     Node("tables", Table([[0, 2], [1, 2]], [[0.0, 1.0, 2.0, 3.0], [3.0, 1.0, 0.0, 2.0]]), ["keys"]),
        ...     Node("scores", SegmentSum([0, 0], [0.0]), ["tables"]),
        ... ]
        >>> network = Network(nodes, [Input("x", (2,), FixedPoint(8, 8, signed=False))], ["scores"])
        >>> cost = table_cost(network)
        >>> cost.lut, cost.levels
        (5, 4)
    """
    circuit = traced(network, levels_per_stage)
    kinds = {node.name: type(node.op) for node in network.nodes}
    costs = circuit.lut_by_node
    keys = sum(cost for name, cost in costs.items() if kinds[name] in (Threshold, Bit))
    tables = sum(cost for name, cost in costs.items() if kinds[name] is Table)
    return TableCost(circuit.lut, keys, tables, circuit.lut - keys - tables, circuit.levels)
