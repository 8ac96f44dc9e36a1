"""A FloatChain as JSON, in the format of lwtnn (D. H. Guest et al., github.com/lwtnn/lwtnn).

The keys are described in ``lwtnn.schema.json`` beside this file. An event is ``(x + offset) * scale``, then each layer is
``activation(weights . values + bias)`` with the weights row by row, a row per unit: (n_out, n_in). Numbers are written so that
float32 reads back to the same bits. The key ``name`` is ours; lwtnn ignores it. Layers of architecture ``fixed_point`` are ours
too, the quantizers that a network was trained with: lwtnn refuses a file that has them, and so never computes something else.
"""

import json
import re
from dataclasses import replace
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign._untrusted import parse_json, read_text
from codesign.errors import CodesignError, DataError, UnreadableError, UnsupportedLayerError, nearest
from codesign.export.float_chain import FloatChain, FloatLayer
from codesign.export.quantizer_json import QUANTIZER, pack_quantizer, unpack_quantizer
from codesign.network import FixedPoint

_LWTNN_NAMES = {"relu": "rectified"}
_OUR_NAMES = {
    "linear": "linear",
    "rectified": "relu",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "softmax": "softmax",
}
_SYNTAX = re.compile(r'"(?:\\.|[^"\\])*"?|[][{},]', re.DOTALL)


@checked
def write_json(chain: FloatChain, path: str | PathLike) -> None:
    """Write the chain, uncompared (see :func:`codesign.export_model`); an existing file is replaced only when the new one is complete.

    Raises:
        DataError: if the place is not writable.
    """
    standardisation = zip(chain.input_names, chain.offset.tolist(), chain.scale.tolist())
    content = {
        "name": chain.name,
        "inputs": [{"name": name, "offset": offset, "scale": scale} for name, offset, scale in standardisation],
        "layers": [
            *_pack_quantizer(chain.input_quantizer),
            *(entry for layer in chain.layers for entry in _pack(layer)),
        ],
        "outputs": list(chain.output_names),
    }
    replace_file(path, (json.dumps(content) + "\n").encode(), "the network")


def read_json(path: str | PathLike) -> FloatChain:
    """Read a chain of dense layers that :func:`write_json` or lwtnn's converters wrote.

    Raises:
        DataError: for a missing or truncated file, a missing key, a wrong type or size, NaN or inf; it names the layer.
        UnsupportedLayerError: for a layer that is not dense, or an unknown activation; it names the layer.
    """
    try:
        text = read_text(path)
    except UnreadableError as error:
        raise DataError(f"path: expected a network in JSON. Received: {path} ({error})") from None
    return parse_chain(text, str(path))


def parse_chain(text: str, path: str = "text") -> FloatChain:
    """Read a chain from the text of a file; `path` is for the message of an error, see :func:`read_json`."""
    try:
        content = parse_json(text, as_floats=True)
    except UnreadableError as error:
        where = re.search(r"\(char (\d+)\)$", str(error))
        layer = _layer_at(text, int(where[1])) if where else ""
        raise DataError(f"{path}: {layer}expected complete JSON. Received: {error}; write the file again") from None
    try:
        return _unpack(content)
    except CodesignError as error:
        raise type(error)(f"{path}: {error}") from None


def _pack(layer: FloatLayer) -> list[dict]:
    dense = {
        "architecture": "dense",
        "activation": _LWTNN_NAMES.get(layer.activation, layer.activation),
        "weights": layer.kernel.T.ravel().tolist(),
        "bias": layer.bias.tolist(),
    }
    return [dense, *_pack_quantizer(layer.quantizer)]


def _pack_quantizer(quantizer: FixedPoint | None) -> list[dict]:
    return [] if quantizer is None else [pack_quantizer(quantizer)]


