"""Types and ops as the metadata of a QONNX file state them."""

from dataclasses import fields

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import ConstantTypes, Op, Shape
from codesign.network.storage.graph import pack_value


def packed(kind: FixedPoint | None, shape: Shape) -> object:
    """A type as JSON has it, of each element where they differ."""
    if kind is None or not kind.per_element:
        return pack_value(kind)
    bits = (np.broadcast_to(part, shape).copy() for part in (kind.width, kind.integer, kind.signed))
    return pack_value(FixedPoint(*bits, kind.rounding, kind.overflow))


def packed_types(types: ConstantTypes, first: np.ndarray, second: np.ndarray) -> dict:
    """The types of two arrays of constants."""
    shapes = {"weight": first.shape, "bias": second.shape, "accum": second.shape}
    return {name: packed(getattr(types, name), shape) for name, shape in shapes.items()}


def packed_op(op: Op) -> dict:
    """The fields of an op as JSON has them."""
    return {one.name: pack_value(getattr(op, one.name)) for one in fields(op)}
