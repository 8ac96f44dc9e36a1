"""Activations that are looked up: each version's and back end's own tables and addresses."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint
from codesign.network.ops import Activation, FirmwareTable
from codesign.network.types.curve_tables import computed_table
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.layers.activations import parameter
from codesign.read.hls4ml_project.tables import stored_table

_SELU_SCALE = 1.0507009873554805
_REACH = {"sigmoid": 8, "tanh": 4, "softsign": 8}
_LARGEST = 2**20
_INTEL_INDEX_BITS = 16
_DEFAULT = {True: FixedPoint(16, 8), False: FixedPoint(18, 8)}  # of nnet::activ_config, by whether it is Intel's


def table_of(layer: Layer) -> tuple[FixedPoint, int]:
    """Return the type and the number of a table's entries."""
    config, is_intel = layer.config, layer.walk.project.is_intel
    kind = config.type("table_t").fixed if config.has("table_t") else _DEFAULT[is_intel]
    return kind, table_size(layer, "table_size", 512 if is_intel else 1024)


def table_size(layer: Layer, name: str, default: int) -> int:
    """Return a number of entries.

    Raises:
        UnsupportedLayerError: for more than a table holds.
    """
    size = layer.config.whole(name, default)
    if not 2 <= size <= _LARGEST:
        raise layer.refuse(f"expected 2 to {_LARGEST:,} entries of a table. Received: {size}")
    return size


def read_curve(layer: Layer) -> None:
    """A function that is looked up."""
    name = layer.function.removeprefix("dense_")
    kind, size = table_of(layer)
    firmware = _intel(layer, name, kind, size) if layer.walk.project.is_intel else _amd(name, kind, size)
    layer.give(Activation(name, table=kind, table_size=size, firmware=firmware), layer.source())


def _amd(name: str, kind: FixedPoint, size: int) -> FirmwareTable | None:
    if name in ("sigmoid", "tanh"):
        return None
    return FirmwareTable(computed_table(name, kind, size), "centred", 16)


def _intel(layer: Layer, name: str, kind: FixedPoint, size: int) -> FirmwareTable:
    entries = _stored(layer, name, kind, size)
    if name == "softplus":
        return FirmwareTable(entries, "centred", 16, index_bits=_INTEL_INDEX_BITS, floors=True)
    sign = "complement" if name == "sigmoid" else "odd"
    return FirmwareTable(entries, "magnitude", _REACH[name], sign)


def _stored(layer: Layer, name: str, kind: FixedPoint, size: int) -> np.ndarray:
    entries = stored_table(layer.walk.project, f"{name}_table", kind, size)
    if entries is None:
        raise layer.refuse(
            f"expected its table, nnet_utils/activation_tables/{name}_table.tb. Received: none; give the whole project"
        )
    return entries


def read_unit(layer: Layer) -> None:
    """An elu or a selu: a table below 0 alone."""
    kind, size = table_of(layer)
    is_elu, intel = layer.function == "elu", layer.walk.project.is_intel
    place = 2 if len(layer.call.arguments) > 2 else 1
    scale = parameter(layer) if is_elu else 1.0
    entries = _stored(layer, layer.function, kind, size) if intel else computed_table(layer.function, kind, size)
    bits = _INTEL_INDEX_BITS if intel else 32
    factor = 1.0 if is_elu else _selu_factor(layer, place)
    firmware = FirmwareTable(entries, "negative", 8, factor=factor, scale=scale, index_bits=bits)
    slope = {"slope": scale} if is_elu else {}
    op = Activation(layer.function, **slope, table=kind, table_size=size, firmware=firmware)
    layer.give(op, layer.source(), place=place)


def _selu_factor(layer: Layer, place: int) -> float:
    """What values from 0 are multiplied by: in the type of the result, and from hls4ml 1.2 for AMD in 16 bits."""
    text = layer.walk.project.library_text("nnet_activation.h")
    if layer.walk.project.is_intel or (text is not None and "selu_const_t" not in text):
        return float(layer.result_type(place).fixed.quantize(_SELU_SCALE))
    if text is None:
        layer.walk.assumed.append(f"layer '{layer.call}': selu as hls4ml 1.2 and later have it")
    return float(FixedPoint(16, 1, signed=False).quantize(_SELU_SCALE))


CURVES: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        **dict.fromkeys(("sigmoid", "tanh", "dense_tanh", "softplus", "softsign"), read_curve),
        **dict.fromkeys(("elu", "selu"), read_unit),
    }
)
