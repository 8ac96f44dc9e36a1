"""Softmax, in the implementations of each version of hls4ml."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.errors import PrecisionError
from codesign.network import FixedPoint
from codesign.network.ops import Activation, FirmwareSoftmax, Tensor, Transpose
from codesign.network.ops.fixed_softmax import FixedSoftmax
from codesign.network.types.curve_tables import computed_table, held
from codesign.read.graph_builder import Value
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.layers.curves import table_of, table_size
from codesign.read.hls4ml_project.tables import stored_table

_NONE = np.zeros(2)


def read_softmax(layer: Layer) -> None:
    """A softmax along an axis; where there are others, at each place."""
    config, value = layer.config, layer.source()
    n_in = prod(value.shape)
    n = config.whole("n_slice", config.whole("n_in"))
    inner = config.whole("n_inner", 1) if config.has("n_slice") else 1
    if "multidim" not in layer.function and config.has("n_slice"):
        inner = 1
    outer = n_in // (n * inner)
    if inner > 1:
        value = layer.add(Transpose((1, 3, 2)), layer.shaped(value, (outer, n, inner)))
        found = layer.add(_softmax(layer, value), value, output=layer.result_type().fixed)
        layer.give(Transpose((1, 3, 2)), found)
        return
    value = layer.shaped(value, (outer, n)) if outer > 1 else layer.shaped(value, (n,))
    layer.give(_softmax(layer, value), value)


def _softmax(layer: Layer, value: Value) -> Activation:
    """The op, plain where hls4ml 1.3 writes it so of ours."""
    found = _firmware(layer, layer.source_type(value).fixed)
    table, size = found.address, len(found.inverses)
    try:
        plain = FixedSoftmax.of(table, size, Tensor(value.shape, layer.source_type(value).fixed), None)
    except PrecisionError:
        return Activation("softmax", table=table, firmware=found)
    same = (
        found.implementation == "stable"
        and found.from_largest
        and not found.skips_sign
        and found.difference == plain.difference
        and found.accum == plain.given == found.address
        and 1 << plain.inverse_bits == size
        and 1 << plain.exponential_bits == len(found.exponentials)
        and np.array_equal(plain.given.to_codes(found.exponentials), plain.exponentials)
        and np.array_equal(plain.given.to_codes(found.inverses)[1:], plain.inverses[1:])
    )
    return Activation("softmax", table=table, table_size=size, firmware=None if same else found)


def _firmware(layer: Layer, source: FixedPoint) -> FirmwareSoftmax:
    config = layer.config
    has_choice = config.has("implementation")
    chosen = str(config.value("implementation", "legacy")) if has_choice else "legacy"
    if chosen == "argmax":
        return FirmwareSoftmax("argmax", _NONE, _NONE, source, source, source)
    if layer.walk.project.is_intel:
        return _intel(layer, chosen, source)
    if chosen == "legacy":
        return _legacy(layer, source)
    if config.has("inv_inp_t"):
        return _recent(layer, chosen, source)
    exponential, inverse = config.type("exp_table_t").fixed, config.type("inv_table_t").fixed
    size = table_size(layer, "table_size", 1024)
    addressed = source.envelope
    exponentials = held(_exp(addressed, size), exponential)
    inverses = held(_inverse(exponential, size), inverse)
    signed = FixedPoint(addressed.width, addressed.integer, True, "RND", "SAT")
    difference = signed if chosen == "stable" else addressed
    return FirmwareSoftmax(chosen, exponentials, inverses, difference, exponential, exponential, from_largest=False)


def _recent(layer: Layer, chosen: str, source: FixedPoint) -> FirmwareSoftmax:
    """hls4ml 1.2 and later."""
    config = layer.config
    exponential, inverse = config.type("exp_table_t").fixed, config.type("inv_table_t").fixed
    difference = config.type("inp_norm_t").fixed if chosen == "stable" else source.envelope
    address, scale = config.type("inv_inp_t").fixed, float(config.value("exp_scale", 1.0))
    sign = -1 if chosen == "stable" else 1
    sizes = [table_size(layer, name, config.whole("table_size", 1024)) for name in ("exp_table_size", "inv_table_size")]
    exponentials = held(_exp(difference, sizes[0], np.float32(scale) * sign), exponential)
    inverses = held(_inverse(address, sizes[1]), inverse)
    accum = config.type("accum_t").fixed
    return FirmwareSoftmax(chosen, exponentials, inverses, difference, accum, address)


def _legacy(layer: Layer, source: FixedPoint) -> FirmwareSoftmax:
    kind, size = table_of(layer)
    inverse_size = table_size(layer, "inv_table_size", size)
    exponentials = computed_table("exp", kind, table_size(layer, "exp_table_size", size))
    inverses = computed_table("invert", kind, inverse_size)
    return FirmwareSoftmax("legacy", exponentials, inverses, source, kind, kind)


def _intel(layer: Layer, chosen: str, source: FixedPoint) -> FirmwareSoftmax:
    """Quartus and oneAPI keep the entries in table_t, whatever the other types are."""
    config = layer.config
    exponential, inverse = config.type("exp_table_t").fixed, config.type("inv_table_t").fixed
    table, size = table_of(layer)
    behind = {"stable": "", "latency": "_latency", "legacy": "_legacy"}[chosen]
    entries = [stored_table(layer.walk.project, f"{name}_table{behind}", table, size) for name in ("exp", "invert")]
    if entries[0] is None or entries[1] is None:
        raise layer.refuse(
            "expected its tables, nnet_utils/activation_tables/*.tb. Received: none; give the whole project"
        )
    signed = FixedPoint(source.envelope.width, source.envelope.integer, True, "RND", "SAT")
    difference = replace(signed) if chosen == "stable" else source.envelope
    inverses = held(entries[1], inverse) if chosen != "legacy" else entries[1]
    return FirmwareSoftmax(
        chosen, held(entries[0], exponential), inverses, difference, exponential, exponential, False, skips_sign=True
    )


def _exp(kind: FixedPoint, size: int, factor: float = 1.0) -> np.ndarray:
    """Exponentials of what addresses each entry, in single precision."""
    x = (_addressed(kind, size) * np.float32(factor)).astype(np.float32)
    with np.errstate(over="ignore"):
        return np.exp(x.astype(np.float64)).astype(np.float32)


def _inverse(kind: FixedPoint, size: int) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.float32(1) / _addressed(kind, size).astype(np.float32)


def _addressed(kind: FixedPoint, size: int) -> np.ndarray:
    """The number whose highest bits are an address, the others 0."""
    bits = (size - 1).bit_length()
    raw = np.arange(size, dtype=np.int64) << max(0, kind.width - bits)
    raw = np.where(raw >= 1 << (kind.width - 1), raw - (1 << kind.width), raw) if kind.signed else raw
    return (raw * 2.0 ** -int(kind.fraction)).astype(np.float32)


SOFTMAX: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    dict.fromkeys(
        ("softmax", "softmax_multidim", "softmax_stable", "softmax_latency", "softmax_legacy", "softmax_argmax"),
        read_softmax,
    )
)
