"""Functions of one value between two quantizers, as tables: exact, since an input has few codes.

``x`` becomes the place of its code by a factor and an offset, and an Embedding holds what HGQ2 makes of each code.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign.network import FixedPoint, Network, constant_type, exact_type
from codesign.network.ops import Embedding, Quantize, Reshape
from codesign.read.graph_builder import GraphBuilder, Value, used_nodes
from codesign.read.hgq.layer import HgqLayer
from codesign.read.hgq.quantizer import HgqQuantizer
from codesign.read.keras_layers.activations import activate
from codesign.read.typed_array import TypedArray, affine_of

Function = Callable[[np.ndarray], np.ndarray]
_MOST_ENTRIES = 2**18
_WIDEST = 48
_STRAIGHT = ("linear", "relu", "relu6", "leaky_relu", "hard_tanh")
_EPSILON = np.float32(1e-7)


def read_unary_function(layer: HgqLayer) -> Value:
    """``oq(activation(iq(x)))``."""
    (value,) = layer.inputs()
    given = layer.given("activation")
    name = given if isinstance(given, str) else getattr(given, "kind", "linear")
    line = _line_of(layer)
    kind = type_of(layer.builder, value)
    if (name in _STRAIGHT and line is None) or kind is None or not layer.given("enable_oq", True):
        value = value if line is None else layer.add(affine_of(*line), value, word="line")
        return layer.activated(value)

    def function(x: np.ndarray) -> np.ndarray:
        if line is not None:
            x = x * np.float32(line[0].values) + np.float32(line[1].values)
        return activation_values(layer, x)

    return add_table(layer, value, kind, Tabled(function, layer.quantizer("oq")))


def activation_values(layer: HgqLayer, x: np.ndarray) -> np.ndarray:
    """Return what the layer's activation makes of float32 values, (n,)."""
    builder = GraphBuilder()
    given = builder.add_input("x", (len(x),))
    outputs = builder.as_outputs([activate(builder, layer.call, layer.given("activation"), given)])
    network = Network(used_nodes(builder.nodes, outputs), builder.inputs, outputs)
    return network.predict(x[np.newaxis].astype(np.float64))[0].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Tabled:
    """``output(function(x))``.

    Args:
        function: of float32 values; where values have functions of their own, and of a number for each of these.
        output: the quantizer behind it.
        own: the number of the function of each value; None: one function.
    """

    function: Callable[..., np.ndarray]
    output: HgqQuantizer
    own: np.ndarray | None = None


def add_table(layer: HgqLayer, value: Value, kind: FixedPoint, tabled: Tabled, *, word: str = "") -> Value:
    """Add a table of each code of a value.

    Args:
        layer: of which it is a part.
        value: what it takes.
        kind: its type.
        tabled: what is in the table.
        word: for the names of the nodes.
    """
    front, output = f"{word}_" if word else "", tabled.output
    starts, entries = _entries(value.shape, kind, tabled)
    fraction = np.broadcast_to(kind.fraction, value.shape)
    low = np.broadcast_to(kind.code_low, value.shape)
    places = [TypedArray(array, constant_type(array)) for array in (np.exp2(fraction.astype(float)), starts - low)]
    value = layer.add(affine_of(*places), value, word=f"{front}place")
    shape = value.shape
    found = exact_type(entries, widest=_WIDEST)
    value = layer.add(Embedding(entries[:, np.newaxis], found), value, word=f"{front}table")
    value = layer.add(Reshape(shape), value, word=f"{front}values")
    is_plain = output.is_fixed and output.scaler == 1 and output.affine == (1, 0)
    return layer.add(Quantize(output.type(shape)), value, word=f"{front}oq") if is_plain else value


def _entries(shape: tuple[int, ...], kind: FixedPoint, tabled: Tabled) -> tuple[np.ndarray, np.ndarray]:
    """Where the entries of each value begin, float64 of the shape, and all entries: one list for values alike."""
    output, function = tabled.output, tabled.function
    ids = np.full(shape, -1) if tabled.own is None else tabled.own
    parts = [np.broadcast_to(one, shape).ravel() for one in (kind.width, kind.integer, kind.signed)]
    bits = {name: _of_each(array, shape) for name, array in output.bits.items() if array.ndim}
    found: dict[tuple, tuple[int, np.ndarray]] = {}
    starts, n_entries = np.empty(len(parts[0])), 0
    for index, key in enumerate(zip(*(array.tolist() for array in (*parts, ids.ravel(), *bits.values())))):
        if key not in found:
            own = FixedPoint(*(np.array([part]) for part in key[:3]))
            x = np.arange(int(own.code_low[0]), int(own.code_high[0]) + 1) * 2.0 ** -int(own.fraction[0])
            single = {name: np.array([part], np.float32) for name, part in zip(bits, key[4:])}
            more = () if tabled.own is None else (key[3],)
            values = HgqQuantizer(output.layer, output.config, single)(function(x.astype(np.float32), *more))
            found[key] = n_entries, np.asarray(values, np.float64)
            n_entries += len(x)
        starts[index] = found[key][0]
    return starts.reshape(shape), np.concatenate([values for _, values in found.values()])


def _of_each(bits: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.broadcast_to(bits[0] if bits.ndim == len(shape) + 1 else bits, shape).ravel()


def type_of(builder: GraphBuilder, value: Value) -> FixedPoint | None:
    """The type of what a quantizer has just given, if a table can hold an entry for each of its codes."""
    node = next((one for one in reversed(builder.nodes) if one.name == value.name), None)
    kind = node.op.type if node is not None and isinstance(node.op, Quantize) else None
    if kind is None:
        return None
    parts = [np.broadcast_to(one, value.shape).ravel().tolist() for one in (kind.width, kind.integer, kind.signed)]
    distinct = set(zip(*parts))
    return kind if sum(2.0**width for width, _, _ in distinct) <= _MOST_ENTRIES else None


def _line_of(layer: HgqLayer) -> tuple[TypedArray, TypedArray] | None:
    """The trained factor and offset of a QAffinedUnaryFunctionLUT."""
    if layer.call.kind != "QAffinedUnaryFunctionLUT":
        return None
    parts = [np.asarray(layer.variable(name), np.float64).reshape(()) for name in ("scale", "bias")]
    return tuple(TypedArray(part, constant_type(part)) for part in parts)


def exponential(scaler: float, *, stable: bool) -> Function:
    """Return the function in the table of a softmax."""
    factor = np.float32(-scaler if stable else scaler)
    return lambda x: np.exp((x * factor).astype(np.float64)).astype(np.float32)


def inverse(x: np.ndarray) -> np.ndarray:
    """Return ``1 / (x + 1e-7)`` in single precision."""
    return np.float32(1) / (x + _EPSILON)
