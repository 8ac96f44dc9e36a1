"""Quantizers as layers of architecture ``fixed_point`` in a network's JSON, described in ``chain.schema.json``."""

import numpy as np

from codesign.network import FixedPoint
from codesign.read.lwtnn.quantizer import QUANTIZER


def pack_quantizer(quantizer: FixedPoint) -> dict:
    """Return the layer of a quantizer."""
    bits = {name: np.asarray(getattr(quantizer, name)).tolist() for name in ("width", "integer")}
    signed = quantizer.signed if isinstance(quantizer.signed, bool) else quantizer.signed.astype(int).tolist()
    modes = {"rounding": quantizer.rounding, "overflow": quantizer.overflow}
    return {"architecture": QUANTIZER, **bits, "signed": signed, **modes}
