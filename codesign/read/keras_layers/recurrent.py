"""LSTM, GRU and SimpleRNN of Keras and QKeras, RNN of cells, Bidirectional: unrolled over their steps."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from codesign.network.ops import Add, Affine, Concatenate, Dense, Multiply, Slice
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.activations import activate
from codesign.read.keras_layers.dense import bias_of, quantised
from codesign.read.keras_layers.refusals import refusal
from codesign.read.keras_records import LayerRecord
from codesign.read.parts.axes import gathered, reshaped
from codesign.read.parts.recurrent import (
    Cell,
    gru_step,
    gru_step_reset_before,
    lstm_step,
    sequence_of,
    simple_step,
    steps_of,
    unrolled,
)

_GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
_STATES = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}
_MERGES = {"sum": Add, "mul": Multiply, "ave": Add, "concat": Concatenate}
KINDS = ("LSTM", "GRU", "SimpleRNN", "QLSTM", "QGRU", "QSimpleRNN", "RNN")


def read_recurrent(builder: GraphBuilder, call: Call) -> Value:
    """A recurrent layer, or RNN over a cell or several."""
    sequence, *initial = call.values
    return _run(builder, call, sequence, initial, masks=builder.masks.get(sequence.name))


def read_bidirectional(builder: GraphBuilder, call: Call) -> Value:
    """The same from both ends, merged."""
    sequence, *initial = call.values
    layers = [call.layer.inner[name] for name in ("forward_layer", "backward_layer")]
    half, found = len(initial) // 2, []
    for index, (layer, word) in enumerate(zip(layers, ("forward", "backward"))):
        inner = Call(layer, f"{call.name}_{word}", call.args, {})
        states = initial[index * half : (index + 1) * half]
        value = _run(builder, inner, sequence, states, masks=builder.masks.get(sequence.name))
        turns = index == 1 and bool(layer.config.get("return_sequences"))
        found.append(_turned(builder, inner.name, value) if turns else value)
    mode = call.config.get("merge_mode", "concat")
    if mode not in _MERGES:
        raise refusal(call, f"merge_mode {', '.join(_MERGES)}", f"merge_mode={mode}", "merge both by a layer")
    op = _MERGES[mode]() if mode != "concat" else Concatenate(-1)
    if mode != "ave":
        return builder.add(call.name, op, *found)
    total = builder.add(call.name, op, *found, name=f"{call.name}_sum")
    return builder.add(call.name, Affine(np.array(0.5), np.zeros(())), total)


def _run(builder: GraphBuilder, call: Call, sequence: Value, initial: Sequence[Value], *, masks: Value | None) -> Value:
    """What a recurrent layer gives: the last state, or that of each step."""
    config = call.config
    if config.get("return_state") or config.get("time_major") or config.get("stateful"):
        given = ", ".join(name for name in ("return_state", "time_major", "stateful") if config.get(name))
        raise refusal(call, "a recurrent layer of the events' own steps that gives one value", f"{given}=True", _CURE)
    if len(sequence.shape) != 2:
        raise refusal(call, "values of (steps, features)", str(sequence.shape), _CURE)
    backwards, values = bool(config.get("go_backwards")), sequence
    rows = None if masks is None else _rows(builder, call.name, masks, backwards)
    cells = _cells(call)
    n_states = [_STATES[_kind(cell)] for cell in cells]
    initial = list(initial) or [None] * sum(n_states)
    if len(initial) != sum(n_states):
        raise refusal(call, f"{sum(n_states)} initial states", str(len(initial)), "give one for each state")
    for number, cell in enumerate(cells):
        inner = replace(call, layer=cell, name=call.name if len(cells) == 1 else f"{call.name}_cell_{number}")
        states, initial = tuple(initial[: n_states[number]]), initial[n_states[number] :]
        outputs = _states_of(builder, inner, values, states, (rows, backwards and number == 0))
        is_last = number == len(cells) - 1
        if not is_last or config.get("return_sequences"):
            values = sequence_of(builder, inner.name, outputs)
    return values if config.get("return_sequences") else outputs[-1]


_CURE = "build the model again without, on (steps, features), and copy the weights"


def _states_of(
    builder: GraphBuilder,
    call: Call,
    sequence: Value,
    states: tuple[Value | None, ...],
    order: tuple[list[Value] | None, bool],
) -> list[Value]:
    """The state that a cell gives at each step; `order`: masks of the steps, and whether these are taken backwards."""
    kind = _kind(call.layer)
    if call.layer not in builder.constants:
        builder.constants[call.layer] = _constants(call, kind)
    inputs, recurrent = builder.constants[call.layer]
    cell = Cell(
        builder,
        call.name,
        recurrent.kernel.shape[0],
        recurrent,
        lambda name, value: _activated(builder, call, "activation", name, value),
        lambda name, value: _activated(builder, call, "recurrent_activation", name, value),
    )
    step = {"SimpleRNN": simple_step, "LSTM": lstm_step}.get(kind)
    if step is None:
        step = gru_step if _resets_after(call) else gru_step_reset_before
    if call.config.get("state_quantizer") is not None:
        step = _rounded(builder, call, step)
    gates = builder.add(call.name, inputs, sequence, name=f"{call.name}_gates")
    rows = steps_of(builder, call.name, gates, backwards=order[1])
    return [found[0] for found in unrolled(cell, step, rows, states, order[0])]


def _constants(call: Call, kind: str) -> tuple[Dense, Dense]:
    """The dense ops from the inputs and from the state to the gates."""
    kernel, recurrent = call.weight("kernel"), call.weight("recurrent_kernel")
    quantizer = "recurrent_quantizer"
    if call.kind.startswith("QGRU") and call.config.get(quantizer) is None:
        recurrent = kernel  # as QKeras does
        quantizer = "kernel_quantizer"
    n = _GATES[kind] * recurrent.shape[0]
    if kernel.shape[1:] != (n,) or recurrent.shape != (n // _GATES[kind], n):
        raise refusal(call, f"kernels of {n} columns", f"{kernel.shape}, {recurrent.shape}", "build the model again")
    bias, behind = bias_of(call), None
    if kind == "GRU" and bias is not None and bias.ndim == 2:
        bias, behind = bias
    return quantised(call, kernel, bias), quantised(call, recurrent, behind, quantizers=(quantizer, "bias_quantizer"))


def _cells(call: Call) -> list[LayerRecord]:
    """The cells of a layer: its own, or those of an RNN, stacked or one."""
    if call.kind != "RNN":
        return [call.layer]
    cell = call.layer.inner.get("cell")
    cells = [cell] if cell is not None and not cell.cells else list((cell or call.layer).cells)
    if not cells or any(_kind(one) not in _GATES for one in cells):
        received = ", ".join(one.kind for one in cells) or "none"
        raise refusal(call, "cells of LSTM, GRU or SimpleRNN", received, "its Python code is not run on reading")
    return cells


def _kind(layer: LayerRecord) -> str:
    return layer.kind.removeprefix("Q").removeprefix("CuDNN").removesuffix("Cell")


def _resets_after(call: Call) -> bool:
    return bool(call.config.get("reset_after", call.layer.generation == 3 or call.kind.startswith("CuDNN")))


def _activated(builder: GraphBuilder, call: Call, which: str, name: str, value: Value) -> Value:
    default = "tanh" if which == "activation" else "sigmoid"
    return activate(builder, replace(call, name=name), call.config.get(which, default), value)


def _rounded(builder: GraphBuilder, call: Call, step: object) -> object:
    """A step whose states are rounded first."""
    quantizer = call.config["state_quantizer"]

    def rounded(cell: Cell, gates: Value, states: tuple[Value | None, ...], at: str) -> tuple[Value, ...]:
        states = tuple(
            None if one is None else activate(builder, replace(call, name=f"{at}_rounded_{index}"), quantizer, one)
            for index, one in enumerate(states)
        )
        return step(cell, gates, states, at)

    return rounded


def _rows(builder: GraphBuilder, origin: str, masks: Value, backwards: bool) -> list[Value]:
    """The mask of each step, (1,) each."""
    found = []
    for step in range(masks.shape[0]):
        row = builder.add(origin, Slice(step, step + 1, 1), masks, name=f"{origin}_mask_{step}")
        found.append(reshaped(builder, origin, row, (1,), name=f"{origin}_mask_{step}_value"))
    return found[::-1] if backwards else found


def _turned(builder: GraphBuilder, origin: str, value: Value) -> Value:
    """Steps in the other order."""
    return gathered(builder, origin, value, {0: np.arange(value.shape[0])[::-1]}, name=f"{origin}_turned")
