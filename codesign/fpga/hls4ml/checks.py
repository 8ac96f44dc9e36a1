"""What hls4ml's scripts and its bundled C++ (ap_types) cannot take: found here, since there it ends the process."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.fpga.hls4ml.written import uncast, written_layers
from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import Affine, Dense, Embedding, Tensor


def check_hls4ml(network: Network) -> None:
    """Check that hls4ml can take a network's weights and simulate its types.

    Raises:
        PrecisionError: naming the layer.
        UnsupportedLayerError: for an op that hls4ml has not.
    """
    _check_ops(network)
    check_casts(network)
    for node in network.nodes:
        for name, constants, types in _constants(node):
            wide = types.quantize(constants)
            if (wide.astype(np.float32) != wide).any():
                raise PrecisionError(
                    f"{name} of layer '{node.name}': expected at most 24 significant bits, which is what single "
                    f"precision holds. Received: {types}; narrow it"
                )


def beyond_hls4ml(network: Network) -> str:
    """Return why hls4ml cannot hold a network, or nothing if it can."""
    try:
        _check_ops(network)
    except UnsupportedLayerError as error:
        return str(error)
    return ""


def _check_ops(network: Network) -> None:
    written_layers(network, [1] * len(network.groups), "latency")


def check_path_for_cpp(directory: str | PathLike) -> None:
    """Check that hls4ml's build script can give the compiler the folder's name, as a text of C++.

    Where it cannot, weights are not found, and that ends the process.

    Raises:
        DataError: for a quotation mark, a backslash, two question marks, or a character that does not print, in its
            full path.
    """
    full = str(Path(directory).absolute())
    if any(part in full for part in ('"', "\\", "??")) or not full.isprintable():
        raise DataError(
            f'directory: expected a path without ", \\, ?? and control characters: it goes into C++. Received: {full}; '
            "choose another folder"
        )


def check_casts(network: Network) -> None:
    """Check that no rounding cast drops every bit of its source.

    ap_fixed_base reads the bit below the last one kept; if that lies above the source's highest bit, an assertion
    stops the process.

    Raises:
        PrecisionError: naming the layer and the two types.
    """
    for node in network.nodes:
        for what, width, fraction, target in _casts(network, node):
            dropped = np.where(np.asarray(target.width) > 0, fraction - np.asarray(target.fraction), 0)
            if target.rounding != "TRN" and (dropped > width).any():
                raise PrecisionError(
                    f"{what} of layer '{_layer(network, node)}': expected a type that keeps a bit of the {width}-bit "
                    f"value with {fraction} fraction bits cast to it. Received: {target}; give it more fraction bits, "
                    "or AP_TRN"
                )


def _layer(network: Network, node: Node) -> str:
    """The name of the dense layer that a node belongs to, or its own."""
    return next((group.dense.name for group in network.groups if node.name in group.names), node.name)


def _constants(node: Node) -> list[tuple[str, np.ndarray, FixedPoint]]:
    """(name, values, type) of a node's constants."""
    op = node.op
    if isinstance(op, Embedding):
        return [("table", op.table, op.type)]
    if isinstance(op, Affine):
        return [("factor", op.factor, op.types.weight), ("offset", op.offset, op.types.bias)]
    if isinstance(op, Dense):
        return [("weights", op.kernel, op.types.weight), ("bias", op.bias, op.types.bias)]
    return []


def _casts(network: Network, node: Node) -> Iterator[tuple[str, int, int, FixedPoint]]:
    """(what is cast, width and fraction of the source, target) for every cast of a node."""
    fixed, source = network.fixed_ops[node.name], network.types[node.inputs[0]].envelope
    output = fixed.output
    if isinstance(node.op, Dense):
        weight, bias = node.op.types.weight.envelope, node.op.types.bias.envelope
        yield "accum", weight.width + source.width, weight.fraction + source.fraction, fixed.accum
        yield "accum", bias.width, bias.fraction, fixed.accum
        yield "result", fixed.accum.width, fixed.accum.fraction, output
        return
    tensors = [Tensor(network.shapes[name], network.types[name]) for name in node.inputs]
    exact = uncast(node.op, tensors).output.envelope
    yield "output", exact.width, exact.fraction, output
