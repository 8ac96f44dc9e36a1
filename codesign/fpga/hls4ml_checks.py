"""Types that hls4ml's bundled C++ (ap_types) cannot simulate: found here, since there they end the process."""

from codesign.errors import PrecisionError
from codesign.network import FixedLayer, FixedPoint, Network


def check_casts(network: Network) -> None:
    """Check that no rounding cast drops every bit of its source.

    ap_fixed_base reads the bit below the last one kept; if that lies above the source's highest bit, an assertion
    stops the process.

    Raises:
        PrecisionError: naming the layer and the two types.
    """
    for fixed in network.fixed_layers:
        for what, width, fraction, target in _casts(fixed):
            if target.rounding != "TRN" and fraction - target.fraction > width:
                raise PrecisionError(
                    f"{what} of layer '{fixed.layer.name}': expected a type that keeps a bit of the {width}-bit value with "
                    f"{fraction} fraction bits cast to it. Received: {target}; give it more fraction bits, or AP_TRN"
                )


def _casts(fixed: FixedLayer) -> list[tuple[str, int, int, FixedPoint]]:
    """(what is cast, width and fraction of the source, target) for every cast of a layer."""
    precision = fixed.layer.precision
    weight, bias, source = precision.weight.envelope, precision.bias.envelope, fixed.input.envelope
    result, output = fixed.result.envelope, fixed.output.envelope
    before = precision.table if fixed.layer.activation in ("sigmoid", "tanh") else result
    return [
        ("accum", weight.width + source.width, weight.fraction + source.fraction, fixed.accum),
        ("accum", bias.width, bias.fraction, fixed.accum),
        ("result", fixed.accum.width, fixed.accum.fraction, result),
        ("output", before.width, before.fraction, output),
    ]
