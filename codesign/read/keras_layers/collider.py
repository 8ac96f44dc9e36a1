"""ColliderFeatures and FillMissing: momenta of events in one position, and what stands for values that do not exist."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from codesign.data import ColliderVectors
from codesign.data.collider_inputs import ColliderInputs
from codesign.data.collider_steps import collider_steps
from codesign.errors import UnsupportedLayerError
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    Compare,
    Concatenate,
    Gather,
    Multiply,
    Op,
    Select,
    Slice,
    Subtract,
)
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.parts.axes import constant

_MERGES: Mapping[str, type[Op]] = MappingProxyType({"add": Add, "subtract": Subtract, "multiply": Multiply})


def read_collider_features(builder: GraphBuilder, call: Call) -> Value:
    """The nodes of each step."""
    config, value = call.config, call.value
    named = {kind: {name: tuple(one) for name, one in config[kind].items()} for kind in ("polar", "cartesian")}
    vectors = ColliderVectors(tuple(config["features"]), **named, missing=config["missing"])
    if value.shape != (len(vectors.features),):
        raise UnsupportedLayerError(
            f"layer '{call.name}': expected {len(vectors.features)} columns, as its features are named. Received: "
            f"{value.shape}"
        )
    wanted = ColliderInputs(vectors, config["reference"], config["other"], config["masses"])
    return collider_steps(_NodeSteps(builder, call.name), value, wanted)


def read_fill_missing(builder: GraphBuilder, call: Call) -> Value:
    """A comparison and a choice."""
    fill, value = np.asarray(call.config["fill"], np.float64), call.value
    if fill.shape != value.shape[-1:]:
        raise UnsupportedLayerError(f"layer '{call.name}': expected {value.shape[-1]} numbers. Received: {fill.size}")
    steps = _NodeSteps(builder, call.name)
    there = steps.differs(value, call.config["missing"])
    return builder.add(call.name, Select(), there, value, constant(builder, call.name, fill, value))


class _NodeSteps:
    """The operations as nodes, called after the layer."""

    def __init__(self, builder: GraphBuilder, name: str) -> None:
        self._builder, self._name = builder, name

    def take(self, x: Value, places: Sequence[int]) -> Value:
        return self._add(_taken(list(places)), x)

    def join(self, values: Sequence[Value]) -> Value:
        return self._add(Concatenate(), *values) if len(values) > 1 else values[0]

    def line(self, x: Value, factor: float | np.ndarray, offset: float = 0.0) -> Value:
        return self._add(Affine(np.broadcast_to(factor, x.shape), np.full(x.shape, float(offset))), x)

    def apply(self, function: str, x: Value) -> Value:
        return self._add(Activation(function), x)

    def merge(self, operation: str, a: Value, b: Value) -> Value:
        return self._add(_MERGES[operation](), a, b)

    def differs(self, x: Value, number: float) -> Value:
        return self._add(Compare("not_equal"), x, constant(self._builder, self._name, np.array([number]), x))

    def choose(self, condition: Value, x: Value, other: Value | float) -> Value:
        if not isinstance(other, Value):
            other = constant(self._builder, self._name, np.array([other]), x)
        return self._add(Select(), condition, x, other)

    def _add(self, op: Op, *values: Value) -> Value:
        return self._builder.add(self._name, op, *values, name=f"{self._name}_{op.name}")


def _taken(places: list[int]) -> Op:
    """A slice where places follow each other, which is no work at all."""
    follows = places == list(range(places[0], places[0] + len(places))) and places[0] >= 0
    return Slice(places[0], places[-1] + 1, 1) if follows else Gather(np.array(places))
