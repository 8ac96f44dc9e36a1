"""Networks as one JSON file: floats are written so that they read back to the same bits."""

import json
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._files import replace_file
from codesign.errors import CodesignError, DataError
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.network import Network

_FORMAT = "codesign-network"
_TENSORS = ("weight", "bias", "accum", "result", "output", "table")


def save_network(network: Network, path: str | PathLike) -> None:
    """Write the network; an existing file is replaced only when the new one is complete."""
    content = {
        "format": _FORMAT,
        "version": 1,
        "input_precision": _pack(network.input_precision),
        "layers": [_pack_layer(layer) for layer in network.layers],
    }
    replace_file(path, (json.dumps(content) + "\n").encode(), "the network")


def load_network(path: str | PathLike) -> Network:
    """Read a network.

    Raises:
        DataError: for a missing, truncated or foreign file; it says which part is wrong.
    """
    try:
        content = json.loads(Path(path).read_text())
    except OSError as error:
        raise DataError(f"path: expected a network written by Network.save. Received: {path} ({error.strerror})") from None
    except ValueError as error:
        raise DataError(f"path: expected a network written by Network.save. Received: {path} (not JSON: {error})") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise DataError(f"path: expected a network written by Network.save. Received: {path} (no '{_FORMAT}' inside)")
    try:
        layers = tuple(_unpack_layer(layer) for layer in content["layers"])
        return Network(layers, _unpack(content["input_precision"]))
    except CodesignError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"path: expected a complete network. Received: {path} ({type(error).__name__}: {error})") from None


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


def _unpack(packed: str | dict | None) -> FixedPoint | None:
    if packed is None or isinstance(packed, str):
        return None if packed is None else FixedPoint.parse(packed)
    return FixedPoint(**{**packed, "width": _bits(packed["width"]), "integer": _bits(packed["integer"])})


def _bits(value: int | list) -> int | np.ndarray:
    return value if isinstance(value, int) else np.asarray(value, dtype=np.int64)


def _pack_layer(layer: DenseLayer) -> dict:
    packed = {"name": layer.name, "activation": layer.activation, "kernel": layer.kernel.tolist(), "bias": layer.bias.tolist()}
    if layer.precision is not None:
        packed["precision"] = {name: _pack(getattr(layer.precision, name)) for name in _TENSORS}
        packed["precision"]["table_size"] = layer.precision.table_size
    return packed


def _unpack_layer(packed: dict) -> DenseLayer:
    types = packed.get("precision")
    precision = None
    if types is not None:
        precision = LayerPrecision(**{name: _unpack(types[name]) for name in _TENSORS}, table_size=types["table_size"])
    return DenseLayer(packed["name"], np.array(packed["kernel"]), np.array(packed["bias"]), packed["activation"], precision)
