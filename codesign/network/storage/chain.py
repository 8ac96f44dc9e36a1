"""Networks of versions 1 and 2 of the file: layers in a row."""

from collections.abc import Mapping

from codesign.errors import DataError
from codesign.network.layer import DenseLayer, LayerPrecision
from codesign.network.network import Network
from codesign.network.storage.values import is_number, kind_of, unpack_array, unpack_object, unpack_text, unpack_type

_LAYER = ("name", "activation", "kernel", "bias")
_TENSORS = ("weight", "bias", "accum", "result", "output", "table")
LARGEST_TABLE = 2**20


def unpack_chain(content: Mapping[str, object]) -> Network:
    """Return the network in the object of a file.

    Raises:
        DataError: naming the layer and the key.
        PrecisionError, UnsupportedLayerError: for types and layers that a Network cannot have.
    """
    quantizers = ("input_quantizer",) if content["version"] > 1 else ()
    packed = unpack_object(content, ("format", "version", "input_precision", *quantizers, "layers"), "network")[
        "layers"
    ]
    if not isinstance(packed, list):
        raise DataError(f"layers: expected a list. Received: {kind_of(packed)}")
    keys = {"keys": (*_LAYER, "quantizer", "precision")} if quantizers else {"keys": _LAYER, "optional": ("precision",)}
    layers = tuple(_unpack_layer(layer, f"layer {index}", **keys) for index, layer in enumerate(packed))
    shape = (layers[0].n_in,) if layers else ()
    types = {key: unpack_type(content.get(key), shape, key) for key in ("input_precision", "input_quantizer")}
    return Network.chain(layers, **types)


def _unpack_layer(packed: object, where: str, *, keys: tuple[str, ...], optional: tuple[str, ...] = ()) -> DenseLayer:
    entry = unpack_object(packed, keys, where, optional=optional)
    for key in ("name", "activation"):
        unpack_text(entry[key], f"{where}: {key}")
    kernel = unpack_array(entry["kernel"], f"{where}: kernel", axes=2)
    bias = unpack_array(entry["bias"], f"{where}: bias", axes=1)
    layer = DenseLayer(entry["name"], kernel, bias, entry["activation"])
    precision = (
        None if entry.get("precision") is None else _unpack_precision(entry["precision"], layer, f"{where}: precision")
    )
    quantizer = unpack_type(entry.get("quantizer"), layer.bias.shape, f"{where}: quantizer")
    return DenseLayer(layer.name, kernel, bias, layer.activation, precision, quantizer)


def _unpack_precision(packed: object, layer: DenseLayer, where: str) -> LayerPrecision:
    types = unpack_object(packed, (*_TENSORS, "table_size"), where)
    size = types["table_size"]
    if not is_number(size, whole=True) or not 2 <= size <= LARGEST_TABLE:
        raise DataError(f"{where}: table_size: expected 2 to {LARGEST_TABLE} entries. Received: {size!r:.60}")
    shapes = {"weight": layer.kernel.shape, "table": ()}
    unpacked = {
        name: unpack_type(types[name], shapes.get(name, layer.bias.shape), f"{where}: {name}") for name in _TENSORS
    }
    for name in ("weight", "bias", "table"):
        if unpacked[name] is None:
            raise DataError(f"{where}: {name}: expected a type. Received: null")
    return LayerPrecision(**unpacked, table_size=size)
