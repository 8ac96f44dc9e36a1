"""What refinement takes: weights on its grid, exact sums, types that round down or to the nearest."""

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network import Network, Node
from codesign.network.ops import Activation, Dense
from codesign.refine.digit_cost import MAX_FRACTION, codes_of


def check_network(network: Network) -> None:
    """Refuse a network whose arithmetic refinement cannot follow.

    Raises:
        PrecisionError: for a network without types, rounded sums, weights finer than 2^-9, or values rounded to even.
        UnsupportedLayerError: for outputs behind an activation.
    """
    fixed = network.fixed_ops
    for one in network.inputs:
        _check_rounding(one.name, one.precision)
    for node in network.nodes:
        if isinstance(node.op, Dense):
            _check_dense(node)
        elif node.output is not None:
            _check_rounding(node.name, fixed[node.name].output)
        if node.name in network.outputs:
            _check_output(node)


def _check_dense(node: Node) -> None:
    if not np.array_equal(codes_of(node.op.kernel), node.op.kernel * 2.0**MAX_FRACTION):
        raise PrecisionError(
            f"layer '{node.name}': expected weights in steps of 2^-{MAX_FRACTION} or more. Received: finer ones"
        )
    if node.op.types.accum is not None or node.output is not None:
        received = node.op.types.accum or node.output
        raise PrecisionError(
            f"layer '{node.name}': expected exact sums, types of accumulator and result left open. Received: {received}"
        )


def _check_output(node: Node) -> None:
    if isinstance(node.op, Activation):
        raise UnsupportedLayerError(
            f"layer '{node.name}': expected relu or linear, linear at the end. Received: {node.op.function}"
        )
    if node.output is not None:
        raise PrecisionError(
            f"layer '{node.name}': expected exact sums, types of the outputs left open. Received: {node.output}"
        )


def _check_rounding(name: str, precision: object) -> None:
    if precision.rounding == "RND_CONV":
        raise PrecisionError(f"layer '{name}': expected values rounded by TRN or RND. Received: RND_CONV")
