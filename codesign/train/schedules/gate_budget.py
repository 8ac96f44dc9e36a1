"""GateBudget: what the gates of a model may cost together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import BudgetError, ConfigError
from codesign.layers import GateCost, GateGroup, TopKGate

_UNITS = {"nodes": "nodes", "macs": "multiply-accumulates", "bits": "bits of weights"}
_FLOAT_BITS = 32


@dataclass(frozen=True)
class GateBudget:
    """A limit shared by every TopKGate(k=None) of a model; how it is split is learnt, and is an architecture.

    Costs are those of the reduced network: a dense layer between n and m active nodes has ``n * m``
    multiply-accumulates, so a node's cost is worked out anew, at every step, from the widths that its neighbours have
    then. Each gate keeps at least one node.

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

    def group(self, layers: Sequence[object]) -> GateGroup:
        """Return the gates without k of a chain of built layers, and what they cost."""
        gates = [layer for layer in layers if isinstance(layer, TopKGate) and layer.k is None]
        if not gates:
            raise ConfigError(
                "budget: expected a model with TopKGate() layers that have no k. Received: none; remove k from those "
                "that share the budget"
            )
        cost = (
            GateCost.of_nodes(len(gates))
            if self.cost == "nodes"
            else _chain_cost(layers, gates, in_bits=self.cost == "bits")
        )
        group = GateGroup(gates, cost)
        if group.least_cost > self.limit:
            raise BudgetError(
                f"budget: expected at least {group.least_cost:g} {_UNITS[self.cost]}, the cost of one node behind each "
                f"gate. Received: {self.limit:g}; raise the limit or make the ungated layers smaller"
            )
        return group


def _chain_cost(layers: Sequence[object], gates: list[TopKGate], *, in_bits: bool) -> GateCost:
    """Return the cost of the dense layers as a function of the gates' counts, all other widths being fixed."""
    constant, linear = 0.0, np.zeros(len(gates), np.float32)
    pairs = np.zeros((len(gates), len(gates)), np.float32)
    widths, weights = _widths_and_weights(layers, in_bits=in_bits)
    for before, after, weight in zip(widths, widths[1:], weights):
        shared = [gates.index(width) for width in (before, after) if width in gates]
        fixed = weight * float(np.prod([width for width in (before, after) if isinstance(width, int)]))
        if len(shared) == 2:
            pairs[shared[0], shared[1]] += fixed
        elif shared:
            linear[shared[0]] += fixed
        else:
            constant += fixed
    return GateCost(constant, linear, pairs)


def _widths_and_weights(layers: Sequence[object], *, in_bits: bool) -> tuple[list[int | TopKGate], list[float]]:
    """Return the widths around the dense layers, a shared gate standing for its count, and the cost per product."""
    widths, weights, gated = [], [], False
    for layer in layers:
        if isinstance(layer, TopKGate):
            if gated:
                raise ConfigError(
                    f"gate '{layer.name}': expected one gate between two dense layers. Received: a second one; remove "
                    "it"
                )
            widths[-1:] = [layer if layer.k is None else layer.k]
            gated = True
        elif hasattr(layer, "units") and hasattr(layer, "kernel"):
            widths = widths or [int(layer.kernel.shape[0])]
            widths.append(int(layer.units))
            weights.append(float(_bits_of(layer)) if in_bits else 1.0)
            gated = False
    return widths, weights


def _bits_of(layer: object) -> int:
    quantizer = getattr(layer, "kernel_quantizer_internal", None) or getattr(layer, "kernel_quantizer", None)
    return _FLOAT_BITS if quantizer is None else int(getattr(quantizer, "bits", _FLOAT_BITS))
