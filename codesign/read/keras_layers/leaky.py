"""QKeras's quantized_relu with a slope below 0, as two roundings: of what is above 0, and of what is below."""

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Activation, Add, Affine, Quantize
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.keras_records import Named
from codesign.read.qkeras import quantise

_MODES = {"rounding": "RND_CONV", "overflow": "SAT"}
_BITS = 8


def is_leaky(quantizer: Named) -> bool:
    """Whether it is a quantized_relu with a slope."""
    return quantizer.kind == "quantized_relu" and bool(quantizer.config.get("negative_slope"))


def add_leaky(builder: GraphBuilder, call: Call, quantizer: Named, value: Value) -> Value:
    """Add ``q(max(x, 0)) + q'(-slope max(-x, 0))``, both of the same step.

    Raises:
        UnsupportedLayerError: for settings with which QKeras gives other values.
    """
    slope = float(quantizer.config["negative_slope"])
    bits, integer = (
        int(np.max(quantizer.config.get(name, default))) for name, default in (("bits", _BITS), ("integer", 0))
    )
    shift = int(np.log2(slope))
    if bits < 2 or bits + shift < 1:
        raise refusal(call, "a slope that leaves a bit", str(quantizer), "retrain with more bits")
    above, below = (
        FixedPoint(bits - 1, integer, False, **_MODES),
        FixedPoint(bits + shift, integer + shift + 1, **_MODES),
    )
    if not _is_exactly(quantizer, slope, above, below, call.layer.name):
        raise refusal(
            call, "a quantized_relu that saturates at its own type", str(quantizer), "retrain with its defaults"
        )
    positive = builder.add(call.name, Activation("relu"), value)
    positive = builder.add(call.name, Quantize(above), positive)
    negative = builder.add(f"{call.name}_below", Affine(np.array(-slope), np.array(0.0)), value)
    negative = builder.add(f"{call.name}_below", Activation("relu"), negative)
    negative = builder.add(f"{call.name}_below", Affine(np.array(-1.0), np.array(0.0)), negative)
    negative = builder.add(f"{call.name}_below", Quantize(below), negative)
    return builder.add(f"{call.name}_both", Add(), positive, negative)


def _is_exactly(quantizer: Named, slope: float, above: FixedPoint, below: FixedPoint, layer: str) -> bool:
    """Whether the sum is what QKeras gives: on its codes, between them, on ties, and beyond both ends."""
    steps = np.arange(-(2.0**above.width) / slope - 9, 2.0**above.width + 9)
    steps = steps[:: max(1, len(steps) // 4096)]
    values = np.concatenate([steps + part for part in (0.0, 0.25, 0.5, 0.75)]) * 2.0**-above.fraction
    values = np.asarray(values, np.float32)
    wanted = above.quantize(np.maximum(values, 0.0)) + below.quantize(-np.maximum(-slope * values, 0.0))
    return np.array_equal(quantise(quantizer, values, layer), wanted)
