"""A back end is a table from op to function; an op that it lacks is refused by name."""

from collections.abc import Callable, Mapping

from codesign.errors import UnsupportedLayerError
from codesign.network import Node


def function_of(node: Node, table: Mapping[type, Callable], back_end: str, cure: str) -> Callable:
    """Return what a back end does for a node.

    Args:
        table: op -> function.
        back_end: for the message.
        cure: what to do.

    Raises:
        UnsupportedLayerError: for an op that is not in the table.
    """
    if type(node.op) not in table:
        raise UnsupportedLayerError(
            f"node '{node.name}': expected an op that {back_end} has. Received: {node.op.name}; {cure}"
        )
    return table[type(node.op)]
