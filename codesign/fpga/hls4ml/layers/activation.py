"""Activations: a table function -> layers."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.network import FixedPoint
from codesign.network.ops import Activation, FirmwareTable
from codesign.network.types.curve_tables import computed_table

_FACTORS = {
    "softplus": 1.0,
    "softsign": 1.0,
    "elu": 1.0,
    "selu": FixedPoint(16, 1, signed=False).quantize(1.0507009873554805),
}
_CUTS = {6.0: "relu6", 1.0: "relu1"}


def write_activation(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add an activation.

    Raises:
        UnsupportedLayerError: for one, or tables of a firmware, that hls4ml 1.3 has not in these integers for AMD.
    """
    if node.op.firmware is not None:
        return _firmware(node, layers, value)
    if node.op.function not in _WRITTEN:
        raise UnsupportedLayerError(f"hls4ml has no {node.op.function} of these integers; build it unrolled")
    return _WRITTEN[node.op.function](node, layers, value)


def _linear(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    return layers.cast(value, node.fixed.output.envelope)


def _relu(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    cut = node.op.max_value
    if cut is not None and cut not in _CUTS:
        raise UnsupportedLayerError(
            f"hls4ml cuts a relu at 6 or 1. Received: max_value={cut:g}; retrain with one of these, or build it "
            "unrolled"
        )
    return _function(node, layers, value, "relu" if cut is None else _CUTS[cut])


def _table(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    settings = {"TableSize": node.op.table_size, "TableT": str(node.op.table)}
    return _function(node, layers, value, node.op.function, settings=settings)


def _leaky_relu(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    kind = node.op.slope_type
    output = (value.shape, node.fixed.output.envelope)
    slope = float(kind.quantize(node.op.slope))
    return layers.add("LeakyReLU", [value], output, types={"param": kind}, activation="leaky_relu", activ_param=slope)


def _hard(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """A line from (0, 1/2), cut at 0 and 1; of a hard tanh twice that, less 1."""
    is_tanh = node.op.function == "hard_tanh"
    kind = FixedPoint(1, 0, signed=False) if is_tanh else node.op.slope_type
    slope = 0.5 if is_tanh else float(kind.quantize(node.op.slope))
    types = {"slope_prec": _precision(kind), "shift_prec": _precision(FixedPoint(1, 0, signed=False))}
    output = (value.shape, node.fixed.output.envelope)
    return layers.add("HardActivation", [value], output, activation=node.op.function, slope=slope, shift=0.5, **types)


def _swish(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """The value times its sigmoid."""
    table, settings = node.op.table, {"TableSize": node.op.table_size, "TableT": str(node.op.table)}
    sigmoid = layers.add("Activation", [value], (value.shape, table), settings=settings, activation="sigmoid")
    return layers.add("Merge", [value, sigmoid], (value.shape, node.fixed.output.envelope), op="multiply")


def _firmware(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """A table that hls4ml 1.3 fills alike; its elu has the slope as a number of its own."""
    op, output = node.op, (value.shape, node.fixed.output.envelope)
    if not is_own_table(op):
        raise UnsupportedLayerError(
            f"hls4ml 1.3 looks {op.function} up otherwise than the firmware that was read; build it unrolled"
        )
    settings = {"TableSize": op.table_size, "TableT": str(op.table)}
    if op.function != "elu":
        return _function(node, layers, value, op.function, settings=settings)
    types = {"param": op.slope_type}
    return layers.add("ELU", [value], output, types=types, settings=settings, activation="elu", activ_param=op.slope)


def is_own_table(op: Activation) -> bool:
    """Whether a firmware's table is the one that hls4ml 1.3 has for AMD."""
    table = op.firmware
    if not isinstance(table, FirmwareTable) or op.function not in _FACTORS:
        return False
    address = "negative" if op.function in ("elu", "selu") else "centred"
    reach, scale = (8, op.slope if op.function == "elu" else 1.0) if address == "negative" else (16, 1.0)
    same = (table.address, table.reach, table.scale, table.index_bits) == (address, reach, scale, 32)
    same &= not table.floors and table.factor == _FACTORS[op.function]
    return same and np.array_equal(table.entries, computed_table(op.function, op.table, table.size))


def _softmax(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    entries = str(node.fixed.given)
    settings = {"TableSize": 1 << node.fixed.inverse_bits, "Implementation": "stable"}
    settings |= dict.fromkeys(("ExpTableT", "InvTableT", "InvInpT"), entries)
    output = (value.shape, node.fixed.output.envelope)
    outer = {"n_outer": prod(value.shape[:-1])}
    types = {"accum": node.fixed.given}
    return layers.add(
        "Softmax", [value], output, types=types, settings=settings, activation="softmax", axis=-1, **outer
    )


def _function(
    node: WrittenNode, layers: LayerList, value: Value, function: str, settings: Mapping[str, object] | None = None
) -> Value:
    output = (value.shape, node.fixed.output.envelope)
    return layers.add("Activation", [value], output, settings=settings, activation=function)


def _precision(kind: FixedPoint) -> object:
    """hls4ml's record of a type whose values are exact already."""
    from hls4ml.model.types import FixedPrecisionType

    return FixedPrecisionType(kind.width, kind.integer, kind.signed)


_WRITTEN: Mapping[str, Callable[[WrittenNode, LayerList, Value], Value]] = MappingProxyType(
    {
        "linear": _linear,
        "relu": _relu,
        "leaky_relu": _leaky_relu,
        "sigmoid": _table,
        "tanh": _table,
        "hard_sigmoid": _hard,
        "hard_tanh": _hard,
        "swish": _swish,
        "softmax": _softmax,
    }
)
