"""One point of a precision grid: widths for all layers alike, or for each by its name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesign._arguments import check_type
from codesign.errors import ConfigError, nearest

if TYPE_CHECKING:
    from codesign.network.network import Network

TRAINED = "trained"
INPUTS = "inputs"
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
        inputs: the same for the inputs; None takes `activations`.

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

    def __str__(self) -> str:
        named = {"w": self.weights, "a": self.activations, "i": self.inputs}
        return " ".join(letter + _width_text(width) for letter, width in named.items() if width is not None)

    @property
    def uses_trained_types(self) -> bool:
        """Whether any tensor is to keep the type that it was trained with."""
        return any(TRAINED in _widths(width) for width in (self.weights, self.activations, self.inputs))


@dataclass(frozen=True)
class ResolvedChoice:
    """The widths of one network: of its inputs, and of each layer, in order; an activation that has none is None."""

    inputs: Width
    weights: tuple[Width, ...]
    activations: tuple[Width | None, ...]


def resolve_choice(choice: PrecisionChoice, network: "Network") -> ResolvedChoice:
    """Return what a choice means for a network.

    Raises:
        ConfigError: for the name of a layer that the network does not have (it names the nearest), or a layer without
            a width.
    """
    names = [layer.name for layer in network.layers]
    typed = [layer.name for layer in network.layers if has_output_type(network, layer.name)]
    activations, inputs = choice.activations, choice.inputs
    if isinstance(activations, tuple) and inputs is None:
        found = dict(_by_layer("activations", activations, [INPUTS, *typed]))
        inputs = found.pop(INPUTS)
    else:
        found = dict(_by_layer("activations", activations, typed))
        inputs = activations if inputs is None else inputs
    weights = dict(_by_layer("weights", choice.weights, names))
    return ResolvedChoice(inputs, tuple(weights[name] for name in names), tuple(found.get(name) for name in names))


def has_output_type(network: "Network", name: str) -> bool:
    """Whether the outputs of a layer are rounded: those of a linear last layer keep every bit."""
    last = network.layers[-1]
    return name != last.name or last.activation in ("sigmoid", "tanh") or last.quantizer is not None


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
