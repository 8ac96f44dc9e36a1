"""What hls4ml's scripts and its bundled C++ (ap_types) cannot take: found here, since there it ends the process."""

from os import PathLike
from pathlib import Path

import numpy as np

from codesign.errors import DataError, PrecisionError
from codesign.network import FixedLayer, FixedPoint, Network


def check_hls4ml(network: Network) -> None:
    """Check that hls4ml can take a network's weights and simulate its types.

    Raises:
        PrecisionError: naming the layer.
    """
    for fixed in network.fixed_layers:
        if fixed.layer is not network.layers[-1] and fixed.output.differs_by_element:
            raise PrecisionError(
                f"outputs of layer '{fixed.layer.name}': expected one type for all, which is what hls4ml has for a tensor. Received: "
                f"{fixed.output}; build the network unrolled, or give it one type (activations: a number of bits)"
            )
    check_casts(network)
    for fixed in network.fixed_layers:
        layer, precision = fixed.layer, fixed.layer.precision
        for name, weights, types in (("weights", layer.kernel, precision.weight), ("bias", layer.bias, precision.bias)):
            wide = types.quantize(weights)
            if (wide.astype(np.float32) != wide).any():
                raise PrecisionError(
                    f"{name} of layer '{fixed.layer.name}': expected at most 24 significant bits, which is what Keras hands to "
                    f"hls4ml. Received: {types}; narrow it"
                )


def has_one_type_per_tensor(network: Network) -> bool:
    """Whether hls4ml, which has no others, can hold the types of all hidden values; those of the inputs the sender can keep."""
    return not any(fixed.output.differs_by_element for fixed in network.fixed_layers[:-1])


def check_path_for_cpp(directory: str | PathLike) -> None:
    """Check that hls4ml's build script can give the compiler the folder's name, as a text of C++.

    Where it cannot, weights are not found, and that ends the process.

    Raises:
        DataError: for a quotation mark, a backslash, two question marks, or a character that does not print, in its full path.
    """
    full = str(Path(directory).absolute())
    if any(part in full for part in ('"', "\\", "??")) or not full.isprintable():
        raise DataError(
            f'directory: expected a path without ", \\, ?? and control characters: it goes into C++. Received: {full}; choose another folder'
        )


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
    weight, bias, source = precision.weight.envelope, precision.bias.envelope, fixed.dense.input.type.envelope
    result, output = fixed.dense.output.envelope, fixed.output.envelope
    before = precision.table if fixed.layer.activation in ("sigmoid", "tanh") else result
    return [
        ("accum", weight.width + source.width, weight.fraction + source.fraction, fixed.dense.accum),
        ("accum", bias.width, bias.fraction, fixed.dense.accum),
        ("result", fixed.dense.accum.width, fixed.dense.accum.fraction, result),
        ("output", before.width, before.fraction, output),
    ]
