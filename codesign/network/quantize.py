"""Give a network its fixed-point types: those of its training, or bit widths and the range of its values on data."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError, PrecisionError, SaturationWarning
from codesign.network.constant_choice import UNTRAINED_BITS, WIDEST_SPREAD, with_types
from codesign.network.key_reach import with_keys
from codesign.network.layout import Events
from codesign.network.network import Network
from codesign.network.node import Input, Node
from codesign.network.ops import KEY_OPS, Activation, Embedding, Quantize, Tensor
from codesign.network.ops.activation import TABLES
from codesign.network.ops.keys import BIT
from codesign.network.precision_choice import (
    INPUTS,
    TRAINED,
    PrecisionChoice,
    ResolvedChoice,
    Width,
    resolve_choice,
)
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.word_bits import is_word, with_word_bits


@checked
def quantize_network(
    network: Network, x: Events, choice: PrecisionChoice | None = None, **options: Width | Mapping[str, Width]
) -> Network:
    """Return the network with fixed-point types, ready for :meth:`Network.emulate`.

    By default the types are those of the training, which a QKeras model has. Of widths given as numbers, weights and
    activations round half up and activations saturate; the integer bits are the fewest that hold all weights, and those
    of the quantizer that the values were trained with, or else the fewest that hold all values on `x`. The accumulators
    are wide enough to be exact, and linear outputs keep every bit.

    Args:
        network: any network; types it already has are replaced, its function, :meth:`Network.predict`, stays. Of the
            words of a detector, behind DetectorWords, a number for the inputs keeps the highest bits, in the function
            too: they are truncated, and the biases take up half a step.
        x: (n_events, n_inputs), data to find ranges on; some thousand events are enough.
        choice: the widths, or give them as keywords: ``weights=6, activations=8, inputs=10``, or by layer:
            ``weights={"fc1": 6, "fc2": 4}``.

    Raises:
        ConfigError: for widths by layer that name a layer which is not there, or leave one out.
        PrecisionError: if a type given as text is too narrow: it says how many weights saturate; or for ``trained``
            types of a network that has none.

    Warns:
        SaturationWarning: if values saturate in the range that they were trained with: it says how many, of which
        layer.

    Example:
        >>> from codesign import DenseLayer, Network, quantize_network
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.1])])
        >>> str(quantize_network(network, [[1.0, 2.0]], weights=4, activations=6).input_precision)
        'ap_ufixed<6,2,AP_RND,AP_SAT>'
    """
    choice = choice or PrecisionChoice(**options)
    x = network.check_events(x)
    if not len(x):
        raise DataError("x: expected at least one event to find ranges on. Received: none")
    _check_trained(network, choice)
    widths = resolve_choice(choice, network)
    if not isinstance(widths.inputs, str):
        network = with_word_bits(network, widths.inputs)
    rounded = [node.inputs[0] for node in network.nodes if isinstance(node.op, Quantize)]
    values = network.trace(x, [*widths.layers, *rounded])
    inputs = tuple(_typed_input(one, network, widths.inputs, values[one.name]) for one in network.inputs)
    quantised = _Quantised(network, inputs, widths, values)
    for node in network.nodes:
        quantised.add(node)
    _warn_of_saturation(network, values, widths)
    return replace(network, nodes=tuple(quantised.nodes.values()), inputs=inputs)


class _Quantised:
    """The nodes with their types so far."""

    def __init__(
        self, network: Network, inputs: Sequence[Input], widths: ResolvedChoice, values: Mapping[str, np.ndarray]
    ) -> None:
        self.nodes: dict[str, Node] = {}
        self._shapes, self._values, self._weights = network.shapes, values, widths.weights
        self._types = {one.name: one.precision for one in inputs}
        self._from_inputs = set(self._types)
        self._layer_of = widths.layers
        self._activations, self._before = widths.activations, {node.name: node for node in network.nodes}
        self._readers = {name: [one.op for one in network.nodes if name in one.inputs] for name in self._shapes}
        self._quantised = {node.inputs[0] for node in network.nodes if isinstance(node.op, Quantize)}

    def add(self, node: Node) -> None:
        """Give a node types: of its constants, and of what it gives."""
        op, output = node.op, None
        if isinstance(op, Quantize) and node.inputs[0] in self._from_inputs:
            self._from_inputs.add(node.name)
        if node.name in self._weights:
            source = self._type_of(node.inputs[0])
            reach = source if node.inputs[0] in self._from_inputs else None
            op = with_types(op, self._weights[node.name], source, node.name, reach)
        if node.name in self._layer_of:
            quantizer = op.type if isinstance(op, Quantize) else None
            width = self._activations[self._layer_of[node.name]]
            values = with_keys(self._values[node.name], self._readers[node.name], width)
            output = _value_type(width, values, quantizer, self._before[node.name].output)
        elif isinstance(op, Activation) and op.function in TABLES and node.name in self._quantised:
            output = op.table  # one rounding, at the quantizer
        self.nodes[node.name] = replace(node, op=op, output=output)

    def _type_of(self, name: str) -> FixedPoint:
        """The type of a value, worked out where no width gives it."""
        if name not in self._types:
            node = self.nodes[name]
            self._types[name] = node.output or self._exact_type(node)
        return self._types[name]

    def _exact_type(self, node: Node) -> FixedPoint:
        if isinstance(node.op, KEY_OPS):
            return BIT
        tensors = [Tensor(self._shapes[one], self._type_of(one)) for one in node.inputs]
        return node.op.bind(tensors, None).output


def _check_trained(network: Network, choice: PrecisionChoice) -> None:
    if choice.uses_trained_types and not network.has_trained_types:
        raise PrecisionError(
            "weights, activations: expected types from the training. Received: a network without any; give numbers of "
            "bits, such as weights=6, activations=8, or train with QKeras"
        )


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


def _warn_of_saturation(network: Network, values: Mapping[str, np.ndarray], widths: ResolvedChoice) -> None:
    """Say how many values saturate in a trained range that a number of bits keeps."""
    given = {INPUTS: widths.inputs, **widths.activations}
    found = count_saturating(network, values, widths.layers)
    kept = [one for one in found if one[1] and not isinstance(given.get(one[0], TRAINED), str)]
    if kept:
        shares = ", ".join(f"{name}: {count} of {size}" for name, count, size in kept)
        message = f"values saturate in the range that they were trained with: {shares}"
        warnings.warn(message, SaturationWarning, stacklevel=3)


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
