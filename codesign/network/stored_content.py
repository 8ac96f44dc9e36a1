"""What lies in a network's JSON, checked entry by entry: a number of another kind or a key too many is refused, never rounded or ignored."""

from collections.abc import Mapping

import numpy as np

from codesign.errors import DataError, nearest
from codesign.network.fixed_point import FixedPoint
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.network import Network

_LAYER = ("name", "activation", "kernel", "bias")
TENSORS = ("weight", "bias", "accum", "result", "output", "table")
_LARGEST_TABLE = 2**20
_DIGITS = {True: (int,), False: (int, float)}


def unpack_network(content: Mapping[str, object]) -> Network:
    """Return the network in the object of a file.

    Raises:
        DataError: naming the layer and the key.
        PrecisionError, UnsupportedLayerError: for types and layers that a Network cannot have.
    """
    quantizers = ("input_quantizer",) if content["version"] > 1 else ()
    packed = _object(content, ("format", "version", "input_precision", *quantizers, "layers"), "network")["layers"]
    if not isinstance(packed, list):
        raise DataError(f"layers: expected a list. Received: {_kind(packed)}")
    keys = {"keys": (*_LAYER, "quantizer", "precision")} if quantizers else {"keys": _LAYER, "optional": ("precision",)}
    layers = tuple(_unpack_layer(layer, f"layer {index}", **keys) for index, layer in enumerate(packed))
    shape = (layers[0].n_in,) if layers else ()
    types = {key: _unpack_type(content.get(key), shape, key) for key in ("input_precision", "input_quantizer")}
    return Network(layers, **types)


def _unpack_layer(packed: object, where: str, *, keys: tuple[str, ...], optional: tuple[str, ...] = ()) -> DenseLayer:
    entry = _object(packed, keys, where, optional=optional)
    for key in ("name", "activation"):
        if not isinstance(entry[key], str) or not entry[key].isprintable():
            raise DataError(f"{where}: {key}: expected a printable text. Received: {entry[key]!r:.60}")
    kernel = _array(entry["kernel"], f"{where}: kernel", axes=2)
    bias = _array(entry["bias"], f"{where}: bias", axes=1)
    layer = DenseLayer(entry["name"], kernel, bias, entry["activation"])
    precision = (
        None if entry.get("precision") is None else _unpack_precision(entry["precision"], layer, f"{where}: precision")
    )
    quantizer = _unpack_type(entry.get("quantizer"), layer.bias.shape, f"{where}: quantizer")
    return DenseLayer(layer.name, kernel, bias, layer.activation, precision, quantizer)


def _unpack_precision(packed: object, layer: DenseLayer, where: str) -> LayerPrecision:
    types = _object(packed, (*TENSORS, "table_size"), where)
    size = types["table_size"]
    if not _is_number(size, whole=True) or not 2 <= size <= _LARGEST_TABLE:
        raise DataError(f"{where}: table_size: expected 2 to {_LARGEST_TABLE} entries. Received: {size!r:.60}")
    shapes = {"weight": layer.kernel.shape, "table": ()}
    unpacked = {
        name: _unpack_type(types[name], shapes.get(name, layer.bias.shape), f"{where}: {name}") for name in TENSORS
    }
    for name in ("weight", "bias", "table"):
        if unpacked[name] is None:
            raise DataError(f"{where}: {name}: expected a type. Received: null")
    return LayerPrecision(**unpacked, table_size=size)


def _unpack_type(packed: object, shape: tuple[int, ...], where: str) -> FixedPoint | None:
    """Return the type of a tensor of this shape: of all of it, or per element."""
    if packed is None:
        return None
    if isinstance(packed, str):
        return FixedPoint.parse(packed)
    entry = _object(packed, ("width", "integer", "signed", "rounding", "overflow"), where)
    if not isinstance(entry["signed"], bool):
        raise DataError(f"{where}: signed: expected true or false. Received: {entry['signed']!r:.60}")
    bits = {name: _bits(entry[name], shape, f"{where}: {name}") for name in ("width", "integer")}
    return FixedPoint(**bits, signed=entry["signed"], rounding=entry["rounding"], overflow=entry["overflow"])


def _bits(value: object, shape: tuple[int, ...], where: str) -> int | np.ndarray:
    if _is_number(value, whole=True):
        return value
    array = _array(value, where, axes=len(shape), whole=True)
    if any(size not in (1, wanted) for size, wanted in zip(array.shape, shape)):
        raise DataError(
            f"{where}: expected a number of bits for each element of {shape}. Received: shape {array.shape}"
        )
    return array


def _array(values: object, where: str, *, axes: int, whole: bool = False) -> np.ndarray:
    """Return nested lists of numbers as an array; lists of different lengths and anything but numbers are refused."""
    rows, shape = [values], []
    for _ in range(axes):
        if not all(isinstance(row, list) for row in rows) or len({len(row) for row in rows}) > 1:
            raise DataError(f"{where}: expected lists of equal lengths, {axes} deep. Received: others")
        shape.append(len(rows[0]) if rows else 0)
        rows = [value for row in rows for value in row]
    strange = next((value for value in rows if not _is_number(value, whole=whole)), None)
    if strange is not None or None in rows or not axes:
        kind = "whole numbers" if whole else "numbers"
        raise DataError(f"{where}: expected {kind}. Received: {'null' if None in rows else repr(strange)[:60]}")
    try:
        return np.array(rows, np.int64 if whole else np.float64).reshape(shape)
    except OverflowError:
        raise DataError(f"{where}: expected numbers of 64 bits. Received: larger ones") from None


def _is_number(value: object, *, whole: bool) -> bool:
    return isinstance(value, _DIGITS[whole]) and not isinstance(value, bool)


def _object(
    packed: object, keys: tuple[str, ...], where: str, *, optional: tuple[str, ...] = ()
) -> Mapping[str, object]:
    if not isinstance(packed, dict):
        raise DataError(f"{where}: expected an object with {', '.join(keys)}. Received: {_kind(packed)}")
    known = (*keys, *optional)
    for key in packed:
        if key not in known:
            raise DataError(f"{where}: unknown key '{key}'{nearest(key, known)}; known: {', '.join(known)}")
    missing = [key for key in keys if key not in packed]
    if missing:
        raise DataError(f"{where}: expected the key '{missing[0]}'. Received: {', '.join(packed) or 'nothing'}")
    return packed


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", str: "text", type(None): "null", bool: "true or false"}.get(
        type(value), "a number"
    )
