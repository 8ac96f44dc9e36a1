"""Recurrent layers, step by step: LSTM, GRU and a plain recurrence, over a fixed number of steps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.network.ops import Add, Affine, Concatenate, Dense, Multiply, Reshape, Select, Slice, Subtract
from codesign.read.graph_builder import GraphBuilder, Value

Activate = Callable[[str, Value], Value]  # adds an activation behind a value, under a name


@dataclass(frozen=True, eq=False)
class Cell:
    """What a recurrent layer does at each step.

    Args:
        builder: of the nodes.
        origin: name of the layer.
        units: values of the state.
        recurrent: (units, n_gates * units): state to gates; shared by all steps.
        activation, recurrent_activation: of the values, and of the gates.
    """

    builder: GraphBuilder
    origin: str
    units: int
    recurrent: Dense
    activation: Activate
    recurrent_activation: Activate

    def part(self, gates: Value, index: int, name: str, count: int = 1) -> Value:
        """One gate of those side by side, or `count` of them."""
        op = Slice(index * self.units, (index + count) * self.units)
        return self.builder.add(self.origin, op, gates, name=name)

    def joined(self, name: str, op: type, *values: Value) -> Value:
        """Two values as one, under a name."""
        return self.builder.add(self.origin, op(), *values, name=name)

    def from_state(self, name: str, state: Value | None, op: Dense | None = None) -> Value | None:
        """The gates' part that comes from the state; None where the state is 0 and there is no bias."""
        return None if state is None else self.builder.add(self.origin, op or self.recurrent, state, name=name)

    def summed(self, name: str, *values: Value | None) -> Value:
        """The sum of those that are there."""
        there = [one for one in values if one is not None]
        return there[0] if len(there) == 1 else self.joined(name, Add, *there)


def steps_of(builder: GraphBuilder, origin: str, value: Value, *, backwards: bool = False) -> list[Value]:
    """Return (steps, n) as vectors, (n,) each."""
    found = []
    for step in range(value.shape[0]):
        row = builder.add(origin, Slice(step, step + 1, 1), value, name=f"{origin}_step_{step}")
        found.append(builder.add(origin, Reshape(value.shape[1:]), row, name=f"{origin}_inputs_{step}"))
    return found[::-1] if backwards else found


def sequence_of(builder: GraphBuilder, origin: str, values: Sequence[Value]) -> Value:
    """Return vectors, (n,) each, as (steps, n)."""
    rows = [
        builder.add(origin, Reshape((1, *one.shape)), one, name=f"{origin}_row_{step}")
        for step, one in enumerate(values)
    ]
    return rows[0] if len(rows) == 1 else builder.add(origin, Concatenate(1), *rows, name=f"{origin}_sequence")


def simple_step(cell: Cell, gates: Value, states: tuple[Value | None, ...], at: str) -> tuple[Value, ...]:
    """``h = f(x W + b + h U)``."""
    total = cell.summed(f"{at}_sum", gates, cell.from_state(f"{at}_recurrent", states[0]))
    return (cell.activation(f"{at}_state", total),)


def lstm_step(cell: Cell, gates: Value, states: tuple[Value | None, ...], at: str) -> tuple[Value, ...]:
    """``c = f c + i g``, ``h = o tanh(c)``; the gates are i, f, g, o, side by side."""
    state, memory = states
    total = cell.summed(f"{at}_sum", gates, cell.from_state(f"{at}_recurrent", state))
    opened = {}
    for index, name in enumerate(("i", "f", "g", "o")):
        if name != "f" or memory is not None:
            function = cell.activation if name == "g" else cell.recurrent_activation
            opened[name] = function(f"{at}_{name}", cell.part(total, index, f"{at}_{name}_sum"))
    memory = cell.summed(
        f"{at}_memory",
        None if memory is None else cell.joined(f"{at}_kept", Multiply, opened["f"], memory),
        cell.joined(f"{at}_new", Multiply, opened["i"], opened["g"]),
    )
    shown = cell.activation(f"{at}_shown", memory)
    return cell.joined(f"{at}_state", Multiply, opened["o"], shown), memory


