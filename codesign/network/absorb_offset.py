"""absorb_offset: a network of centred inputs becomes one of the inputs as they come, exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.errors import ConfigError, PrecisionError, UnsupportedLayerError
from codesign.network.network import Network
from codesign.network.node import Node
from codesign.network.ops import MOVES, ConstantTypes, Dense, Quantize, Threshold
from codesign.network.types.exact_type import constant_type, exact_type
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import moved_type

_WIDEST_BIAS = 48


@checked
def absorb_offset(network: Network, offset: np.ndarray, precision: FixedPoint | None = None) -> Network:
    """Return the network that gives for `x` what this one gives for ``x - offset``, to the bit.

    The offset goes into the biases of the dense layers that take the inputs, ``bias - offset @ kernel``, whose types
    are widened as needed, and into thresholds. Between inputs and these there may be what moves values about, and
    quantizers that truncate and wrap, whose steps divide the offset: rounding and offset then commute.

    Args:
        network: whose inputs go into dense layers and thresholds only.
        offset: (n_inputs,) of the inputs side by side.
        precision: type of what is sent, :attr:`codesign.data.Words.precision`: the inputs of the result have its range,
            without the bits at the low end that this network leaves out. None: the narrowest that holds the present
            range, moved.

    Raises:
        ConfigError: for another number of offsets, or NaN in them.
        PrecisionError: for inputs that saturate, or steps that do not divide the offset.
        UnsupportedLayerError: for an input that goes anywhere else; it names the node.

    Example:
        >>> from codesign import DenseLayer, Network
        >>> from codesign.network import absorb_offset
        >>> centred = Network.chain([DenseLayer("fc", [[0.5]], [1.0])])
        >>> absorb_offset(centred, [4.0]).predict([[6.0]]).tolist() == centred.predict([[2.0]]).tolist()
        True
    """
    offset, layout = as_numbers(offset, "offset"), network.input_layout
    if offset.shape != (network.n_inputs,) or not np.isfinite(offset).all():
        raise ConfigError(
            f"offset: expected {network.n_inputs} finite numbers, one for each input. Received: shape {offset.shape}"
            f"{', or NaN in it' if offset.shape == (network.n_inputs,) else ''}"
        )
    offsets = {name: values[0] for name, values in layout.split(offset[np.newaxis]).items()}
    sent = {} if precision is None else layout.split_type(precision)
    inputs = []
    for one in network.inputs:
        kind = one.precision
        if kind is not None:
            kind, offsets[one.name] = _moved(one.name, kind, offsets[one.name], sent.get(one.name))
        inputs.append(replace(one, precision=kind))
    return replace(network, nodes=absorbed(network.nodes, offsets, sent), inputs=tuple(inputs))


def absorbed(
    nodes: Sequence[Node], offsets: Mapping[str, np.ndarray], sent: Mapping[str, FixedPoint]
) -> tuple[Node, ...]:
    """Return nodes that take values without the offset that these nodes subtract first.

    Args:
        nodes: sorted.
        offsets: of values, by the names of the inputs or nodes that give them, each of the value's shape.
        sent: types of these as they are sent, where known.

    Raises:
        PrecisionError, UnsupportedLayerError: as :func:`absorb_offset`.
    """
    walk = _Walk(offsets, sent)
    return tuple(walk.node(node) for node in nodes)


class _Walk:
    """Nodes from values with offsets to the dense layers that take them."""

    def __init__(self, offsets: Mapping[str, np.ndarray], sent: Mapping[str, FixedPoint]) -> None:
        self._offsets, self._sent = dict(offsets), dict(sent)

    def node(self, node: Node) -> Node:
        """Return a node as it is to be."""
        taken = [self._offsets.get(name) for name in node.inputs]
        if all(one is None for one in taken):
            return node
        if any(one is None for one in taken) or not isinstance(node.op, (Dense, Threshold, Quantize, *MOVES)):
            raise UnsupportedLayerError(
                f"node '{node.name}': expected that inputs go into dense layers and thresholds, perhaps moved about, "
                f"which take up an offset. Received: {node.op.name}; train on inputs without an offset"
            )
        if isinstance(node.op, Threshold):
            return replace(node, op=Threshold(node.op.index, node.op.value + taken[0][node.op.index]))
        if isinstance(node.op, Dense):
            return replace(node, op=without_offset(node.op, _of_all_places(node.name, taken[0])))
        return self._quantizer(node, taken[0]) if isinstance(node.op, Quantize) else self._move(node, taken)

    def _quantizer(self, node: Node, offset: np.ndarray) -> Node:
        sent = self._sent.get(node.inputs[0])
        kind, self._offsets[node.name] = _moved(node.name, node.op.type, offset, sent)
        output = None if node.output is None else _moved(node.name, node.output, offset, sent)[0]
        if sent is not None:
            self._sent[node.name] = kind
        return replace(node, op=Quantize(kind), output=output)

    def _move(self, node: Node, taken: Sequence[np.ndarray]) -> Node:
        sent = [self._sent.get(name) for name in node.inputs]
        self._offsets[node.name] = offset = node.op.evaluate(*(one[np.newaxis] for one in taken))[0]
        if None not in sent:
            self._sent[node.name] = moved_type(node.op.evaluate, sent, [one.shape for one in taken])
        if node.output is None:
            return node
        return replace(node, output=_moved(node.name, node.output, offset, self._sent.get(node.name))[0])


def _of_all_places(name: str, offset: np.ndarray) -> np.ndarray:
    """(n_in,) of (..., n_in): the same at every place."""
    rows = offset.reshape(-1, offset.shape[-1])
    if not (rows == rows[0]).all():
        raise UnsupportedLayerError(
            f"node '{name}': expected the same offset at all of its {len(rows)} places, which have one bias. Received: "
            f"offsets that differ by {np.ptp(rows, 0).max():g}; give the words of a feature one offset"
        )
    return rows[0]


def without_offset(op: Dense, offset: np.ndarray) -> Dense:
    """Return the dense op of ``x - offset``, its bias as wide as need be.

    Args:
        op: any, with types or without.
        offset: (n_in,).
    """
    bias = op.bias - offset @ op.kernel
    if op.types is None:
        return Dense(op.kernel, bias)
    given = op.types.bias
    if not np.array_equal(given.quantize(bias), bias):
        given = exact_type(bias, widest=_WIDEST_BIAS) or constant_type(bias)
    return Dense(op.kernel, bias, ConstantTypes(op.types.weight, given, op.types.accum))


def _moved(name: str, kind: FixedPoint, offset: np.ndarray, sent: FixedPoint | None) -> tuple[FixedPoint, np.ndarray]:
    """The type of a value that is larger by an offset, of the same steps, and what of the offset is still in it.

    Of values that are sent in steps, truncation drops what of an offset is less than such a step.
    """
    if sent is not None and kind.rounding == "TRN":
        step = np.exp2(-np.asarray(sent.fraction, float))
        offset = np.ceil(offset / step) * step
    steps = offset * np.exp2(np.asarray(kind.fraction, float))
    if kind.overflow != "WRAP" or not np.array_equal(steps, np.rint(steps)):
        what = "inputs that wrap" if kind.overflow != "WRAP" else "steps that divide the offset"
        raise PrecisionError(
            f"'{name}': expected {what}, so that rounding and offset commute. Received: {kind}; collapse a network "
            "that begins with DetectorWords"
        )
    if sent is not None:
        left_out = np.maximum(sent.fraction - np.asarray(kind.fraction), 0)
        width = np.maximum(sent.width - left_out, 0)
        return FixedPoint(width, np.where(width > 0, sent.integer, 0), sent.signed, kind.rounding, "WRAP"), offset
    low, high = np.broadcast_arrays(kind.code_low + steps, kind.code_high + steps)
    signed = low < 0
    width = np.ceil(np.log2(np.maximum(np.maximum(high + 1, -low), 1))).astype(np.int64) + signed
    width = np.maximum(width, 1)
    return FixedPoint(width, width - kind.fraction, signed, kind.rounding, "WRAP"), offset
