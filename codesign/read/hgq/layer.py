"""One call of a layer of HGQ2: its quantizers, its constants, and the nodes that are added for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign.network.ops import Affine, Op, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.hgq.constants import quantised_constants
from codesign.read.hgq.quantizer import HgqQuantizer
from codesign.read.hgq.variables import config_of, variables_of
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.typed_array import TypedArray


@dataclass(frozen=True, eq=False)
class HgqLayer:
    """A call of a layer of HGQ2.

    Args:
        builder: takes the nodes.
        call: what is called.
    """

    builder: GraphBuilder
    call: Call

    @cached_property
    def variables(self) -> dict[str, np.ndarray]:
        """By their short names."""
        return variables_of(self.call.layer)

    def given(self, name: str, default: object = None) -> object:
        """Return an argument of the layer."""
        return self.call.config.get(name, default)

    def variable(self, name: str) -> np.ndarray:
        """Return one of the variables.

        Raises:
            UnsupportedLayerError: if it is not there.
        """
        return self.variables[name] if name in self.variables else self.call.weight(name)

    def quantizer(self, *place: str) -> HgqQuantizer:
        """Return the quantizer at a place: ``iq``; ``exp_table``, ``oq``."""
        front = "/".join(place)
        config = config_of(self.call.layer, place)
        bits = {name.rpartition("/")[2]: array for name, array in self.variables.items()
                if name.rpartition("/")[0] == front}  # fmt: skip
        return HgqQuantizer(self.call.layer.name, config, bits)

    def constants(self, *place_and_values: object) -> TypedArray:
        """Return what the quantizer at a place makes of constants: ``kq``, values; ``query``, ``kq``, values."""
        *place, values = place_and_values
        return quantised_constants(self.quantizer(*place), values)

    def add(self, op: Op, *values: Value, word: str = "") -> Value:
        """Add a node; `word` tells it from others of the layer."""
        return self.builder.add(self.call.name, op, *values, name=f"{self.call.name}_{word}" if word else None)

    def quantised(self, value: Value, *place: str, word: str = "") -> Value:
        """Add what the quantizer at a place does to data."""
        quantizer = self.quantizer(*place)
        if quantizer.is_nothing:
            return value
        name, scaler = word or "_".join(place), quantizer.scaler
        if scaler != 1:
            value = self.add(_line(1 / scaler, 0.0), value, word=f"{name}_scaler")
        value = self.add(Quantize(quantizer.type(value.shape)), value, word=name)
        factor, offset = quantizer.affine
        line = _line(scaler * factor, offset)
        return value if (scaler * factor, offset) == (1, 0) else self.add(line, value, word=f"{name}_affine")

    def inputs(self) -> list[Value]:
        """Return what it takes, each behind the quantizer of inputs, if it has one."""
        values = self.call.values
        if not self.given("enable_iq", True):
            return values
        if "iq_confs" in self.call.config:
            return [self.quantised(value, "iq", str(index)) for index, value in enumerate(values)]
        return [self.quantised(value, "iq") for value in values]

    def output(self, value: Value) -> Value:
        """Add the quantizer of outputs, if it has one."""
        return self.quantised(value, "oq") if self.given("enable_oq", False) else value

    def activated(self, value: Value) -> Value:
        """Add the activation, and the quantizer of outputs."""
        return self.output(activate(self.builder, self.call, self.given("activation"), value))


def _line(factor: float, offset: float) -> Affine:
    return Affine(np.array(factor), np.array(offset))


def axes_of(axes: object, rank: int, default: Sequence[int] = (-1,)) -> list[int]:
    """Return axes of Keras, of which 0 are the events, counted from the first of an event.

    Args:
        axes: a number or several; None: the default.
        rank: of an event.
        default: for None.
    """
    given = np.ravel(default if axes is None else axes).tolist()
    return sorted(int(axis) - 1 if axis >= 0 else int(axis) + rank for axis in given)
