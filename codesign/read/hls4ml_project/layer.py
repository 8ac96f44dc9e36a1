"""Layer: one call of the top function, with what it takes and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from codesign.errors import DataError, UnsupportedLayerError
from codesign.network import FixedPoint
from codesign.network.ops import Activation, Affine, ConstantTypes, Op, Reshape, Subtract, Tensor
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.hls4ml_project.configuration import Configuration
from codesign.read.hls4ml_project.project import Project
from codesign.read.hls4ml_project.top_function import Call, TopFunction
from codesign.read.hls4ml_project.types import StatedType


@dataclass
class Walk:
    """What was read so far.

    Attributes:
        project, top: the firmware, and its top function.
        graph: the nodes.
        values: what is in each variable.
        types: the stated type of each value, by the name of its node.
        assumed: sentences for what the firmware leaves open.
        reuse_factors: of dense layers, by the names of their nodes.
    """

    project: Project
    top: TopFunction
    graph: GraphBuilder = field(default_factory=GraphBuilder)
    values: dict[str, Value] = field(default_factory=dict)
    types: dict[str, StatedType] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    reuse_factors: dict[str, int] = field(default_factory=dict)


class Layer:
    """One call.

    Args:
        walk: what was read before it.
        call: the call.
    """

    def __init__(self, walk: Walk, call: Call) -> None:
        self.walk, self.call = walk, call

    @property
    def function(self) -> str:
        """hls4ml's name of the function."""
        return self.call.function

    @property
    def config(self) -> Configuration:
        """The configuration.

        Raises:
            DataError: where the call names none that is there.
        """
        if self.call.config is None:
            wanted = " ".join(self.call.types[-1]) if self.call.types else "none"
            raise DataError(f"layer '{self.call}': expected its structure in parameters.h. Received: {wanted}")
        return self.call.config

    def argument(self, place: int) -> str:
        """Return an argument of the call.

        Raises:
            DataError: for a call that has fewer.
        """
        if place >= len(self.call.arguments):
            raise DataError(
                f"layer '{self.call}': expected at least {place + 1} arguments of nnet::{self.function}. "
                f"Received: {len(self.call.arguments)}"
            )
        return self.call.arguments[place]

    def source(self, place: int = 0, shape: Sequence[int] | None = None) -> Value:
        """Return the value in an argument, in a shape.

        Raises:
            DataError: for a variable that nothing was written to.
            UnsupportedLayerError: for another number of values.
        """
        name = self.argument(place)
        value = self.walk.values.get(name)
        if value is None:
            raise DataError(f"layer '{self.call}': expected a value in '{name}'. Received: none; nothing writes it")
        return value if shape is None else self.shaped(value, shape)

    def shaped(self, value: Value, shape: Sequence[int]) -> Value:
        """Return a value in another shape; it costs nothing."""
        shape = tuple(shape)
        if value.shape == shape:
            return value
        if prod(value.shape) != prod(shape):
            raise UnsupportedLayerError(f"layer '{self.call}': expected {prod(shape)} values. Received: {value.shape}")
        found = self.walk.graph.add(self.name(value.name), Reshape(shape), value)
        self.walk.types[found.name] = self.walk.types[value.name]
        return found

    def source_type(self, value: Value) -> StatedType:
        """Return the type that the project states for a value."""
        return self.walk.types[value.name]

    def exact_type(self, value: Value) -> FixedPoint:
        """Return the type of a value of the whole tensor."""
        return self.walk.types[value.name].fixed.envelope

    def result_type(self, place: int = 1) -> StatedType:
        """Return the type of the variable that is written.

        Raises:
            DataError: for a variable that is not declared.
        """
        name = self.argument(place)
        if name not in self.walk.top.variables:
            raise DataError(f"layer '{self.call}': expected a declaration of '{name}'. Received: none")
        return self.walk.top.variables[name].type

    def name(self, behind: str = "") -> str:
        """Return what a node is called: as the layer, or as what it stands behind, and is a reshape of."""
        if behind:
            return f"{behind}_reshape"
        written = self.call.written[0] if self.call.written else self.function
        return self.call.label or written.removesuffix("_out")

    def add(self, op: Op, *values: Value, output: FixedPoint | None = None) -> Value:
        """Add a node of this layer before its last, and return what it gives."""
        return self._add(f"{self.name()}_{op.name}", op, values, output)

    def _add(self, name: str, op: Op, values: Sequence[Value], output: FixedPoint | None) -> Value:
        found = self.walk.graph.add(name, op, *values, output=output)
        self.walk.types[found.name] = StatedType(output if output is not None else self._exact(op, values))
        return found

    def _exact(self, op: Op, values: Sequence[Value]) -> FixedPoint:
        """The type of what an op gives of values, where no bit is lost."""
        return op.bind([Tensor(one.shape, self.walk.types[one.name].fixed) for one in values], None).output

    def give(self, op: Op, *values: Value, place: int = 1) -> None:
        """Add the layer's last node, whose value is in an argument, in that variable's type."""
        stated = self.result_type(place)
        if stated.is_whole and not self.walk.project.is_intel and self._may_round_up(op, values):
            return self._give_towards_zero(op, values, place)
        found = self._add(self.name(), op, values, stated.fixed)
        self.walk.types[found.name] = stated
        self.keep(found, place)

    def _may_round_up(self, op: Op, values: Sequence[Value]) -> bool:
        """Whether a conversion to an integer, which drops the fraction as C++ does, meets fractions below 0."""
        exact = self._exact(op, values)
        is_positive = getattr(op, "function", "") in ("relu", "sigmoid", "softplus", "hard_sigmoid", "softmax")
        return bool(np.any(exact.signed)) and int(np.max(exact.fraction)) > 0 and not is_positive

    def _give_towards_zero(self, op: Op, values: Sequence[Value], place: int) -> None:
        """The parts above and below 0, each rounded down, and their difference."""
        stated = self.result_type(place)
        exact = self.add(op, *values)
        kind = self.walk.types[exact.name].fixed.envelope
        whole = FixedPoint(max(1, kind.integer), max(1, kind.integer), False)
        above = self.add(Activation("relu"), exact, output=whole)
        turned = self.add(Affine(-1.0, 0.0, ConstantTypes(FixedPoint(1, 1), FixedPoint(1, 1))), exact)
        below = self.add(Activation("relu"), turned, output=whole)
        found = self._add(self.name(), Subtract(), (above, below), stated.fixed)
        self.walk.types[found.name] = stated
        self.keep(found, place)

    def keep(self, value: Value, place: int = 1) -> None:
        """Say that a value is in an argument."""
        self.walk.values[self.argument(place)] = value

    def constants(self, place: int, type_name: str) -> tuple[np.ndarray, StatedType]:
        """Return an array of weights, and its type.

        Args:
            place: of the argument.
            type_name: of the type in the configuration, for weights whose array states none.

        Raises:
            DataError: where the numbers are in no file.
        """
        name = self.argument(place)
        array, numbers = self.walk.project.array(name)
        words = array.type
        stated = self.walk.project.types.resolve(words) if words else self.config.type(type_name)
        return numbers, stated

    def refuse(self, what: str) -> UnsupportedLayerError:
        """Return the error for something that is not read."""
        return UnsupportedLayerError(f"layer '{self.call}', nnet::{self.function}: {what}")
