"""What HGQ2's quantizers make of constants, in the types that they declare."""

import numpy as np

from codesign.network import FixedPoint, exact_type
from codesign.read.hgq.quantizer import HgqQuantizer
from codesign.read.typed_array import TypedArray

_WIDEST = 48


def quantised_constants(quantizer: HgqQuantizer, values: np.ndarray) -> TypedArray:
    """Return what a quantizer makes of constants, in the type that it declares, where that holds them."""
    found = np.asarray(quantizer(values), np.float64)
    is_plain = quantizer.is_fixed and quantizer.scaler == 1 and quantizer.affine == (1, 0)
    declared = _declared(quantizer, found.shape) if is_plain else None
    if declared is not None and np.array_equal(declared.quantize(found), found):
        return TypedArray(found, declared)
    return TypedArray(found, exact_type(found, widest=_WIDEST))


def _declared(quantizer: HgqQuantizer, shape: tuple[int, ...]) -> FixedPoint | None:
    k, i, f = (np.broadcast_to(one, shape) for one in quantizer.kif)
    width = np.maximum(k + i + f, 0)
    if width.max(initial=0) > _WIDEST or not width.any():
        return None
    return FixedPoint(width, np.where(width > 0, k + i, 0), (k > 0) & (width > 0))
