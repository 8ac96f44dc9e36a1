"""What a network of tables is as the arguments and weights of layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import Network, Node
from codesign.network.ops import Bit, Concatenate, Quantize, SegmentSum, Table, Threshold
from codesign.network.ops.table import LUT6_KEYS
from codesign.network.types.exact_type import binary_digits

_FINEST = 24  # digits behind the point of a step


@dataclass(frozen=True, eq=False)
class GrownTables:
    """A network of tables.

    Args:
        arguments: of a TableSum.
        leaves: (n_leaves,) of all tables in a row.
        offset: (units,)
    """

    arguments: Mapping[str, object]
    leaves: np.ndarray
    offset: np.ndarray


def grown_tables(network: Network) -> GrownTables:
    """Return what a network is.

    Raises:
        UnsupportedLayerError: for one that is more, or something else, than keys of its input, tables and sums.
    """
    *front, sums = network.nodes
    lookup = front.pop() if front else sums
    keys = {"thresholds": [], "bits": []}
    is_read = isinstance(sums.op, SegmentSum) and isinstance(lookup.op, Table) and sums.inputs == (lookup.name,)
    order = _key_order(network, front, lookup, keys)
    if not is_read or order is None or len(network.inputs) > 1:
        strange = next((one for one in network.nodes if not isinstance(one.op, _TAKEN)), network.nodes[-1])
        raise UnsupportedLayerError(
            "network: expected keys of one input, tables of these and their sums. Received: one with "
            f"'{strange.name}', of {strange.op.name}, or in another order; network.to_keras() writes any network"
        )
    table, kind = lookup.op, network.inputs[0].precision
    for node in front:
        kind = node.op.type if isinstance(node.op, Quantize) else kind
    grid = leaf_grid(table.entries)
    if grid and sums.op.offset.any():
        grid["offset_step"] = min([*leaf_grid([sums.op.offset]).get("step", []), *grid["step"]])
    arguments = {
        "units": sums.op.offset.size,
        **keys,
        "tables": [[order[place] for place in own] for own in table.keys],
        "segments": sums.op.segments.tolist(),
        "input_precision": kind,
        "max_keys": max(LUT6_KEYS, *map(len, table.keys)),
        **grid,
    }
    return GrownTables(arguments, np.concatenate(table.entries), sums.op.offset)


def leaf_grid(tables: Sequence[np.ndarray]) -> dict[str, object]:
    """Return the coarsest step of each table's entries, and their bits; nothing where float32 does not hold them."""
    digits = [binary_digits(one) if one.any() else 0 for one in tables]
    if not all(-_FINEST <= one <= _FINEST for one in digits):
        return {}
    spans = [np.ptp(one) * 2.0**own for one, own in zip(tables, digits)]
    if max(spans) >= 2.0**_FINEST:
        return {}
    return {"step": [2.0**-one for one in digits], "leaf_bits": [int(span).bit_length() for span in spans]}


def _key_order(
    network: Network, front: list[Node], lookup: Node, keys: dict[str, list[tuple[int, float]]]
) -> list[int] | None:
    """Fill in the keys, and return for each bit that the tables take its place among them; None for another front."""
    values, bits = {one.name for one in network.inputs}, {}
    for node in front:
        if node.inputs[0] in values and isinstance(node.op, Quantize):
            values = {node.name}
        elif node.inputs[0] in values and isinstance(node.op, Threshold):
            bits[node.name] = [("thresholds", pair) for pair in zip(node.op.index.tolist(), node.op.value.tolist())]
        elif node.inputs[0] in values and isinstance(node.op, Bit):
            bits[node.name] = [("bits", pair) for pair in zip(node.op.index.tolist(), node.op.weight.tolist())]
        elif isinstance(node.op, Concatenate) and all(name in bits for name in node.inputs):
            bits[node.name] = [one for name in node.inputs for one in bits[name]]
        else:
            return None
    taken = bits.get(lookup.inputs[0])
    if taken is None:
        return None
    for kind, pair in taken:
        keys[kind].append(pair)
    first, seen, order = {"thresholds": 0, "bits": len(keys["thresholds"])}, {"thresholds": 0, "bits": 0}, []
    for kind, _ in taken:
        order.append(first[kind] + seen[kind])
        seen[kind] += 1
    return order


_TAKEN = (Quantize, Threshold, Bit, Concatenate, Table, SegmentSum)
