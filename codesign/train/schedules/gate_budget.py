"""GateBudget: what the gates of a model may cost together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from codesign._keras import keras
from codesign._layer_graph import LayerCall, LayerGraph, is_dense
from codesign._layer_walk import read_layer_graph
from codesign.errors import BudgetError, ConfigError
from codesign.layers import GateCost, GateGroup, TopKGate

_UNITS = {"nodes": "nodes", "macs": "multiply-accumulates", "bits": "bits of weights"}
_FLOAT_BITS = 32


@dataclass(frozen=True)
class GateBudget:
    """A limit shared by every TopKGate(k=None) of a model; how it is split is learnt, and is an architecture.

    Costs are those of the reduced network: a dense layer between n and m active nodes has ``n * m``
    multiply-accumulates, so a node's cost is worked out anew, at every step, from the widths that its neighbours have
    then. Each gate keeps at least one node. A layer that is used in several places of an event costs its products in
    each. Units count as active unless one gate alone, behind them, reads them: a gate behind a branch, a sum or a
    concatenation saves the rows of the next layer only.

    Args:
        limit: of the cost.
        cost: ``nodes`` (active nodes behind the gates), ``macs`` (of all dense layers) or ``bits`` (of all kernels:
            macs times the bits of the layer's quantizer, 32 without one).

    Raises:
        ConfigError: for another cost.
        BudgetError: from `group`, if not even one node per gate fits.
    """

    limit: float
    cost: str = "nodes"

    def __post_init__(self) -> None:
        if self.cost not in _UNITS:
            raise ConfigError(f"cost: expected one of {', '.join(_UNITS)}. Received: {self.cost}")
        if not 0 < self.limit < np.inf:
            raise BudgetError(f"limit: expected a positive number of {_UNITS[self.cost]}. Received: {self.limit}")

    def group(self, model: keras.Model) -> GateGroup:
        """Return the gates without k of a built model, and what they cost."""
        graph = read_layer_graph(model)
        gates = [layer for layer in graph.layers if isinstance(layer, TopKGate) and layer.k is None]
        if not gates:
            raise ConfigError(
                "budget: expected a model with TopKGate() layers that have no k. Received: none; remove k from those "
                "that share the budget"
            )
        cost = (
            GateCost.of_nodes(len(gates))
            if self.cost == "nodes"
            else _graph_cost(graph, gates, in_bits=self.cost == "bits")
        )
        group = GateGroup(gates, cost)
        if group.least_cost > self.limit:
            raise BudgetError(
                f"budget: expected at least {group.least_cost:g} {_UNITS[self.cost]}, the cost of one node behind each "
                f"gate. Received: {self.limit:g}; raise the limit or make the ungated layers smaller"
            )
        return group


class _Widths:
    """The active width of each value of a graph, as a sum over shared gates' counts and a constant: (n_gates + 1,)."""

    def __init__(self, graph: LayerGraph, gates: Sequence[TopKGate]) -> None:
        self._graph, self._number = graph, {id(gate): index for index, gate in enumerate(gates)}
        self._gated: dict[str, bool] = dict.fromkeys(graph.inputs, False)
        self.of = {name: self._fixed(shape[-1] or 0) for name, shape in graph.inputs.items()}
        for call in graph.calls:
            given = [self.of[name] for name in call.inputs]
            self._gated[call.name] = not is_dense(call.layer) and any(self._gated[name] for name in call.inputs)
            self.of[call.name] = (
                self._behind_gate(call) if isinstance(call.layer, TopKGate) else self._passed(call, given)
            )

    def left_of(self, call: LayerCall) -> np.ndarray:
        """The width left of a dense layer's units: that of the gate behind it, if nothing else reads them."""
        name = call.name
        while len(self._graph.takers[name]) == 1 and name not in self._graph.outputs:
            (taker,) = self._graph.takers[name]
            if isinstance(taker.layer, TopKGate):
                return self.of[taker.name]
            if is_dense(taker.layer) or len(taker.inputs) > 1 or taker.shape[-1:] != call.shape[-1:]:
                break
            name = taker.name
        return self._fixed(call.shape[-1])

    def _fixed(self, width: float) -> np.ndarray:
        return np.append(np.zeros(len(self._number), np.float32), np.float32(width))

    def _behind_gate(self, call: LayerCall) -> np.ndarray:
        if self._gated[call.name]:
            raise ConfigError(
                f"gate '{call.layer.name}': expected one gate between two dense layers. Received: a second one; "
                "remove it"
            )
        self._gated[call.name] = True
        if call.layer.k is not None:
            return self._fixed(call.layer.k)
        return np.eye(len(self._number) + 1, dtype=np.float32)[self._number[id(call.layer)]]

    def _passed(self, call: LayerCall, given: list[np.ndarray]) -> np.ndarray:
        """Side by side, widths add up; what is merged value by value stays as wide unless all are gated alike."""
        before = self._graph.shapes[call.inputs[0]]
        if call.kind == "Concatenate" and call.layer.axis in (-1, len(call.shape)):
            return np.sum(given, 0)
        if len(call.shape) == 1 and len(before) > 1 and call.shape[0] == prod(size or 0 for size in before):
            return given[0] * np.float32(prod(before[:-1]))
        is_like = before[-1:] == call.shape[-1:] and all(np.array_equal(given[0], other) for other in given)
        return given[0] if is_like and not is_dense(call.layer) else self._fixed((call.shape or (1,))[-1] or 0)


def _graph_cost(graph: LayerGraph, gates: Sequence[TopKGate], *, in_bits: bool) -> GateCost:
    """Return the cost of the dense layers as a function of the gates' counts, all other widths being fixed."""
    widths, products = _Widths(graph, gates), np.zeros((len(gates) + 1,) * 2, np.float32)
    for call in graph.calls:
        if is_dense(call.layer) and not (in_bits and call.index):
            places = _bits_of(call.layer) if in_bits else prod(size or 1 for size in call.shape[:-1])
            products += np.float32(places) * np.outer(widths.of[call.inputs[0]], widths.left_of(call))
    pairs = products[:-1, :-1]
    linear = products[:-1, -1] + products[-1, :-1]
    return GateCost(float(products[-1, -1]), linear, np.triu(pairs) + np.tril(pairs, -1).T)


def _bits_of(layer: object) -> int:
    quantizer = getattr(layer, "kernel_quantizer_internal", None) or getattr(layer, "kernel_quantizer", None)
    return _FLOAT_BITS if quantizer is None else int(getattr(quantizer, "bits", _FLOAT_BITS))
