"""LSTM, GRU and plain recurrent layers with constant weights, step by step.

ONNX has the steps in the first axis, the events in the second; directions have an axis of their own in the outputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from codesign.network.ops import Activation, Add, Affine, Concatenate, Dense, Gather, Multiply, Reshape, Slice
from codesign.read.graph_builder import Value
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.walk import Call

_MOST_STEPS = 1024
_FUNCTIONS = {
    "sigmoid": Activation("sigmoid"),
    "tanh": Activation("tanh"),
    "relu": Activation("relu"),
    "hardsigmoid": Activation("hard_sigmoid", slope=0.2),
    "elu": Activation("elu", slope=1.0),
    "softsign": Activation("softsign"),
    "softplus": Activation("softplus"),
    "affine": Activation("linear"),
}


@dataclass(frozen=True)
class Cell:
    """One direction of a layer.

    Args:
        call: of the node.
        functions: of the gates, by their place.
        units: of the state.
        recurrent: (gates * units, units), the weights of the state.
        bias: (gates * units,) of the state.
        clip: where what goes into a function is cut; 0: nowhere.
    """

    call: Call
    functions: tuple[Activation, ...]
    units: int
    recurrent: np.ndarray
    bias: np.ndarray
    clip: float

    def function(self, index: int, value: Value) -> Value:
        """Apply a function, of what is cut."""
        if self.clip:
            value = self.call.add(Activation("clip", min_value=-self.clip, max_value=self.clip), value)
        return self.call.add(self.functions[index], value)

    def of_state(self, state: Value, gates: slice) -> Value:
        """Return the product of the state with the weights of some gates, and their bias."""
        rows = slice(gates.start * self.units, gates.stop * self.units)
        return self.call.add(Dense(self.recurrent[rows].T, self.bias[rows]), state)

    def gate(self, value: Value, first: int, last: int | None = None) -> Value:
        """Return the part of some gates."""
        stop = (first + 1 if last is None else last) * self.units
        if (first * self.units, stop) == (0, value.shape[0]):
            return value
        return self.call.add(Slice(first * self.units, stop), value)

    def between(self, gate: Value, one: Value, other: Value) -> Value:
        """``gate * one + (1 - gate) * other``."""
        rest = self.call.add(Affine(np.full(self.units, -1.0), np.ones(self.units)), gate)
        kept = self.call.add(Multiply(), gate, one)
        return self.call.add(Add(), kept, self.call.add(Multiply(), rest, other))


def _lstm(cell: Cell, given: Value, state: list[Value]) -> list[Value]:
    """Gates: input, output, forget, cell."""
    add = cell.call.add
    sums = add(Add(), given, cell.of_state(state[0], slice(0, 4)))
    into, out, forget = (cell.function(0, cell.gate(sums, index)) for index in range(3))
    new = cell.function(1, cell.gate(sums, 3))
    memory = add(Add(), add(Multiply(), forget, state[1]), add(Multiply(), into, new))
    return [add(Multiply(), out, cell.function(2, memory)), memory]


def _gru(cell: Cell, given: Value, state: list[Value]) -> list[Value]:
    """Gates: update, reset, hidden."""
    add = cell.call.add
    gates = add(Add(), cell.gate(given, 0, 2), cell.of_state(state[0], slice(0, 2)))
    update, reset = (cell.function(0, cell.gate(gates, index)) for index in range(2))
    if cell.call.whole("linear_before_reset"):
        inner = add(Multiply(), reset, cell.of_state(state[0], slice(2, 3)))
    else:
        inner = cell.of_state(add(Multiply(), reset, state[0]), slice(2, 3))
    new = cell.function(1, add(Add(), cell.gate(given, 2), inner))
    return [cell.between(update, state[0], new)]


def _plain(cell: Cell, given: Value, state: list[Value]) -> list[Value]:
    return [cell.function(0, cell.call.add(Add(), given, cell.of_state(state[0], slice(0, 1))))]


@dataclass(frozen=True)
class _Kind:
    """Gates, states and functions of a kind of layer, and one step of it."""

    gates: int
    states: int
    functions: tuple[str, ...]
    step: Callable[[Cell, Value, list[Value]], list[Value]]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "LSTM": _Kind(4, 2, ("sigmoid", "tanh", "tanh"), _lstm),
        "GRU": _Kind(3, 1, ("sigmoid", "tanh"), _gru),
        "RNN": _Kind(1, 1, ("tanh",), _plain),
    }
)


def read_recurrent(call: Call) -> tuple[Flow, ...]:
    """Return all outputs, and the last of each state."""
    kind, flow = _KINDS[call.node.operation], call.flow
    is_first = call.whole("layout")
    flow = Flow(flow.value, (flow.dims[1], flow.dims[0], *flow.dims[2:]), flow.dtype) if is_first else flow
    flow = call.plain(flow)
    if flow.rank != 3 or flow.dims[1] != (EVENTS,) or flow.sizes[0] > _MOST_STEPS:
        raise call.refusal(f"(steps, events, features) of at most {_MOST_STEPS:,} steps", f"{flow.rank} axes")
    if call.value(4) is not None and not isinstance(call.value(4), Flow):
        lengths = np.unique(call.value(4))
        if lengths.tolist() != [flow.sizes[0]]:
            raise call.refusal(f"{flow.sizes[0]} steps of every event", lengths[:5].tolist())
    elif call.value(4) is not None:
        raise call.refusal("as many steps of every event", "numbers of steps that depend on it")
    directions = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}
    chosen = call.text("direction", "forward")
    if chosen not in directions:
        raise call.refusal("forward, reverse or bidirectional", chosen)
    runs = [_run(call, kind, flow.value, (index, turned)) for index, turned in enumerate(directions[chosen])]
    return _outputs(call, runs, is_first)


def _run(call: Call, kind: _Kind, value: Value, direction: tuple[int, bool]) -> tuple[list[Value], list[Value]]:
    """Return the output of each step, and the last states, of one direction."""
    index, is_reversed = direction
    weights, recurrent, bias = (
        None if call.value(i) is None else np.asarray(call.constant(i, what="weights"), np.float64)[index]
        for i in (1, 2, 3)
    )
    units, n_steps = recurrent.shape[-1], value.shape[0]
    bias = np.zeros(2 * kind.gates * units) if bias is None else bias
    own, of_state = bias[: kind.gates * units], bias[kind.gates * units :]
    if call.value(7) is not None or call.whole("input_forget"):
        raise call.refusal("no peepholes, and input_forget=0", "others")
    cell = Cell(call, _functions(call, kind, index), units, recurrent, of_state, call.number("clip"))
    given = call.add(Dense(weights.T, own), value)
    state, outputs = _first_states(call, kind, value, (index, units)), []
    for step in range(n_steps)[:: -1 if is_reversed else 1]:
        part = call.add(Reshape((kind.gates * units,)), call.add(Slice(step, step + 1, 1), given))
        state = kind.step(cell, part, state)
        outputs.append(state[0])
    return outputs[:: -1 if is_reversed else 1], state


def _functions(call: Call, kind: _Kind, index: int) -> tuple[Activation, ...]:
    n = len(kind.functions)
    names = [str(one).lower() for one in call.attribute("activations") or kind.functions * 2][index * n : index * n + n]
    strange = next((name for name in names if name not in _FUNCTIONS), None)
    if strange is not None or len(names) != n or np.size(call.attribute("activation_alpha", ())):
        raise call.refusal(f"activations {', '.join(_FUNCTIONS)} with their own numbers", strange or "other numbers")
    return tuple(_FUNCTIONS[name] for name in names)


def _first_states(call: Call, kind: _Kind, value: Value, direction: tuple[int, int]) -> list[Value]:
    index, units = direction
    states = []
    for given in (call.value(5), call.value(6))[: kind.states]:
        if isinstance(given, Flow):
            raise call.refusal("constant states at the start", "a value that depends on the events")
        found = call.add(Gather(np.full(units, -1)), value)
        if given is not None and np.any(given):
            row = np.asarray(given, np.float64)[:, index] if call.whole("layout") else np.asarray(given)[index]
            if (row != row[0]).any():
                raise call.refusal("one state at the start of all events", "several")
            found = call.add(Affine(np.zeros(units), row[0].astype(np.float64)), found)
        states.append(found)
    return states


def _outputs(call: Call, runs: list[tuple[list[Value], list[Value]]], is_first: int) -> tuple[Flow, ...]:
    def stacked(values: list[Value]) -> Value:
        rows = [call.add(Reshape((1, *value.shape)), value) for value in values]
        return call.add(Concatenate(1), *rows) if len(rows) > 1 else rows[0]

    wanted = [bool(name) for name in call.node.outputs] + [False] * 3
    found: list[Flow | None] = []
    if wanted[0]:
        every = stacked([stacked(outputs) for outputs, _ in runs])  # (directions, steps, units)
        found.append(Flow(every, ((EVENTS,), (1,), (0,), (2,)) if is_first else ((1,), (0,), (EVENTS,), (2,))))
    else:
        found.append(None)
    for index in range(len(runs[0][1])):
        if not wanted[1 + index]:
            found.append(None)
            continue
        last = stacked([states[index] for _, states in runs])
        found.append(Flow(last, ((EVENTS,), (0,), (1,)) if is_first else ((0,), (EVENTS,), (1,))))
    return tuple(found)


RECURRENT = dict.fromkeys(_KINDS, read_recurrent)