def gru_step(cell: Cell, gates: Value, states: tuple[Value | None, ...], at: str) -> tuple[Value, ...]:
    """``h = z h + (1 - z) n``, the gates z, r, n side by side, with ``n = f(x W + r (h U + b))``: reset behind U."""
    (state,) = states
    inner = cell.from_state(f"{at}_recurrent", state)
    if inner is None:  # h is 0, and U gives its bias alone
        bias = cell.recurrent.bias
        inner = _constant(cell, gates, bias, f"{at}_recurrent") if bias.any() else None
    z, r = _update_and_reset(cell, gates, inner, at)
    new = cell.part(gates, 2, f"{at}_n_sum")
    if inner is not None:
        kept = cell.joined(f"{at}_reset", Multiply, r, cell.part(inner, 2, f"{at}_n_recurrent"))
        new = cell.joined(f"{at}_n_total", Add, new, kept)
    return (_mixed(cell, z, cell.activation(f"{at}_n", new), state, at),)


def gru_step_reset_before(cell: Cell, gates: Value, states: tuple[Value | None, ...], at: str) -> tuple[Value, ...]:
    """As :func:`gru_step`, with ``n = f(x W + (r h) U)``: reset in front of U."""
    (state,) = states
    units, kernel, bias = cell.units, cell.recurrent.kernel, cell.recurrent.bias
    types = cell.recurrent.types
    of_gates, of_new = (
        cell.builder.constants.setdefault((cell.recurrent, name), Dense(kernel[:, part], bias[part], types))
        for name, part in (("gates", slice(2 * units)), ("new", slice(2 * units, None)))
    )
    inner = cell.from_state(f"{at}_recurrent", state, of_gates)
    z, r = _update_and_reset(cell, gates, inner, at)
    new = cell.part(gates, 2, f"{at}_n_sum")
    if state is not None:
        kept = cell.joined(f"{at}_reset", Multiply, r, state)
        new = cell.joined(f"{at}_n_total", Add, new, cell.from_state(f"{at}_n_recurrent", kept, of_new))
    return (_mixed(cell, z, cell.activation(f"{at}_n", new), state, at),)


def _update_and_reset(cell: Cell, gates: Value, inner: Value | None, at: str) -> tuple[Value, Value]:
    total = cell.part(gates, 0, f"{at}_zr_sum", 2)
    if inner is not None:
        first = inner if inner.shape[-1] == 2 * cell.units else cell.part(inner, 0, f"{at}_zr_recurrent", 2)
        total = cell.joined(f"{at}_zr_total", Add, total, first)
    both = cell.recurrent_activation(f"{at}_zr", total)
    return cell.part(both, 0, f"{at}_z"), cell.part(both, 1, f"{at}_r")


def _mixed(cell: Cell, z: Value, new: Value, state: Value | None, at: str) -> Value:
    """``z h + (1 - z) n``."""
    kept = cell.joined(f"{at}_z_n", Multiply, z, new)
    rest = cell.joined(f"{at}_new", Subtract, new, kept)
    return cell.summed(f"{at}_state", None if state is None else cell.joined(f"{at}_kept", Multiply, z, state), rest)


def _constant(cell: Cell, like: Value, array: np.ndarray, name: str) -> Value:
    return cell.builder.add(cell.origin, Affine(np.zeros(()), array), like, name=name)


def unrolled(
    cell: Cell,
    step: Callable[[Cell, Value, tuple[Value | None, ...], str], tuple[Value, ...]],
    gates: Sequence[Value],
    states: tuple[Value | None, ...],
    masks: Sequence[Value] | None = None,
) -> list[tuple[Value, ...]]:
    """Return the states behind each step.

    Args:
        step: :func:`lstm_step`, :func:`gru_step`, ...
        gates: what comes from the inputs, (n_gates * units,) for each step, in the order of the steps.
        states: at the start; None for zeros.
        masks: (1,) for each step: 0 where the states stay as they are.
    """
    found = []
    for number, one in enumerate(gates):
        at = f"{cell.origin}_{number}"
        new = step(cell, one, states, at)
        states = new if masks is None else _kept(cell, masks[number], new, states, at)
        found.append(states)
    return found


def _kept(cell: Cell, mask: Value, new: tuple[Value, ...], old: tuple[Value | None, ...], at: str) -> tuple[Value, ...]:
    """The new states where the mask is not 0, else the old ones."""
    found = []
    for index, (one, before) in enumerate(zip(new, old)):
        name = f"{at}_masked_{index}"
        found.append(
            cell.joined(name, Multiply, mask, one) if before is None else cell.joined(name, Select, mask, one, before)
        )
    return tuple(found)
