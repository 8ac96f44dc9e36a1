"""LayerGraph: the calls of a model's layers, whichever Keras built it; nothing of Keras is imported here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codesign.errors import UnsupportedLayerError

# What does nothing at inference.
INERT = (
    "InputLayer",
    "Identity",
    "Dropout",
    "AlphaDropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "GaussianNoise",
    "GaussianDropout",
    "ActivityRegularization",
    "ColliderAugmentation",
)


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a layer; a layer that is shared has several.

    Args:
        name: of what it gives, unique in the graph: the layer's name, with a number behind it from the second call on.
        layer: the Keras layer, TFMOT's pruning wrapper opened; of Keras 3, an operation too.
        inputs: names of the values that it takes, in the order of its arguments.
        index: 0 for the layer's first call in this graph, 1 for the second.
        shape: of what it gives, events not counted; None for a size that Keras leaves open.
        args, kwargs: as the layer was called, numbers and symbolic tensors; the latter have a `_keras_history`, and
            stand in the order of `inputs`.
    """

    name: str
    layer: object
    inputs: tuple[str, ...]
    index: int
    shape: tuple[int | None, ...]
    args: tuple = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Name of the layer's class."""
        return type(self.layer).__name__

    def arguments(self, values: Iterable[object]) -> tuple[list, dict[str, object]]:
        """Return the arguments of the call, with other values in place of `inputs`."""
        given = iter(values)
        return [_put(one, given) for one in self.args], {name: _put(one, given) for name, one in self.kwargs.items()}


@dataclass(frozen=True, eq=False)
class LayerGraph:
    """What a model does to its inputs, call by call, nested models opened.

    Args:
        inputs: shapes by name, events not counted; None for a size that Keras leaves open.
        calls: each behind those that it takes.
        outputs: names of values.
    """

    inputs: Mapping[str, tuple[int | None, ...]]
    calls: tuple[LayerCall, ...]
    outputs: tuple[str, ...]

    @cached_property
    def layers(self) -> tuple[object, ...]:
        """Each layer once, in the order of first calls."""
        return tuple({id(call.layer): call.layer for call in self.calls}.values())

    @cached_property
    def takers(self) -> dict[str, tuple[LayerCall, ...]]:
        """The calls that take each value."""
        found: dict[str, list[LayerCall]] = {name: [] for name in (*self.inputs, *(call.name for call in self.calls))}
        for call in self.calls:
            for name in dict.fromkeys(call.inputs):
                found[name].append(call)
        return {name: tuple(calls) for name, calls in found.items()}

    @cached_property
    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """The shape of every value."""
        return {**self.inputs, **{call.name: call.shape for call in self.calls}}

    @property
    def is_chain(self) -> bool:
        """Whether each layer takes what the one before gives, once."""
        return not self._why_no_chain

    def chain(self) -> list[object]:
        """Return the layers in order.

        Raises:
            UnsupportedLayerError: for a graph that is no chain.
        """
        if self._why_no_chain:
            raise UnsupportedLayerError(
                f"model: expected a chain of layers. Received: {self._why_no_chain}; split it into chains"
            )
        return list(self.layers)

    @property
    def _why_no_chain(self) -> str:
        twice = next((call.layer.name for call in self.calls if call.index), None)
        if twice is not None:
            return f"'{twice}' used twice"
        if (len(self.inputs), len(self.outputs)) != (1, 1):
            return f"{len(self.inputs)} inputs, {len(self.outputs)} outputs"
        given = [*self.inputs, *(call.name for call in self.calls)]
        odd = next((call for call, name in zip(self.calls, given) if call.inputs != (name,)), None)
        return "" if odd is None else f"a branch at layer '{odd.name}' ({odd.kind})"


class CallNames:
    """Names of values in a graph of calls: the layer's own, with a number behind it from the second call on.

    Args:
        layer_names: that no later call of another layer may take.
    """

    def __init__(self, layer_names: Iterable[str]) -> None:
        self._layer_names, self._taken = set(layer_names), set()

    def new_name(self, name: str) -> str:
        """Return the name, with a number behind it if a value has it already."""
        number, free = 1, name
        while free in self._taken or (number > 1 and free in self._layer_names):
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free)
        return free


def is_dense(layer: object) -> bool:
    """Whether a layer multiplies by a kernel of (n_in, units): Dense, QDense and every training layer."""
    return hasattr(layer, "units") and hasattr(layer, "kernel")


def _put(argument: object, given: Iterator[object]) -> object:
    """The argument with the next values in place of symbolic tensors."""
    if hasattr(argument, "_keras_history"):
        return next(given)
    if isinstance(argument, Mapping):
        found = {name: _put(argument[name], given) for name in sorted(argument)}
        return {name: found[name] for name in argument}
    return type(argument)(_put(one, given) for one in argument) if type(argument) in (list, tuple) else argument
