"""A network of values in a row as dense layers in a row, where nothing else is needed to say what it does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network, Node, constant_type, exact_type
from codesign.network.ops import Activation, Affine, Dense, Op, Quantize
from codesign.read.fold import Folder

_PLAIN = ("linear", "relu", "sigmoid", "tanh")
_STRAIGHT = ("hard_sigmoid", "hard_tanh")
_SOURCE = "inputs"

Step = tuple[str, Op]


def is_row(nodes: Sequence[Node], outputs: Sequence[str]) -> bool:
    """Whether nodes, the first of which takes a vector, are dense layers and what folds into these."""
    in_row = all(node.inputs == (before.name,) for before, node in zip(nodes, nodes[1:]))
    is_last = list(outputs) == [nodes[-1].name]
    return in_row and is_last and all(_is_of_vectors(node.op) for node in nodes)


def chain_of(nodes: Sequence[Node], origins: Mapping[str, str], n_inputs: int) -> Network | None:
    """Return the chain of dense layers that nodes in a row are, or None where there is none.

    A clipped activation becomes relus; a factor that folds into nothing, or an activation behind another, a dense layer
    with a diagonal kernel.

    Args:
        nodes: see :func:`is_row`.
        origins: the layer that each is from.
        n_inputs: features of an event.
    """
    chain = _Chain(n_inputs)
    for name, op in _folded([step for node in nodes for step in _as_relus(origins[node.name], node.op)]):
        chain.add(name, op)
    return chain.build()


def _is_of_vectors(op: Op) -> bool:
    if isinstance(op, Affine):
        return op.factor.ndim == op.offset.ndim == 1 or not (op.factor.ndim or op.offset.ndim)
    return isinstance(op, Dense | Quantize) or (isinstance(op, Activation) and op.function in (*_PLAIN, *_STRAIGHT))


def _as_relus(name: str, op: Op) -> Iterator[Step]:
    """``min(max(x, low), high)`` as ``high - relu(high - low - relu(x - low))``; any other op as it is."""
    function, highest = getattr(op, "function", None), getattr(op, "max_value", None)
    if function == "hard_sigmoid":
        yield name, _line(op.slope, 0.5)
        yield from _clip(name, 0.0, 1.0)
    elif function == "hard_tanh":
        yield from _clip(name, -1.0, 1.0)
    elif highest is not None:
        yield from _clip(name, 0.0, highest)
    elif function != "linear":
        yield name, op


def _clip(name: str, low: float, high: float) -> Iterator[Step]:
    if low:
        yield name, _line(1.0, -low)
    yield name, Activation("relu")
    yield name, _line(-1.0, high - low)
    yield f"{name}_upper", Activation("relu")
    yield name, _line(-1.0, high)


def _line(factor: float, offset: float) -> Affine:
    return Affine(np.array(factor), np.array(offset))


def _folded(steps: Sequence[Step]) -> list[Step]:
    nodes = [Node(f"{i}", op, (f"{i - 1}" if i else _SOURCE,)) for i, (_, op) in enumerate(steps)]
    kept, _ = Folder([nodes[-1].name]).fold(nodes) if nodes else ([], [])
    return [(steps[int(node.name)][0], node.op) for node in kept]


@dataclass
class _Chain:
    """The layers so far, and a factor and an offset that wait for a layer."""

    n_inputs: int
    layers: list[DenseLayer] = field(default_factory=list)
    input_quantizer: FixedPoint | None = None
    waiting: Affine | None = None

    def add(self, name: str, op: Op) -> None:
        if isinstance(op, Dense):
            types = None if op.types is None else LayerPrecision(op.types.weight, op.types.bias)
            self.layers.append(DenseLayer(name, op.kernel, op.bias, precision=types))
        elif isinstance(op, Affine):
            self.waiting = op
        elif isinstance(op, Activation):
            last = self.layers[-1] if self.layers else None
            if self.waiting is not None or last is None or last.activation != "linear" or last.quantizer is not None:
                self._add_diagonal(name)
            self.layers[-1] = replace(self.layers[-1], activation=op.function)
        else:
            self._add_quantizer(name, op.type)

    def build(self) -> Network | None:
        if self.waiting is not None:
            self._add_diagonal("scaling")
        named = [replace(layer, name=name) for layer, name in zip(self.layers, self._names())]
        if any(layer.precision is not None for layer in named):
            named = [_with_exact_types(layer) for layer in named]
        layers = [replace(layer, precision=_design_types(layer)) for layer in named]
        return Network.chain(layers, self.input_quantizer, self.input_quantizer) if layers else None

    def _add_quantizer(self, name: str, quantizer: FixedPoint) -> None:
        if self.waiting is None and not self.layers and self.input_quantizer is None:
            self.input_quantizer = quantizer
            return
        if self.waiting is not None or not self.layers or self.layers[-1].quantizer is not None:
            self._add_diagonal(name)
        self.layers[-1] = replace(self.layers[-1], quantizer=quantizer)

    def _add_diagonal(self, name: str) -> None:
        """A dense layer of one factor and one offset per value: what waits, or nothing."""
        width = self.layers[-1].n_out if self.layers else self.n_inputs
        line, self.waiting = self.waiting or _line(1.0, 0.0), None
        factor, offset = (np.broadcast_to(values, (width,)) for values in (line.factor, line.offset))
        types = None if line.types is None else LayerPrecision(line.types.weight, line.types.bias)
        self.layers.append(DenseLayer(f"{name}_diagonal", np.diag(factor), offset, precision=types))

    def _names(self) -> list[str]:
        """Each layer's name, with a number behind it where it is taken."""
        names: list[str] = []
        for layer in self.layers:
            taken = {layer.name, *(f"{layer.name}_{n}" for n in range(2, len(self.layers) + 1))} - set(names)
            names.append(min(taken, key=lambda name: (len(name), name)))
        return names


def _with_exact_types(layer: DenseLayer) -> DenseLayer:
    """A layer without types among others with them, such as a diagonal of ones: those that hold its constants."""
    kind = exact_type(layer.kernel) if layer.precision is None else None
    types = None if kind is None else LayerPrecision(kind, constant_type(layer.bias))
    return layer if types is None else replace(layer, precision=types)


def _design_types(layer: DenseLayer) -> LayerPrecision | None:
    return layer.precision if layer.precision is None else replace(layer.precision, output=layer.quantizer)