def _unpack(content: object) -> FloatChain:
    entries = _typed(content, "inputs", list, "file: ")
    inputs = [(_typed(entry, "name", str, where), _number(entry, "offset", where), _number(entry, "scale", where))
              for where, entry in ((f"input {index}: ", entry) for index, entry in enumerate(entries))]  # fmt: skip
    if not inputs:
        raise DataError("inputs: expected at least one. Received: none")
    names, offset, scale = zip(*inputs)
    layers, input_quantizer = _unpack_layers(_typed(content, "layers", list, "file: "), len(inputs))
    width = layers[-1].bias.size if layers else len(inputs)
    outputs = _typed(content, "outputs", list, "file: ")
    if len(outputs) != width or not all(isinstance(name, str) for name in outputs):
        raise DataError(
            f"outputs: expected {width} names, one per unit at the end. Received: {len(outputs)}, or not names"
        )
    name = {"name": _typed(content, "name", str, "file: ")} if "name" in content else {}
    return FloatChain(tuple(layers), offset, scale, names, outputs, input_quantizer=input_quantizer, **name)


def _unpack_layers(entries: list, n_inputs: int) -> tuple[list[FloatLayer], FixedPoint | None]:
    """Return the dense layers, each with the quantizer that follows it, and the quantizer before all of them."""
    layers, input_quantizer, width = [], None, n_inputs
    for index, packed in enumerate(entries):
        where = f"layer {index}: "
        if _typed(packed, "architecture", str, where) != QUANTIZER:
            layers.append(_unpack_layer(packed, width, where))
            width = layers[-1].bias.size
            continue
        if (layers[-1].quantizer if layers else input_quantizer) is not None:
            raise UnsupportedLayerError(f"{where}expected one {QUANTIZER} at a time. Received: another behind it")
        quantizer = unpack_quantizer(packed, width, where)
        if layers:
            layers[-1] = replace(layers[-1], quantizer=quantizer)
        else:
            input_quantizer = quantizer
    return layers, input_quantizer


def _unpack_layer(packed: object, n_in: int, where: str) -> FloatLayer:
    architecture = _typed(packed, "architecture", str, where)
    if architecture != "dense":
        raise UnsupportedLayerError(f"{where}expected architecture dense or {QUANTIZER}. Received: {architecture}")
    activation = _typed(packed, "activation", str, where)
    if activation not in _OUR_NAMES:
        received = f"{activation}{nearest(activation, _OUR_NAMES)}"
        raise UnsupportedLayerError(f"{where}expected activation {', '.join(_OUR_NAMES)}. Received: {received}")
    weights, bias = (_numbers(packed, key, where) for key in ("weights", "bias"))
    if not bias.size or weights.size != n_in * bias.size:
        received = f"{weights.size} weights, {bias.size} biases"
        raise DataError(f"{where}expected weights of {bias.size} units x {n_in} inputs. Received: {received}")
    return FloatLayer(weights.reshape(bias.size, n_in).T, bias, _OUR_NAMES[activation])


def _typed(packed: object, key: str, kind: type, where: str) -> object:
    if not isinstance(packed, dict) or key not in packed:
        found = ", ".join(packed) if isinstance(packed, dict) else type(packed).__name__
        raise DataError(f"{where}expected the key '{key}'. Received: {found[:80]}")
    if not isinstance(packed[key], kind):
        names = {list: "an array", str: "a string", float: "a number"}
        raise DataError(f"{where}expected {names[kind]} for '{key}'. Received: {type(packed[key]).__name__}")
    return packed[key]


def _number(packed: object, key: str, where: str) -> float:
    return float(_finite([_typed(packed, key, float, where)], key, where)[0])


def _numbers(packed: object, key: str, where: str) -> np.ndarray:
    values = _typed(packed, key, list, where)
    strange = [value for value in values if not isinstance(value, float)]
    if strange:
        raise DataError(f"{where}expected numbers in '{key}'. Received: {type(strange[0]).__name__}")
    return _finite(values, key, where)


def _finite(values: list[float], key: str, where: str) -> np.ndarray:
    array = np.array(values, np.float64)
    wrong = array[~(np.abs(array) <= np.finfo(np.float32).max)]
    if wrong.size:
        raise DataError(f"{where}expected finite float32 numbers in '{key}'. Received: {wrong[0]}")
    return array.astype(np.float32)


def _layer_at(text: str, position: int) -> str:
    """Return ``layer N: `` for a position inside the array of layers, by counting commas between its elements."""
    before, found, inside = text[:position].partition('"layers"')
    depth, index = 0, 0
    for sign in _SYNTAX.findall(inside):
        depth += (sign in "[{") - (sign in "]}")
        if depth < 1:
            return ""
        index += depth == 1 and sign == ","
    return f"layer {index}: " if found and depth else ""
