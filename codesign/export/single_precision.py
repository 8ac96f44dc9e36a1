"""A network as every exported file computes it: constants in float32, and what float32 cannot hold refused by name."""

from dataclasses import replace

import numpy as np

from codesign.errors import CodesignError, DataError, PrecisionError
from codesign.network import Network, Node
from codesign.network.ops import (
    Affine,
    Bit,
    Dense,
    Embedding,
    Op,
    Quantize,
    SegmentSum,
    Shape,
    Table,
    Threshold,
)
from codesign.network.types.single_precision import Rounding

_CONSTANTS = {
    Dense: ("kernel", "bias"),
    Affine: ("factor", "offset"),
    Embedding: ("table",),
    Threshold: ("value",),
    Bit: ("weight",),
    Table: ("entries",),
    SegmentSum: ("offset",),
}
_LARGEST_SHIFT = 100  # of a bit's place: its weight, and the inverse, stay within single precision
_LARGEST, _SMALLEST = np.finfo(np.float32).max, np.finfo(np.float32).tiny


def in_single_precision(network: Network) -> Network:
    """Return the network with the constants of its ops rounded to float32, thresholds up: no key changes.

    Raises:
        DataError: for a constant beyond float32; it names the node.
        PrecisionError: for a quantizer that single precision cannot hold.
    """
    shapes = network.shapes
    return network.with_ops({node.name: _single(node, shapes[node.inputs[0]]) for node in network.nodes})


def shift_and_scale(op: Affine) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (offset, scale), float32 of one shape, of ``(x + offset) * scale``.

    It loses least where x is near -offset. None: a factor is 0, or one of the two leaves float32; then
    ``x * factor + offset`` is all there is.
    """
    factor, shift = np.broadcast_arrays(op.factor, op.offset)
    size = np.abs(factor)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        offset = np.where(shift == 0, 0.0, shift / factor)
    if not ((size > _SMALLEST) & (size < _LARGEST) & (np.abs(offset) < _LARGEST)).all():
        return None
    return offset.astype(np.float32), factor.astype(np.float32)


def _single(node: Node, shape: Shape) -> Op:
    op = node.op
    if isinstance(op, Quantize):
        try:
            Rounding.of(op.type, shape)
        except CodesignError as error:
            raise type(error)(f"node '{node.name}': {error}") from None
    if isinstance(op, Bit) and np.abs(np.log2(op.weight)).max() > _LARGEST_SHIFT:
        limits = f"weights from 2^-{_LARGEST_SHIFT} to 2^{_LARGEST_SHIFT}"
        raise PrecisionError(f"node '{node.name}': expected bits of {limits}. Received: others; rescale the inputs")
    found = {}
    for name in _CONSTANTS.get(type(op), ()):
        given = getattr(op, name)
        arrays = given if isinstance(given, tuple) else (given,)
        if any(np.abs(array).max() > _LARGEST for array in arrays):
            received = "larger ones; clean the weights first"
            raise DataError(f"{name} of node '{node.name}': expected numbers within float32. Received: {received}")
        rounded = tuple(_rounded(array, up=isinstance(op, Threshold)) for array in arrays)
        if not isinstance(op, Affine):
            found[name] = rounded if isinstance(given, tuple) else rounded[0]
    return replace(op, **found) if found else op


def _rounded(array: np.ndarray, *, up: bool) -> np.ndarray:
    """Return the nearest numbers of float32; `up`: the smallest that are not below."""
    single = array.astype(np.float32)
    if up:
        single = np.where(single < array, np.nextafter(single, np.float32(np.inf)), single)
    return single.astype(np.float64)
