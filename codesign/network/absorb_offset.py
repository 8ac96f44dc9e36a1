"""absorb_offset: a network of centred inputs becomes one of the inputs as they come, exactly."""

from dataclasses import replace

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.errors import ConfigError, PrecisionError, UnsupportedLayerError
from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import MOVES, ConstantTypes, Dense, Quantize
from codesign.network.types.exact_type import constant_type, exact_type
from codesign.network.types.fixed_point import FixedPoint

_WIDEST_BIAS = 48


@checked
def absorb_offset(network: Network, offset: np.ndarray, precision: FixedPoint | None = None) -> Network:
    """Return the network that gives for `x` what this one gives for ``x - offset``, to the bit.

    The offset goes into the biases of the dense layers that take the inputs, ``bias - offset @ kernel``, whose types
    are widened as needed. Between inputs and dense layers there may be what moves values about, and quantizers that
    wrap, whose steps divide the offset: truncation and offset then commute.

    Args:
        network: of which inputs go into dense layers only.
        offset: (n_inputs,) of the inputs side by side.
        precision: types of what is sent, :attr:`codesign.data.Words.precision`: the inputs of the result have their
            bits, without those at the low end that this network leaves out. None: the narrowest that hold the present
            ranges, moved.

    Raises:
        ConfigError: for another number of offsets, or NaN in them.
        PrecisionError: for inputs that saturate, or steps that do not divide the offset.
        UnsupportedLayerError: for an input that goes anywhere else; it names the node.
    """
    offset = as_numbers(offset, "offset")
    if offset.shape != (network.n_inputs,) or not np.isfinite(offset).all():
        raise ConfigError(
            f"offset: expected {network.n_inputs} finite numbers, one for each input. Received: shape {offset.shape}"
            f"{', or NaN in it' if offset.shape == (network.n_inputs,) else ''}"
        )
    split = network.input_layout.split
    raw = None if precision is None else _split_type(precision, network)
    moved = {name: values[0] for name, values in split(offset[np.newaxis]).items()}
    types = {} if raw is None else raw
    inputs = []
    for one in network.inputs:
        kind = (
            None
            if one.precision is None
            else _moved_type(one.name, one.precision, moved[one.name], types.get(one.name))
        )
        inputs.append(replace(one, precision=kind))
    walk = _Walk(moved, types)
    nodes = tuple(walk.node(node) for node in network.nodes)
    return replace(network, nodes=nodes, inputs=tuple(inputs))


class _Walk:
    """Nodes from the inputs to the dense layers that take them.

    Args:
        offsets: of the inputs, by name, each of the input's shape.
        sent: types of the inputs as they are sent, by name, or nothing.
    """

    def __init__(self, offsets: dict[str, np.ndarray], sent: dict[str, FixedPoint]) -> None:
        self._offsets, self._sent = dict(offsets), dict(sent)

    def node(self, node: Node) -> Node:
        """Return a node as it is to be."""
        taken = [self._offsets.get(name) for name in node.inputs]
        if all(one is None for one in taken):
            return node
        if isinstance(node.op, Dense):
            return self._dense(node, taken[0])
        if not isinstance(node.op, (*MOVES, Quantize)) or any(one is None for one in taken):
            raise UnsupportedLayerError(
                f"node '{node.name}': expected that inputs go into dense layers, perhaps moved about, so that an "
                f"offset goes into their biases. Received: {node.op.name}; train on inputs without an offset"
            )
        self._offsets[node.name] = offset = (
            node.op.evaluate(*(one[np.newaxis] for one in taken))[0] if isinstance(node.op, MOVES) else taken[0]
        )
        sent = [self._sent.get(name) for name in node.inputs]
        if isinstance(node.op, MOVES):
            output = None if node.output is None else _moved_type(node.name, node.output, offset, None)
            return replace(node, output=output)
        kind = _moved_type(node.name, node.op.type, offset, sent[0])
        if sent[0] is not None:
            self._sent[node.name] = sent[0]
        output = None if node.output is None else _moved_type(node.name, node.output, offset, sent[0])
        return replace(node, op=Quantize(kind), output=output)

    def _dense(self, node: Node, offset: np.ndarray) -> Node:
        rows = offset.reshape(-1, offset.shape[-1])
        if not (rows == rows[0]).all():
            raise UnsupportedLayerError(
                f"node '{node.name}': expected the same offset at all of its {len(rows)} places, since it has one "
                f"bias. Received: offsets that differ by {np.ptp(rows, 0).max():g}; give each feature one offset"
            )
        op = node.op
        bias = op.bias - rows[0] @ op.kernel
        types = op.types and ConstantTypes(op.types.weight, _bias_type(bias, op.types.bias), op.types.accum)
        return replace(node, op=Dense(op.kernel, bias, types))


def _bias_type(bias: np.ndarray, given: FixedPoint) -> FixedPoint:
    """The type that the bias had, if it holds the new one, or else the narrowest that does."""
    if np.array_equal(given.quantize(bias), bias):
        return given
    return exact_type(bias, widest=_WIDEST_BIAS) or constant_type(bias)


def _moved_type(name: str, kind: FixedPoint, offset: np.ndarray, sent: FixedPoint | None) -> FixedPoint:
    """The type of a value that is larger by an offset: of the same steps, and of the range that is sent."""
    steps = offset * np.exp2(np.asarray(kind.fraction, float))
    if kind.overflow != "WRAP" or not np.array_equal(steps, np.rint(steps)):
        what = "inputs that wrap" if kind.overflow != "WRAP" else "steps that divide the offset"
        raise PrecisionError(
            f"'{name}': expected {what}, so that rounding and offset commute. Received: {kind}; collapse a network "
            "that begins with DetectorWords"
        )
    if not offset.any() and sent is None:
        return kind
    if sent is not None:
        fraction = np.minimum(kind.fraction, sent.fraction)
        return FixedPoint(np.maximum(sent.integer + fraction, 0), sent.integer, sent.signed, kind.rounding, "WRAP")
    low, high = np.broadcast_arrays(kind.code_low + steps, kind.code_high + steps)
    signed = low < 0
    width = np.ceil(np.log2(np.maximum(np.maximum(high + 1, -low), 1))).astype(np.int64) + signed
    return FixedPoint(np.maximum(width, 1), np.maximum(width, 1) - kind.fraction, signed, kind.rounding, "WRAP")


def _split_type(precision: FixedPoint, network: Network) -> dict[str, FixedPoint]:
    """The part of a type of all inputs side by side that is each one's."""
    parts = {}
    for part in ("width", "integer", "signed"):
        bits = np.broadcast_to(np.asarray(getattr(precision, part)), (1, network.n_inputs))
        parts[part] = {name: values[0] for name, values in network.input_layout.split(bits).items()}
    return {
        one.name: FixedPoint(*(parts[part][one.name] for part in ("width", "integer", "signed")))
        for one in network.inputs
    }
