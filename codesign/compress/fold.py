"""Fold gates and feature selections into the kernels next to them, exactly."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from codesign._keras import keras
from codesign.compress.steps import DenseStep, GateStep, OtherStep, SelectionStep, Step
from codesign.errors import UnsupportedLayerError


def fold_gates(steps: Sequence[Step]) -> list[Step]:
    """Return the steps without gates and selections: a closed gate becomes zeros in a kernel.

    A gate goes into the rows of the dense layer behind it, past whatever leaves a zero at zero; if something else is in
    between, into the columns of a linear dense layer before it.

    Raises:
        UnsupportedLayerError: if neither is exact.
    """
    steps = list(steps)
    while True:
        index = next((i for i, step in enumerate(steps) if isinstance(step, (GateStep, SelectionStep))), None)
        if index is None:
            return steps
        step = steps.pop(index)
        if isinstance(step, SelectionStep):
            _fold_selection(step, steps, index)
        elif not _fold_forward(step, steps, index) and not _fold_backward(step, steps, index):
            after = steps[index].name if index < len(steps) else "the output"
            raise UnsupportedLayerError(
                f"gate '{step.name}': expected a Dense behind it, with nothing between but activations that keep zero "
                f"at zero. Received: '{after}'; move the gate, and use TopKGate in front of quantised layers"
            )


def _fold_forward(gate: GateStep, steps: list[Step], start: int) -> bool:
    for index in range(start, len(steps)):
        step = steps[index]
        if isinstance(step, GateStep):
            steps[index] = replace(step, factors=step.factors * gate.factors)
            return True
        if isinstance(step, DenseStep):
            return _scale(steps, index, gate, gate.factors[:, np.newaxis])
        if not (step.is_inert or (gate.is_selection and step.is_elementwise and _keeps_zero(step))):
            return False
    return False


def _fold_backward(gate: GateStep, steps: list[Step], end: int) -> bool:
    for index in range(end - 1, -1, -1):
        step = steps[index]
        if isinstance(step, DenseStep) and step.activation is keras.activations.linear:
            return _scale(steps, index, gate, gate.factors, with_bias=True)
        if not (isinstance(step, OtherStep) and step.is_inert):
            return False
    return False


def _scale(steps: list[Step], index: int, gate: GateStep, factors: np.ndarray, *, with_bias: bool = False) -> bool:
    """Multiply kernel and bias; False where the quantizers would round the products."""
    old = steps[index]
    new = replace(
        old,
        kernel=old.kernel * factors,
        bias=old.bias * gate.factors if with_bias and old.bias is not None else old.bias,
    )
    exact = np.array_equal(new.effective_kernel, old.effective_kernel * factors)
    if with_bias:
        exact = exact and np.array_equal(new.effective_bias, old.effective_bias * gate.factors)
    if exact:
        steps[index] = new
    return exact


def _fold_selection(selection: SelectionStep, steps: list[Step], start: int) -> None:
    for index in range(start, len(steps)):
        step = steps[index]
        if isinstance(step, DenseStep):
            kernel = np.zeros((selection.n_features, step.kernel.shape[1]), np.float32)
            kernel[selection.indices] = step.kernel
            steps[index] = replace(step, kernel=kernel)
            return
        if isinstance(step, GateStep):
            factors = np.zeros(selection.n_features, np.float32)
            factors[selection.indices] = step.factors
            steps[index] = replace(step, factors=factors)
        elif isinstance(step, OtherStep) and step.kind == "BatchNormalization":
            steps[index] = replace(step, weights=[_spread(weight, selection) for weight in step.weights])
        elif not (isinstance(step, OtherStep) and step.is_elementwise):
            break
    raise UnsupportedLayerError(
        f"layer '{selection.name}': expected a Dense behind the selection. Received: none; put one there"
    )


def _spread(weight: np.ndarray, selection: SelectionStep) -> np.ndarray:
    """Return (n_features,) with the weights of selected features at their places; the others are read by no kernel."""
    spread = np.full(selection.n_features, weight[0], weight.dtype)
    spread[selection.indices] = weight
    return spread


def _keeps_zero(step: OtherStep) -> bool:
    return float(np.asarray(step.layer(np.zeros((1, 1), np.float32)))[0, 0]) == 0.0
