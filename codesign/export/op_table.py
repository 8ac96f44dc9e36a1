"""A back end is a table from op to function; an op that it lacks is refused by name."""

from collections.abc import Callable, Collection, Mapping

from codesign.errors import UnsupportedLayerError
from codesign.network import Node
from codesign.network.ops import Activation


def function_of(
    node: Node, table: Mapping[type, Callable], back_end: str, cure: str, *, functions: Collection[str] | None = None
) -> Callable:
    """Return what a back end does for a node.

    Args:
        table: op -> function.
        functions: of activations that it has; None: all.
        back_end: for the message.
        cure: what to do.

    Raises:
        UnsupportedLayerError: for an op that is not in the table, or an activation that is not among the functions.
    """
    lacks_function = functions is not None and isinstance(node.op, Activation) and node.op.function not in functions
    if type(node.op) not in table or lacks_function:
        raise UnsupportedLayerError(
            f"node '{node.name}': expected an op that {back_end} has. Received: {node.op.name}; {cure}"
        )
    return table[type(node.op)]
