"""Networks as one JSON file: floats are written so that they read back to the same bits."""

import json
from os import PathLike

import numpy as np

from codesign._files import replace_file
from codesign._untrusted import parse_json, read_text
from codesign.errors import CodesignError, DataError, UnreadableError
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer
from codesign.network.network import Network
from codesign.network.stored_content import TENSORS, unpack_network

_FORMAT = "codesign-network"
_VERSION = 2
_READABLE = (1, 2)  # 1 had no quantizers, and left out a precision that was not there


def save_network(network: Network, path: str | PathLike) -> None:
    """Write the network; an existing file is replaced only when the new one is complete."""
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "input_precision": _pack(network.input_precision),
        "input_quantizer": _pack(network.input_quantizer),
        "layers": [_pack_layer(layer) for layer in network.layers],
    }
    replace_file(path, (json.dumps(content) + "\n").encode(), "the network")


def load_network(path: str | PathLike) -> Network:
    """Read a network.

    Raises:
        DataError: for a missing, damaged or foreign file, or one of another version; it says which part is wrong.
    """
    expected = f"path: expected a network written by Network.save. Received: {path}"
    try:
        content = parse_json(read_text(path))
    except UnreadableError as error:
        raise DataError(f"{expected} ({error})") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise DataError(
            f"{expected} (no '{_FORMAT}' inside; Network.from_keras reads Keras models, codesign.load_chain lwtnn's JSON)"
        )
    if content.get("version") not in _READABLE or isinstance(content["version"], (bool, float)):
        known = " and ".join(map(str, _READABLE))
        raise DataError(f"{expected} (version {content.get('version')!r}; this codesign reads versions {known})")
    try:
        return unpack_network(content)
    except CodesignError as error:
        raise type(error)(f"{path}: {error}") from None


def _pack(precision: FixedPoint | None) -> str | dict | None:
    if precision is None or not precision.per_element:
        return None if precision is None else str(precision)
    return {
        "width": np.asarray(precision.width).tolist(),
        "integer": np.asarray(precision.integer).tolist(),
        "signed": precision.signed,
        "rounding": precision.rounding,
        "overflow": precision.overflow,
    }


def _pack_layer(layer: DenseLayer) -> dict:
    packed = {
        "name": layer.name,
        "activation": layer.activation,
        "kernel": layer.kernel.tolist(),
        "bias": layer.bias.tolist(),
    }
    packed |= {"quantizer": _pack(layer.quantizer), "precision": None}
    if layer.precision is not None:
        packed["precision"] = {name: _pack(getattr(layer.precision, name)) for name in TENSORS}
        packed["precision"]["table_size"] = layer.precision.table_size
    return packed
