"""Fold gates and feature selections into the kernels next to them, exactly."""

from dataclasses import replace

import numpy as np

from codesign._keras import keras
from codesign.compress.pending import Pending, Refusal, pass_on, take_in
from codesign.compress.step_graph import StepCall, StepGraph
from codesign.compress.steps import DenseStep, GateStep, OtherStep, SelectionStep
from codesign.errors import UnsupportedLayerError


def fold_gates(graph: StepGraph) -> StepGraph:
    """Return the graph without gates and selections: a closed gate becomes zeros in a kernel.

    A gate goes into the rows of the dense layers behind it, past whatever leaves a zero at zero, along every branch; if
    something else is in between, into the columns of a linear dense layer before it.

    Raises:
        UnsupportedLayerError: if neither is exact.
    """
    while any(isinstance(step, (GateStep, SelectionStep)) for _, step in graph.each()):
        try:
            graph = _fold_forward(graph)
        except Refusal as refusal:
            graph = _fold_backward(graph, refusal)
    return graph


def _fold_forward(graph: StepGraph) -> StepGraph:
    """Carry what gates do along every branch behind them, into the dense layers.

    Raises:
        Refusal: naming a gate, and what it cannot pass.
    """
    pending: dict[str, Pending] = {}
    gone, steps, shapes, taken = {}, {}, {}, {}
    for call, here in graph.each():
        given = [pending.get(name) or Pending.nothing(_width(graph, name)) for name in call.inputs]
        if isinstance(here, (GateStep, SelectionStep)):
            pending[call.name], gone[call.name] = given[0].through(call.name, here), call.inputs[0]
        elif isinstance(here, DenseStep):
            taken.setdefault(call.step, []).append(given[0])
        elif any(way.gate for way in given):
            pending[call.name], steps[call.step] = pass_on(here, call, given, graph)
            shapes[call.name] = (*graph.shapes[call.name][:-1], pending[call.name].n_computed)
    for name in graph.outputs:
        if name in pending:
            raise Refusal(pending[name], "the output")
    steps |= {name: take_in(graph.steps[name], ways) for name, ways in taken.items() if any(way.gate for way in ways)}
    return graph.without(gone, steps, shapes)


def _width(graph: StepGraph, name: str) -> int:
    return (graph.shapes[name] or (1,))[-1] or 0


def _fold_backward(graph: StepGraph, refusal: Refusal) -> StepGraph:
    """Put a gate into the linear dense layer before it, if nothing else reads that.

    Raises:
        UnsupportedLayerError: where that is not exact.
    """
    before, uses = {call.name: call for call in graph.calls}, [call.step for call in graph.calls]
    gate = before[refusal.gate]
    step, (value,) = graph.steps[gate.step], gate.inputs
    while value in before and len(graph.takers(value)) == 1 and value not in graph.outputs:
        call = before[value]
        here = graph.steps[call.step]
        if isinstance(here, DenseStep) and isinstance(step, GateStep) and uses.count(call.step) == 1:
            folded = _scale_columns(here, step.factors)
            if folded is not None:
                return graph.without({gate.name: gate.inputs[0]}, {call.step: folded}, {})
        if not (isinstance(here, GateStep) or (isinstance(here, OtherStep) and here.is_inert)):
            break
        (value,) = call.inputs
    raise UnsupportedLayerError(_refused(gate, step, refusal.after))


def _scale_columns(old: DenseStep, factors: np.ndarray) -> DenseStep | None:
    """Multiply kernel and bias; None where an activation follows, or the quantizers would round the products."""
    if old.activation is not keras.activations.linear:
        return None
    new = replace(old, kernel=old.kernel * factors, bias=None if old.bias is None else old.bias * factors)
    exact = np.array_equal(new.effective_kernel, old.effective_kernel * factors)
    return new if exact and np.array_equal(new.effective_bias, old.effective_bias * factors) else None


def _refused(call: StepCall, step: GateStep | SelectionStep, after: str) -> str:
    if isinstance(step, SelectionStep):
        return f"layer '{call.name}': expected a Dense behind the selection. Received: '{after}'; put one there"
    return (
        f"gate '{call.name}': expected a Dense behind it, with nothing between but activations that keep zero at zero. "
        f"Received: '{after}'; move the gate, and use TopKGate in front of quantised layers"
    )
