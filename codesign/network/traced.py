"""Traced: the values of a network on events, and the types that they need, each worked out once."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from codesign.errors import PrecisionError
from codesign.network.constant_choice import UNTRAINED_BITS, WIDEST_SPREAD, with_types
from codesign.network.key_reach import with_keys
from codesign.network.network import Network
from codesign.network.node import Input, Node
from codesign.network.ops import Embedding, Op, Quantize
from codesign.network.precision_choice import INPUTS, TRAINED, Width
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.word_bits import is_word


class Traced:
    """The values of a network on events, and what was worked out from them."""

    def __init__(self, network: Network, values: Mapping[str, np.ndarray]) -> None:
        self.network, self.values, self.shapes = network, values, network.shapes
        self.nodes = {node.name: node for node in network.nodes}
        self.readers = {name: [one.op for one in network.nodes if name in one.inputs] for name in self.shapes}
        self.rounded = {node.inputs[0] for node in network.nodes if isinstance(node.op, Quantize)}
        self._known: dict[tuple, object] = {}

    def typed_input(self, one: Input, width: Width) -> Input:
        """Return an input with its type."""
        key = ("input", one.name, width)
        return self._once(key, lambda: _typed_input(one, self.network, width, self.values[one.name]))

    def value_type(self, node: Node, width: Width) -> FixedPoint:
        """Return the type of what a node gives."""
        return self._once(("value", node.name, width), lambda: self._value_type(node, width))

    def typed_op(self, node: Node, width: Width, source: FixedPoint, *, is_input: bool) -> Op:
        """Return an op with the types of its constants."""
        reach = source if is_input else None
        key = ("op", node.name, width, source, is_input)
        return self._once(key, lambda: with_types(node.op, width, source, node.name, reach))

    def saturating(self, layers: Mapping[str, str]) -> list[tuple[str, int, int]]:
        """Return the values beyond the range that they were trained with."""
        return self._once(("saturating",), lambda: count_saturating(self.network, self.values, layers))

    def _value_type(self, node: Node, width: Width) -> FixedPoint:
        quantizer = node.op.type if isinstance(node.op, Quantize) else None
        values = with_keys(self.values[node.name], self.readers[node.name], width)
        if not np.isfinite(values).all():
            raise PrecisionError(
                f"layer '{node.name}': expected finite values of the events, of which a type is found. Received: NaN "
                f"or inf from {node.op.name}; leave these events out, or cut the network behind it"
            )
        return _value_type(width, values, quantizer, node.output)

    def _once(self, key: tuple, work_out: Callable[[], object]) -> object:
        if key not in self._known:
            self._known[key] = work_out()
        return self._known[key]


def _typed_input(one: Input, network: Network, choice: int | str, values: np.ndarray) -> Input:
    """Features whose ranges differ by orders of magnitude, as where a network standardises them, have their own."""
    users = [node.op for node in network.nodes if one.name in node.inputs]
    quantizer = users[0].type if len(users) == 1 and isinstance(users[0], Quantize) else None
    if quantizer is not None and is_word(quantizer) and (choice == TRAINED or not isinstance(choice, str)):
        return replace(one, precision=quantizer)
    if quantizer is not None or (isinstance(choice, str) and (choice != TRAINED or one.precision is not None)):
        return replace(one, precision=_value_type(choice, values, quantizer, one.precision))
    if any(isinstance(op, Embedding) for op in users):
        bits = max(len(op.table) - 1 for op in users if isinstance(op, Embedding)).bit_length()
        return replace(one, precision=FixedPoint(max(1, bits), max(1, bits), signed=False, overflow="SAT"))
    width = UNTRAINED_BITS if choice == TRAINED else choice
    values = with_keys(values, users, width)
    modes = {"rounding": "RND", "overflow": "SAT", "signed": bool(values.min() < 0)}
    features = values.reshape(-1, values.shape[-1]).T
    integer = np.array([FixedPoint.covering(feature, width, **modes).integer for feature in features])
    if np.ptp(integer) <= WIDEST_SPREAD:
        return replace(one, precision=FixedPoint.covering(values, width, **modes))
    types = FixedPoint(np.full(len(integer), width), integer, modes["signed"], "RND", "SAT")
    return replace(one, precision=types)


def _value_type(
    choice: int | str, values: np.ndarray, quantizer: FixedPoint | None, present: FixedPoint | None
) -> FixedPoint:
    if choice == TRAINED and (quantizer or present):
        return quantizer or present
    if isinstance(choice, str) and choice != TRAINED:
        return FixedPoint.parse(choice)
    width = UNTRAINED_BITS if choice == TRAINED else choice
    if quantizer is None:
        return FixedPoint.covering(values, width, rounding="RND", overflow="SAT")
    if quantizer.per_element:
        width = np.where(np.asarray(quantizer.width) > 0, width, 0)
    return FixedPoint(width, quantizer.integer, quantizer.signed, "RND", "SAT")


def count_saturating(
    network: Network, values: Mapping[str, np.ndarray], layers: Mapping[str, str]
) -> list[tuple[str, int, int]]:
    """Return (what, values that saturate, values in all) for each quantizer of the training.

    Args:
        values: from :meth:`Network.trace`.
        layers: names of the layers that nodes round the values of.
    """
    found = []
    for node in network.nodes:
        if isinstance(node.op, Quantize):
            kind, before = node.op.type, values[node.inputs[0]]
            if kind.rounding == "TRN":  # what is less than a step above the highest code is that code
                before = before - 0.5 * np.exp2(-np.asarray(kind.fraction, float))
            found.append((layers.get(node.name, INPUTS), kind.count_saturating(before), before.size))
    return found
