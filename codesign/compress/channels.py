"""Which channels of a model's values stay or go together: a table from what a layer does to how they pass it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from codesign.compress.dead_units import Channels
from codesign.compress.kinds import is_mixing, kind_of
from codesign.compress.step_graph import StepCall, StepGraph
from codesign.compress.steps import DenseStep, OtherStep
from codesign.errors import UnsupportedLayerError


@dataclass(frozen=True, eq=False)
class ChannelMap:
    """The channels of a model.

    Args:
        of: (n,) channels of each value, along its last axis.
        rows, columns: channels that each dense step reads and gives.
        channels: what is known of them.
    """

    of: Mapping[str, np.ndarray]
    rows: Mapping[str, np.ndarray]
    columns: Mapping[str, np.ndarray]
    channels: Channels


def map_channels(graph: StepGraph) -> ChannelMap:
    """Follow channels through a model.

    Raises:
        UnsupportedLayerError: for a layer before a dense one that mixes channels, or a model without dense layers.
    """
    if not graph.dense:
        raise UnsupportedLayerError("model: expected at least one Dense layer. Received: none")
    found = _Follower(graph)
    for name in graph.inputs:
        found.of[name] = found.new(name, varying=True)
    for call, step in graph.each():
        found.follow(call, step)
    for name in graph.outputs:
        found.needed[found.of[name]] = True
    return found.result()


class _Follower:
    """Gives every value its channels; those that are tied become one in the end."""

    def __init__(self, graph: StepGraph) -> None:
        n = sum(self._width(graph, name) for name in graph.shapes)
        self.graph, self.of, self.rows = graph, {}, {}
        self.varying, self.needed = np.zeros(n, bool), np.zeros(n, bool)
        self._n_used, self._ties = 0, [np.zeros((2, 0), int)]
        self._first: dict[str, np.ndarray] = {}
        self._mixed: dict[str, str] = {}

    @staticmethod
    def _width(graph: StepGraph, name: str) -> int:
        shape = graph.shapes[name]
        if shape and shape[-1] is None:
            raise UnsupportedLayerError(f"layer '{name}': expected a last axis of known length. Received: {shape}")
        return shape[-1] if shape else 1

    def new(self, name: str, *, varying: bool = False) -> np.ndarray:
        """Return channels of a value's own."""
        start, self._n_used = self._n_used, self._n_used + self._width(self.graph, name)
        self.varying[start : self._n_used] = varying
        return np.arange(start, self._n_used)

    def tie(self, *values: np.ndarray) -> np.ndarray:
        """Let channels of values of one width stay or go together."""
        self._ties += [np.stack([values[0], other]) for other in values[1:]]
        return values[0]

    def follow(self, call: StepCall, step: DenseStep | OtherStep) -> None:
        """Give what a call gives its channels."""
        given = [self.of[name] for name in call.inputs]
        mixed = next((self._mixed[name] for name in call.inputs if name in self._mixed), None)
        if isinstance(step, DenseStep):
            if mixed is not None:
                raise UnsupportedLayerError(
                    f"layer '{mixed}': expected an elementwise layer between dense ones. Received: "
                    f"{self._described(mixed)}; it cannot be shrunk"
                )
            mixed = self._follow_dense(call, step, given[0])
        else:
            kind = kind_of(step, len(given))
            mixed = call.name if kind == "mixing" else mixed
            self.of[call.name] = _FOLLOW.get(kind, _all)(self, call, step, given)
            tied = self._first.setdefault(call.step, self.of[call.name])
            if kind in ("batch normalisation", "reshape"):
                self.tie(tied, self.of[call.name])
        if mixed is not None:
            self._mixed[call.name] = mixed

    def _follow_dense(self, call: StepCall, step: DenseStep, given: np.ndarray) -> str | None:
        """Give a dense layer's outputs their channels, the same in all calls; return its name if they are mixed."""
        self.rows[call.step] = self.tie(self.rows.get(call.step, given), given)
        if call.step not in self._first:
            self._first[call.step] = self.new(call.name)
        self.of[call.name] = self._first[call.step]
        if not is_mixing(step.activation):
            return None
        self.varying[self.of[call.name]] = self.needed[self.of[call.name]] = True
        return call.name

    def _described(self, name: str) -> str:
        step = next(step for call, step in self.graph.each() if call.name == name)
        return step.kind if isinstance(step, OtherStep) else f"{step.kind.__name__} with softmax"

    def result(self) -> ChannelMap:
        """Return the channels, tied ones as one, numbered from 0."""
        one, two = np.concatenate(self._ties, 1)
        ties = coo_array((np.ones(len(one), bool), (one, two)), (self._n_used, self._n_used))
        n_channels, number = connected_components(ties, directed=False)
        flags = np.zeros((2, n_channels), bool)
        np.logical_or.at(flags[0], number, self.varying[: self._n_used])
        np.logical_or.at(flags[1], number, self.needed[: self._n_used])
        of = {name: number[own] for name, own in self.of.items()}
        columns = {name: number[self._first[name]] for name in self.rows}
        rows = {name: number[own] for name, own in self.rows.items()}
        return ChannelMap(of, rows, columns, Channels(*flags, list(of.values())))


_Rule = Callable[[_Follower, StepCall, OtherStep, Sequence[np.ndarray]], np.ndarray]


def _same(found: _Follower, call: StepCall, step: OtherStep, given: Sequence[np.ndarray]) -> np.ndarray:
    return given[0]


def _all(found: _Follower, call: StepCall, step: OtherStep, given: Sequence[np.ndarray]) -> np.ndarray:
    """Everything is needed, and what comes has channels of its own."""
    for one in given:
        found.needed[one] = True
    return found.new(call.name, varying=True)


def _merge(found: _Follower, call: StepCall, step: OtherStep, given: Sequence[np.ndarray]) -> np.ndarray:
    """Channel by channel; one channel beside many is needed, and counts as varying."""
    widest = max(given, key=len)
    found.tie(*(one for one in given if len(one) == len(widest)))
    for one in given:
        if len(one) < len(widest):
            found.needed[one] = found.varying[widest] = True
    return widest


def _concatenate(found: _Follower, call: StepCall, step: OtherStep, given: Sequence[np.ndarray]) -> np.ndarray:
    if step.layer.axis in (-1, len(found.graph.shapes[call.name])):
        return np.concatenate(given)
    return found.tie(*given)


def _reshape(found: _Follower, call: StepCall, step: OtherStep, given: Sequence[np.ndarray]) -> np.ndarray:
    """Where all axes become one, a channel stands there once for each place."""
    before, after = found.graph.shapes[call.inputs[0]], found.graph.shapes[call.name]
    if len(after) == 1 and None not in before:
        return np.tile(given[0], prod(before[:-1]))
    return given[0] if before[-1] == after[-1] else _all(found, call, step, given)


def _permute(found: _Follower, call: StepCall, step: OtherStep, given: Sequence[np.ndarray]) -> np.ndarray:
    return given[0] if step.layer.dims[-1] == len(step.layer.dims) else _all(found, call, step, given)


_FOLLOW: Mapping[str, _Rule] = MappingProxyType(
    {
        "inert": _same,
        "elementwise": _same,
        "batch normalisation": _same,
        "mean over other axes": _same,
        "maximum over other axes": _same,
        "linear merge": _merge,
        "merge": _merge,
        "concatenate": _concatenate,
        "reshape": _reshape,
        "permute": _permute,
    }
)
