"""LayerList: what hls4ml reads, a list of layers with every type explicit, as its own readers make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import FixedOp, Op, Patches, Shape, Tensor


@dataclass(frozen=True)
class Value:
    """A value in the project: hls4ml's name of the layer that gives it, its shape and its one type."""

    name: str
    shape: Shape
    type: FixedPoint
    is_own: bool = True  # whether it has an array of its own, which an input and a reshaped value have not
    patched: "Patched | None" = None  # of what lies under windows, which no layer gives


@dataclass(frozen=True, eq=False)
class Patched:
    """What lies under the windows of a value."""

    source: Value
    op: Patches


@dataclass(frozen=True, eq=False)
class WrittenNode:
    """An op, the same in integers, what it takes and the shape that it gives."""

    op: Op
    fixed: FixedOp
    inputs: tuple[Tensor, ...]
    shape: Shape


@dataclass
class LayerList:
    """Layers so far, each with an entry in the configuration.

    Names are our own: a node may be called what is no C++ identifier, or what hls4ml reserves.

    Args:
        strategy: hls4ml's, of every layer.
        reuse_factor: of the layers that are added next.
        node: for which they are added.
    """

    strategy: str
    reuse_factor: int = 1
    layers: list[dict] = field(default_factory=list)
    config: dict[str, dict] = field(default_factory=dict)
    node: str = ""
    node_of: dict[str, str] = field(default_factory=dict)

    def add_input(self, shape: Shape, precision: FixedPoint, *, is_index: bool) -> Value:
        """Add an input of the network; one that counts rows of a table has a type of integers."""
        name, text = f"events{len(self.layers) + 1}", str(precision.envelope)
        if is_index and precision.envelope.fraction == 0:
            text = integer_text(precision.envelope)
        self.layers.append({"name": name, "class_name": "InputLayer", "input_shape": list(shape)})
        self.config[name] = {"Precision": {"result": text}}
        return Value(name, tuple(shape), precision.envelope, is_own=False)

    def add(
        self,
        kind: str,
        inputs: Sequence[Value],
        output: tuple[Shape, FixedPoint | str],
        *,
        types: Mapping[str, FixedPoint] | None = None,
        settings: Mapping[str, object] | None = None,
        **attributes: object,
    ) -> Value:
        """Add a layer.

        Args:
            kind: hls4ml's class of it.
            inputs: what it takes.
            output: shape and type of what it gives.
            types: of its constants and its accumulator, by hls4ml's names.
            settings: other entries of its configuration.
            attributes: hls4ml's of that class.
        """
        shape, result = tuple(output[0]), output[1]
        name = f"{kind.lower()}{len(self.layers) + 1}"
        sources = [value.name for value in inputs]
        self.layers.append({"name": name, "class_name": kind, "inputs": sources, **attributes})
        precision = {"result": result, **(types or {})}
        hardware = {"Strategy": self.strategy, "ReuseFactor": self.reuse_factor}
        self.config[name] = {"Precision": _texts(precision), **hardware, **(settings or {})}
        self.node_of[name] = self.node
        return Value(name, shape, result if isinstance(result, FixedPoint) else inputs[0].type)

    def cast(self, value: Value, precision: FixedPoint) -> Value:
        """Return the value in a type, or each element in its own."""
        if precision.differs_by_element:
            return self._cast_each(value, precision)
        if value.type == precision:
            return value
        return self.add("Activation", [value], (value.shape, precision), activation="linear")

    def _cast_each(self, value: Value, precision: FixedPoint) -> Value:
        """Return the value with each element cast to its own type, by the layer that hls4ml has for HGQ's networks."""
        kinds = (np.asarray(precision.signed, np.int64), precision.width, precision.integer)
        mask = tuple(np.broadcast_to(one, value.shape)[np.newaxis] for one in kinds)
        modes = {"RND": precision.rounding, "SAT": precision.overflow, "overrides": {}, "fusible": False}
        return self.add("FixedPointQuantizer", [value], (value.shape, precision.envelope), mask_kbi=mask, **modes)

    def cast_to_integers(self, value: Value) -> Value:
        """Return the floor of a value that is not negative, in a type of integers, as addresses have."""
        whole = FixedPoint(max(1, value.type.integer), max(1, value.type.integer), value.type.signed)
        floor = self.cast(value, whole)
        return self.add("Activation", [floor], (value.shape, integer_text(whole)), activation="linear")

    def reshape(self, value: Value, shape: Sequence[int]) -> Value:
        """Return the value with other axes: it costs nothing, and has no array of its own."""
        if value.shape == tuple(shape):
            return value
        added = self.add("Reshape", [value], (shape, value.type), target_shape=list(shape))
        return replace(added, is_own=False)

    def transpose(self, value: Value, order: Sequence[int]) -> Value:
        """Return the value with its axes, counted from 0, in another order."""
        shape = [value.shape[axis] for axis in order]
        moved = [axis for axis in order if value.shape[axis] > 1]
        if moved == sorted(moved):
            return self.reshape(value, shape)
        return self.add("Transpose", [value], (shape, value.type), perm=list(order))

    def copy(self, value: Value) -> Value:
        """Return the value in an array of its own: hls4ml drops a cast to the same type, so it has a bit more."""
        bits = max(value.type.width, 1) + 1
        text = str(FixedPoint(min(bits, 62), min(bits, 62) - value.type.fraction, value.type.signed))
        return self.add("Activation", [value], (value.shape, text), activation="linear")

    def move_axis_first(self, value: Value, axis: int) -> tuple[Value, int]:
        """Return the value as (sizes of the axis, all others), and the number of all others."""
        order = [axis, *(other for other in range(len(value.shape)) if other != axis)]
        return self.transpose(value, order), prod(value.shape) // value.shape[axis]

    def move_axis_last(self, value: Value, axis: int) -> tuple[Value, int]:
        """Return the value as (all others, size of the axis), and the number of all others."""
        order = [*(other for other in range(len(value.shape)) if other != axis), axis]
        return self.transpose(value, order), prod(value.shape) // value.shape[axis]


def integer_text(precision: FixedPoint) -> str:
    """Return hls4ml's text of a type of integers."""
    return f"ap_{'' if precision.signed else 'u'}int<{precision.width}>"


def _texts(types: Mapping[str, FixedPoint | str]) -> dict[str, str]:
    return {name: one if isinstance(one, str) else str(one.envelope) for name, one in types.items()}
