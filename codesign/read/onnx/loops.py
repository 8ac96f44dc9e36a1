"""Loop and Scan: run as often as constants say, step by step."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.errors import UnreadableError
from codesign.read.onnx.flow import EVENTS, Flow
from codesign.read.onnx.operators.moves import joined, part_of
from codesign.read.onnx.records import OnnxGraph
from codesign.read.onnx.walk import Call

_MOST_STEPS = 1024

Scope = dict[str, object]
RunGraph = Callable[[OnnxGraph, Scope], None]


def read_loop(call: Call, scope: Scope, run: RunGraph) -> tuple:
    """Return the values that are carried from step to step, and those of all steps side by side.

    Args:
        scope: what is known outside.
        run: reads the nodes of a graph into a scope.

    Raises:
        UnsupportedLayerError: for a number of steps that depends on the events.
    """
    body = _body(call)
    limit, goes_on = call.constant(0, what="number of steps"), call.constant(1, what="condition")
    limit = _MOST_STEPS + 1 if limit is None or not limit.size else int(np.ravel(limit)[0])
    carried, rows, step = list(call.values[2:]), [], 0
    goes_on = True if goes_on is None else bool(np.ravel(goes_on)[0])
    while step < limit and goes_on:
        if step >= _MOST_STEPS:
            raise call.refusal(f"at most {_MOST_STEPS:,} steps", "more")
        given = [np.array(step, np.int64), np.array(True), *carried]
        found = _step(body, scope, given, run)
        if isinstance(found[0], Flow):
            raise call.refusal("a number of steps that is known", "one that depends on the events")
        goes_on, carried = bool(np.ravel(found[0])[0]), found[1 : 1 + len(carried)]
        rows.append(found[1 + len(carried) :])
        step += 1
    if not rows and len(body.outputs) > 1 + len(carried):
        raise call.refusal("at least one step", 0)
    return (*carried, *(_stacked(call, list(column)) for column in zip(*rows)))


def read_scan(call: Call, scope: Scope, run: RunGraph) -> tuple:
    """Return the last states, and what all steps give side by side."""
    body, n_given = _body(call), call.whole("num_scan_inputs")
    states, series = list(call.values[: len(call.values) - n_given]), call.values[len(call.values) - n_given :]
    if any(np.any(call.wholes(name) or 0) for name in ("scan_input_axes", "scan_output_axes")):
        raise call.refusal("steps along the first axis", "another")
    back = call.wholes("scan_input_directions") or [0] * n_given
    behind = call.wholes("scan_output_directions") or []
    lengths = {one.sizes[0] if isinstance(one, Flow) else one.shape[0] for one in series}
    n_steps = lengths.pop() if len(lengths) == 1 else 0
    if not 0 < n_steps <= _MOST_STEPS:
        raise call.refusal(f"1 to {_MOST_STEPS:,} steps", n_steps)
    rows = []
    for step in range(n_steps):
        parts = [_row(call, one, n_steps - 1 - step if turned else step) for one, turned in zip(series, back)]
        found = _step(body, scope, [*states, *parts], run)
        states = found[: len(states)]
        rows.append(found[len(states) :])
    columns = [list(column) for column in zip(*rows)]
    turned = [*behind, *[0] * len(columns)]
    return (*states, *(_stacked(call, one[:: -1 if turn else 1]) for one, turn in zip(columns, turned)))


def _body(call: Call) -> OnnxGraph:
    body = call.attribute("body")
    if not isinstance(body, OnnxGraph):
        raise call.refusal("a body", "none")
    return body


def _step(body: OnnxGraph, scope: Scope, given: list, run: RunGraph) -> list:
    inside = dict(scope) | dict(zip((one.name for one in body.inputs), given))
    run(body, inside)
    missing = next((one.name for one in body.outputs if one.name not in inside), None)
    if missing is not None or len(body.inputs) != len(given):
        raise UnreadableError(f"a body with other inputs, or without the output '{(missing or '')[:60]}'")
    return [inside[one.name] for one in body.outputs]


def _row(call: Call, given: object, step: int) -> object:
    if not isinstance(given, Flow):
        return given[step]
    if EVENTS in given.dims[0]:
        raise call.refusal("steps along an axis that is not that of the events", 0)
    return call.reshaped(part_of(call, given, 0, slice(step, step + 1)), given.sizes[1:])


def _stacked(call: Call, values: list) -> object:
    """Values along a new first axis."""
    if not any(isinstance(value, Flow) for value in values):
        return np.stack(values)
    if not all(isinstance(value, Flow) for value in values):
        raise call.refusal("values of the events in every step", "constants in some")
    return joined(call, [replace(value, dims=((), *value.dims)) for value in values], 0)
