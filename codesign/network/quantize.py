"""Give a network its fixed-point types: those of its training, or bit widths and the range of its values on data."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace

from codesign._arguments import checked
from codesign.errors import DataError, PrecisionError, SaturationWarning
from codesign.network.layout import Events
from codesign.network.network import Network
from codesign.network.node import Input, Node
from codesign.network.ops import KEY_OPS, Activation, Quantize, Tensor
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
from codesign.network.traced import Traced
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.word_bits import with_word_bits


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
    return NetworkQuantizer(network, x).quantize(choice or PrecisionChoice(**options))


class NetworkQuantizer:
    """A network and the events that ranges are found on, for one choice of widths after another.

    What choices share is worked out once: the values on the events, the type of each value at each width, the constants
    of each layer in each type.

    Args:
        network, x: as :func:`quantize_network`.
    """

    def __init__(self, network: Network, x: Events) -> None:
        self._network, self._x = network, network.check_events(x)
        if not len(self._x):
            raise DataError("x: expected at least one event to find ranges on. Received: none")
        self._traced: dict[Width | None, tuple[Network, Traced]] = {}
        self._said: set[str] = set()

    def quantize(self, choice: PrecisionChoice, *, quiet: bool = False) -> Network:
        """Return the network with the types of a choice.

        Args:
            choice: the widths.
            quiet: do not warn.

        Raises:
            ConfigError, PrecisionError: as :func:`quantize_network`.

        Warns:
            SaturationWarning: as :func:`quantize_network`, once of choices that saturate alike.
        """
        _check_trained(self._network, choice)
        widths = resolve_choice(choice, self._network)
        network, traced = self._of_words(widths)
        inputs = tuple(traced.typed_input(one, widths.inputs) for one in network.inputs)
        quantised = _Quantised(traced, inputs, widths)
        for node in network.nodes:
            quantised.add(node)
        message = _said_of_saturation(traced.saturating(widths.layers), widths)
        if message and not quiet and message not in self._said:
            self._said.add(message)
            warnings.warn(message, SaturationWarning, stacklevel=3)
        return replace(network, nodes=tuple(quantised.nodes.values()), inputs=inputs)

    def _of_words(self, widths: ResolvedChoice) -> "tuple[Network, Traced]":
        """The network, which the width of its inputs changes where they are the words of a detector, and its values."""
        given = None if isinstance(widths.inputs, str) else widths.inputs
        network = self._network if given is None else with_word_bits(self._network, given)
        key = None if network is self._network else given
        if key not in self._traced:
            rounded = [node.inputs[0] for node in network.nodes if isinstance(node.op, Quantize)]
            values = network.trace(self._x, [*widths.layers, *rounded])
            self._traced[key] = network, Traced(network, values)
        return self._traced[key]


class _Quantised:
    """The nodes with their types so far."""

    def __init__(self, traced: Traced, inputs: Sequence[Input], widths: ResolvedChoice) -> None:
        self.nodes: dict[str, Node] = {}
        self._traced, self._weights = traced, widths.weights
        self._types = {one.name: one.precision for one in inputs}
        self._from_inputs = set(self._types)
        self._layer_of, self._activations = widths.layers, widths.activations

    def add(self, node: Node) -> None:
        """Give a node types: of its constants, and of what it gives."""
        op, output = node.op, None
        if isinstance(op, Quantize) and node.inputs[0] in self._from_inputs:
            self._from_inputs.add(node.name)
        if node.name in self._weights:
            source, is_input = self._type_of(node.inputs[0]), node.inputs[0] in self._from_inputs
            op = self._traced.typed_op(node, self._weights[node.name], source, is_input=is_input)
        if node.name in self._layer_of:
            output = self._traced.value_type(node, self._activations[self._layer_of[node.name]])
        elif isinstance(op, Activation) and op.function in TABLES and node.name in self._traced.rounded:
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
        tensors = [Tensor(self._traced.shapes[one], self._type_of(one)) for one in node.inputs]
        return node.op.bind(tensors, None).output


def _check_trained(network: Network, choice: PrecisionChoice) -> None:
    if choice.uses_trained_types and not network.has_trained_types:
        raise PrecisionError(
            "weights, activations: expected types from the training. Received: a network without any; give numbers of "
            "bits, such as weights=6, activations=8, or train with QKeras"
        )


def _said_of_saturation(found: Sequence[tuple[str, int, int]], widths: ResolvedChoice) -> str:
    """How many values saturate in a trained range that a number of bits keeps; empty if none do."""
    given = {INPUTS: widths.inputs, **widths.activations}
    kept = [one for one in found if one[1] and not isinstance(given.get(one[0], TRAINED), str)]
    shares = ", ".join(f"{name}: {count} of {size}" for name, count, size in kept)
    return f"values saturate in the range that they were trained with: {shares}" if kept else ""
