"""One point of a precision grid: widths for all layers alike, or for each by its name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesign._arguments import check_type
from codesign.errors import ConfigError, nearest
from codesign.network.node import Node
from codesign.network.ops import (
    MOVES,
    PLACES,
    TABLE_OPS,
    Activation,
    Affine,
    ArgMax,
    Compare,
    Dense,
    Embedding,
    Max,
    Maximum,
    Min,
    Minimum,
    Quantize,
    SegmentSum,
    Select,
    Table,
)
from codesign.network.ops.activation import TABLES

if TYPE_CHECKING:
    from codesign.network.network import Network

TRAINED = "trained"
INPUTS = "inputs"
# Their values need no rounding: the types are exact.
_KEEPING = (*MOVES, *PLACES, *TABLE_OPS, Max, Min, ArgMax, Maximum, Minimum, Compare, Select)
Width = int | str
_WIDTH = "bits such as 6, a type such as ap_fixed<8,3>, or trained"
_WIDTHS = f"{_WIDTH}, or a mapping from layers' names to these"
LayerWidths = tuple[tuple[str, Width], ...]


@dataclass(frozen=True)
class PrecisionChoice:
    """One point of a precision grid.

    Args:
        weights: total bits of every kernel (integer bits from its range), a type such as ``ap_fixed<8,3>``, or
            ``trained``: the types that the network has already, for example from QKeras quantizers; a kernel that the
            training left without a type gets the narrowest that holds it within 20 bits, or 16 bits. A mapping gives
            each layer its own, by the names that :meth:`Network.summary` prints: ``{"fc1": 6, "fc2": "ap_fixed<4,1>",
            "output": "trained"}``.
        activations: the same for the outputs of the hidden activations (integer bits from the quantizer they were
            trained with, or else from their range on data), 16 bits where `trained` finds none. A mapping names every
            layer but a linear last one, and ``inputs`` unless they are given.
        inputs: the same for the inputs; None takes `activations`. Of a detector's words, bits are the highest of each.

    Example:
        >>> str(PrecisionChoice(weights={"fc1": 6, "fc2": 4}, activations=8))
        'w6/4 a8'
    """

    weights: Width | Mapping[str, Width] | LayerWidths = TRAINED
    activations: Width | Mapping[str, Width] | LayerWidths = TRAINED
    inputs: Width | None = None

    def __post_init__(self) -> None:
        check_type(self.inputs, Width | None, "inputs", expected=_WIDTH)
        for name in ("weights", "activations"):
            value = getattr(self, name)
            check_type(value, Width | Mapping[str, Width] | LayerWidths, name, expected=_WIDTHS)
            if isinstance(value, Mapping):
                object.__setattr__(self, name, tuple(sorted(value.items(), key=lambda item: _natural(item[0]))))
            elif not isinstance(value, Width):
                object.__setattr__(self, name, tuple(tuple(pair) for pair in value))

    def __str__(self) -> str:
        named = {"w": self.weights, "a": self.activations, "i": self.inputs}
        return " ".join(letter + _width_text(width) for letter, width in named.items() if width is not None)

    @property
    def uses_trained_types(self) -> bool:
        """Whether any tensor is to keep the type that it was trained with."""
        return any(TRAINED in _widths(width) for width in (self.weights, self.activations, self.inputs))


@dataclass(frozen=True)
class ResolvedChoice:
    """The widths of one network.

    Args:
        inputs: of its inputs.
        weights: by name of the nodes with constants.
        activations: by name of the layers that are rounded.
        layers: the names of these layers, by that of the node that rounds them.
    """

    inputs: Width
    weights: Mapping[str, Width]
    activations: Mapping[str, Width]
    layers: Mapping[str, str]


def resolve_choice(choice: PrecisionChoice, network: "Network") -> ResolvedChoice:
    """Return what a choice means for a network.

    Raises:
        ConfigError: for the name of a layer that the network does not have (it names the nearest), or a layer without
            a width.
    """
    names, rounded = constant_names(network), typed_nodes(network)
    typed = list(rounded)
    activations, inputs = choice.activations, choice.inputs
    if isinstance(activations, tuple) and inputs is None:
        found = dict(_by_layer("activations", activations, [INPUTS, *typed]))
        inputs = found.pop(INPUTS)
    else:
        found = dict(_by_layer("activations", activations, typed))
        inputs = activations if inputs is None else inputs
    layers = {node.name: name for name, node in rounded.items()}
    return ResolvedChoice(inputs, dict(_by_layer("weights", choice.weights, names)), found, layers)


def constant_names(network: "Network") -> list[str]:
    """Return the nodes that have constants: dense, affine, embedding, table, sums with offsets."""
    return [
        node.name for node in network.nodes if isinstance(node.op, (Dense, Affine, Embedding, Table)) or _adds(node)
    ]


def _adds(node: Node) -> bool:
    return isinstance(node.op, SegmentSum) and bool(node.op.offset.any())


def typed_nodes(network: "Network") -> dict[str, Node]:
    """Return the nodes whose values are rounded, by the name of the layer that gives them.

    Of a layer that is its last node; of an op that a quantizer follows, the quantizer. What only moves or compares
    values keeps their types, and so do linear outputs of the network, which keep every bit.
    """
    found: dict[str, Node] = {}
    owner = {name: group.dense.name for group in network.groups for name in group.names}
    users = {name: [node for node in network.nodes if name in node.inputs] for name in network.shapes}
    inputs = {one.name for one in network.inputs}
    inner = {name for group in network.groups for name in group.names if name != group.last.name}
    for node in network.nodes:
        source = node.inputs[0]
        if node.name in inner:
            continue
        if isinstance(node.op, Quantize):
            is_alone = len(users[source]) == 1 and source not in network.outputs
            if not (is_alone and source in inputs):
                name = owner.get(source, source) if is_alone and not _keeps_type(source, network) else node.name
                found[name] = node
        elif not isinstance(node.op, _KEEPING) and (node.name not in network.outputs or _has_table(node)):
            found[owner.get(node.name, node.name)] = node
    return found


def _keeps_type(name: str, network: "Network") -> bool:
    return any(node.name == name and isinstance(node.op, (*_KEEPING, Quantize)) for node in network.nodes)


def _has_table(node: Node) -> bool:
    return isinstance(node.op, Activation) and node.op.function in TABLES


def _by_layer(what: str, width: Width | LayerWidths, names: Sequence[str]) -> LayerWidths:
    if not isinstance(width, tuple):
        return tuple((name, width) for name in names)
    given = dict(width)
    for name in given:
        if name not in names:
            raise ConfigError(f"{what}: unknown layer '{name}'{nearest(name, names)}; expected: {', '.join(names)}")
    missing = [name for name in names if name not in given]
    if missing:
        raise ConfigError(f"{what}: expected a width for each of {', '.join(names)}. Missing: {', '.join(missing)}")
    return width


def _widths(width: Width | LayerWidths | None) -> tuple[Width | None, ...]:
    return tuple(one for _, one in width) if isinstance(width, tuple) else (width,)


def _width_text(width: Width | LayerWidths) -> str:
    """Short, and different for what differs: 6, :trained, 6/4/4."""
    texts = [f"{':' * isinstance(one, str)}{one}" for one in _widths(width)]
    return "/".join(texts) + "/" * (isinstance(width, tuple) and len(texts) == 1)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort fc2 before fc10, and the inputs before all."""
    if name == INPUTS:
        return []
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", str(name))]
