"""The calls of a Keras model's layers, with what layers gave in place of symbolic tensors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign._layer_graph import LayerCall, LayerGraph
from codesign.errors import UnsupportedLayerError
from codesign.read.graph_builder import Value
from codesign.read.keras_records import TAKEN, LayerRecord


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer, or of an operation such as ``x - y``.

    Args:
        layer: what is called, of which a call of a file and of a live model have the same record.
        name: of the layer; with a number behind it where it is called again.
        args, kwargs: what it is called with; what layers gave is a :class:`Value`.
    """

    layer: LayerRecord
    name: str
    args: tuple
    kwargs: Mapping[str, object]

    @property
    def kind(self) -> str:
        """Name of the layer's class."""
        return self.layer.kind

    @property
    def config(self) -> Mapping[str, object]:
        """The layer's arguments; an old file may lack some, so that each is read with Keras's default."""
        return self.layer.config

    def weight(self, name: str) -> np.ndarray:
        """Return one of the layer's weights, as :meth:`codesign.read.keras_records.LayerRecord.weight`."""
        return self.layer.weight(name)

    @property
    def values(self) -> list[Value]:
        """What layers gave, in order."""
        return [one for one in flat((self.args, self.kwargs)) if isinstance(one, Value)]

    @property
    def value(self) -> Value:
        """The one value that it takes.

        Raises:
            UnsupportedLayerError: if it takes several.
        """
        values = self.values
        if len(values) != 1:
            raise UnsupportedLayerError(
                f"layer '{self.name}': expected one input for {self.kind}. Received: {len(values)}; call it on one"
            )
        return values[0]

    def argument(self, index: int, *names: str, default: object = None) -> object:
        """Return an argument by its place or one of its names; operations of Keras 3 are made with some."""
        if index < len(self.args):
            return self.args[index]
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        held = [self.config[name] for name in names if name in self.config]
        return held[0] if held else default


def read_model(
    graph: LayerGraph,
    values: Sequence[Value],
    read: Callable[[Call], Value],
    name_of: Callable[[str], str],
) -> list[Value]:
    """Hand every call that leads to an output to `read`, those in nested models too, and return the outputs.

    Args:
        graph: of records.
        values: one for each of its inputs.
        read: gives what a call gives.
        name_of: gives a name for a call that is not taken.
    """
    known = dict(zip(graph.inputs, values))
    for call in _leading_to_outputs(graph):
        given = iter([known[name] for name in call.inputs])
        args, kwargs = _with_values((call.args, dict(call.kwargs)), given)
        known[call.name] = read(Call(call.layer, name_of(call.name), args, kwargs))
    return [known[name] for name in graph.outputs]


def _leading_to_outputs(graph: LayerGraph) -> list[LayerCall]:
    """The calls that an output needs: a Lambda beside the way does not matter."""
    wanted, found = set(graph.outputs), []
    for call in reversed(graph.calls):
        if call.name in wanted:
            wanted.update(call.inputs)
            found.append(call)
    return found[::-1]


def flat(structure: object) -> list[object]:
    """Return the leaves of lists, tuples and mappings, these by their keys, as Keras does."""
    if isinstance(structure, Mapping):
        return flat([structure[key] for key in sorted(structure)])
    if isinstance(structure, (list, tuple)):
        return [leaf for one in structure for leaf in flat(one)]
    return [structure]


def _with_values(structure: object, given: object) -> object:
    """Lists, tuples and mappings with the next value in each place of one."""
    if isinstance(structure, dict):
        return {key: _with_values(structure[key], given) for key in sorted(structure)}
    if isinstance(structure, (list, tuple)):
        return tuple(_with_values(one, given) for one in structure)
    return next(given) if structure is TAKEN else structure
