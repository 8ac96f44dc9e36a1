"""Pending: what gates would have done to a value, on the way to the dense layers that do it instead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.compress.kinds import kind_of
from codesign.compress.step_graph import StepCall, StepGraph, call_layer
from codesign.compress.steps import DenseStep, GateStep, OtherStep, SelectionStep


class Refusal(Exception):
    """Raised for what a gate cannot pass.

    Args:
        way: what is pending there.
        after: name of what it cannot pass.
    """

    def __init__(self, way: "Pending", after: str) -> None:
        super().__init__(after)
        self.gate, self.after = way.gate, after


@dataclass(frozen=True, eq=False)
class Pending:
    """``value = computed[..., source] * factor``, with `computed` what stands there once the gate is gone.

    Args:
        source, factor: (n,) along the last axis.
        n_computed: the last axis of `computed`.
        gate: name of the last gate or selection of those; empty where nothing is pending.
    """

    source: np.ndarray
    factor: np.ndarray
    n_computed: int
    gate: str = ""

    @classmethod
    def nothing(cls, n: int) -> "Pending":
        """Return what changes no value."""
        return cls(np.arange(n), np.ones(n, np.float32), n)

    def through(self, gate: str, step: GateStep | SelectionStep) -> "Pending":
        """Return this, followed by a gate or a selection."""
        if isinstance(step, GateStep):
            return replace(self, factor=self.factor * step.factors, gate=gate)
        return replace(self, source=self.source[step.indices], factor=self.factor[step.indices], gate=gate)

    @property
    def has_ones(self) -> bool:
        """Whether values only stand elsewhere."""
        return bool((self.factor == 1).all())

    @property
    def has_zeros_and_ones(self) -> bool:
        """Whether every factor is 0 or 1."""
        return bool(np.isin(self.factor, (0, 1)).all())

    def is_like(self, other: "Pending") -> bool:
        """Whether both do the same."""
        pairs = ((self.source, other.source), (self.factor, other.factor))
        return self.n_computed == other.n_computed and all(np.array_equal(*pair) for pair in pairs)


def pass_on(step: OtherStep, call: StepCall, given: Sequence[Pending], graph: StepGraph) -> tuple[Pending, OtherStep]:
    """Return what is pending behind a step, by what is before it, and the step as it is then.

    Raises:
        Refusal: for what it cannot pass exactly.
    """
    kind = kind_of(step, len(call.inputs))
    if kind not in _PASS:
        raise _refusal(call, given)
    return _PASS[kind](step, call, given, graph)


def take_in(step: DenseStep, ways: Sequence[Pending]) -> DenseStep:
    """Return a dense step whose rows do what is pending before each of its calls.

    Raises:
        Refusal: if the calls of a shared layer need different rows, or the quantizers would round the products.
    """
    first = ways[0]
    if not all(first.is_like(other) for other in ways):
        raise Refusal(next(way for way in ways if way.gate), step.name)
    kernel, expected = np.zeros((2, first.n_computed, step.kernel.shape[1]), np.float32)
    kernel[first.source] = step.kernel * first.factor[:, np.newaxis]
    expected[first.source] = step.effective_kernel * first.factor[:, np.newaxis]
    new = replace(step, kernel=kernel)
    if not np.array_equal(new.effective_kernel, expected):
        raise Refusal(first, step.name)
    return new


_Passed = tuple[Pending, OtherStep]


def _refusal(call: StepCall, given: Sequence[Pending]) -> Refusal:
    return Refusal(next(way for way in given if way.gate), call.name)


def _pass_if(
    may_pass: Callable[[OtherStep, StepCall, Pending], bool],
) -> Callable[[OtherStep, StepCall, Sequence[Pending], StepGraph], _Passed]:
    """The rule of what treats each channel alike: all that it takes has to wait for the same."""

    def rule(step: OtherStep, call: StepCall, given: Sequence[Pending], graph: StepGraph) -> _Passed:
        if not all(given[0].is_like(other) for other in given) or not may_pass(step, call, given[0]):
            raise _refusal(call, given)
        return given[0], step

    return rule


def _keeps_zero(step: OtherStep, call: StepCall) -> bool:
    return float(np.asarray(call_layer(step.layer, call, [np.zeros((1, 1), np.float32)]))[0, 0]) == 0.0


def _batch_normalisation(step: OtherStep, call: StepCall, given: Sequence[Pending], graph: StepGraph) -> _Passed:
    """A selection spreads its weights; those of features that are not selected are read by no kernel."""
    way = given[0]
    if not way.has_ones or sum(other.step == call.step for other in graph.calls) > 1:
        raise Refusal(way, call.name)
    weights = []
    for weight in step.weights:
        spread = np.full(way.n_computed, weight[0], weight.dtype)
        spread[way.source] = weight
        weights.append(spread)
    return way, replace(step, weights=weights)


def _concatenate(step: OtherStep, call: StepCall, given: Sequence[Pending], graph: StepGraph) -> _Passed:
    if step.layer.axis not in (-1, len(graph.shapes[call.name])):
        return _pass_if(lambda *_: True)(step, call, given, graph)
    starts = np.cumsum([0, *(way.n_computed for way in given)])
    source = np.concatenate([way.source + start for way, start in zip(given, starts)])
    gate = next(way.gate for way in given if way.gate)
    return Pending(source, np.concatenate([way.factor for way in given]), int(starts[-1]), gate), step


def _reshape(step: OtherStep, call: StepCall, given: Sequence[Pending], graph: StepGraph) -> _Passed:
    """Past what keeps the last axis, or puts all axes into one."""
    way, before, after = given[0], graph.shapes[call.inputs[0]], graph.shapes[call.name]
    if len(after) != 1 or None in before[:-1]:
        raise Refusal(way, call.name)
    n = prod(before[:-1])
    source = (np.arange(n)[:, np.newaxis] * way.n_computed + way.source).ravel()
    shape = {} if step.kind == "Flatten" else {"target_shape": (n * way.n_computed,)}
    return Pending(source, np.tile(way.factor, n), n * way.n_computed, way.gate), replace(step, changes=shape)


_PASS: Mapping[str, Callable[[OtherStep, StepCall, Sequence[Pending], StepGraph], _Passed]] = MappingProxyType(
    {
        "inert": _pass_if(lambda *_: True),
        "elementwise": _pass_if(
            lambda step, call, way: way.has_ones or (way.has_zeros_and_ones and _keeps_zero(step, call))
        ),
        "batch normalisation": _batch_normalisation,
        "mean over other axes": _pass_if(lambda *_: True),
        "maximum over other axes": _pass_if(lambda step, call, way: bool((way.factor >= 0).all())),
        "linear merge": _pass_if(lambda *_: True),
        "merge": _pass_if(lambda step, call, way: way.has_zeros_and_ones),
        "concatenate": _concatenate,
        "reshape": _reshape,
    }
)
