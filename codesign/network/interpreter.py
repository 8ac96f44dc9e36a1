"""The interpreter: nodes in order, values freed behind their last use, in floating point or in integers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod

import numpy as np

from codesign.errors import CodesignError
from codesign.network.node import Input, Node
from codesign.network.ops import FixedOp, Shape, Tensor

EVENTS_PER_BLOCK = 2048  # keeps a block's integers within the second-level cache
_VALUES_PER_BLOCK = 2**22  # of the widest node: what convolutions make of many events does not fill the memory


def run(
    nodes: Sequence[Node],
    values: Mapping[str, np.ndarray],
    evaluate: Callable[[Node], Callable[..., np.ndarray]],
    outputs: Sequence[str],
    last: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, np.ndarray]:
    """Evaluate nodes.

    Args:
        nodes: in order.
        values: of the inputs.
        evaluate: gives what a node does to what it takes.
        outputs: names to keep; everything else is freed behind its last use.
        last: these uses, from :func:`last_uses`, for several blocks of events; None: they are found here.
    """
    held, last = dict(values), last_uses(nodes, outputs) if last is None else last
    for node in nodes:
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # as in any framework, what is too large is infinite
                held[node.name] = evaluate(node)(*(held[name] for name in node.inputs))
        except CodesignError as error:
            raise type(error)(f"node '{node.name}': {error}") from None
        for name in last[node.name]:
            held.pop(name, None)
    return {name: held[name] for name in outputs}


def last_uses(nodes: Sequence[Node], outputs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each node the values that nobody needs behind it."""
    seen, last = set(outputs), {}
    for node in reversed(nodes):
        last[node.name] = tuple(name for name in dict.fromkeys(node.inputs) if name not in seen)
        seen.update(node.inputs)
    return last


def bind_nodes(inputs: Sequence[Input], nodes: Sequence[Node], shapes: Mapping[str, Shape]) -> dict[str, FixedOp]:
    """Return every node's op in integers.

    Raises:
        PrecisionError, UnsupportedLayerError: naming the node.
    """
    tensors = {one.name: Tensor(one.shape, one.precision) for one in inputs}
    bound = {}
    for node in nodes:
        try:
            bound[node.name] = node.op.bind([tensors[name] for name in node.inputs], node.output)
            tensors[node.name] = Tensor(shapes[node.name], bound[node.name].output)
        except CodesignError as error:
            raise type(error)(f"layer '{node.name}': {error}") from None
    return bound


def blocks(n_events: int, shapes: Mapping[str, Shape], most: int = EVENTS_PER_BLOCK) -> Iterator[slice]:
    """Return slices of events, one behind the other; at least one.

    Args:
        shapes: of all values, by name.
        most: events in a slice.
    """
    size = max(1, min(most, _VALUES_PER_BLOCK // max(map(prod, shapes.values()))))
    return (slice(start, start + size) for start in range(0, max(n_events, 1), size))
