"""LSTM, GRU and plain recurrent layers, in one direction or both, one upon the other."""

from collections.abc import Callable, Sequence

import numpy as np

from codesign.read.onnx.flow import Flow
from codesign.read.torch.call import TorchCall, sizes_of
from codesign.read.torch.operators.arithmetic import as_float
from codesign.read.torch.operators.moves import reshaped

# ONNX's operator, and the order of its gates among torch's
_LSTM = ("LSTM", (0, 3, 1, 2))
_GRU = ("GRU", (1, 0, 2))
_RNN = ("RNN", (0,))
_MOST_LAYERS = 64


def recurrent(kind: tuple[str, Sequence[int]], **how: object) -> Callable[[TorchCall], object]:
    """Return what reads layers of a kind."""
    operation, gates = kind

    def read(call: TorchCall) -> object:
        value, layers = as_float(call.value("input")), call.whole("num_layers")
        params = [np.asarray(one) for one in _constants(call)]
        n_directions = 2 if call.get("bidirectional") else 1
        each = 4 if call.get("has_biases") else 2
        if call.get("train") and call.get("dropout") and layers > 1:
            raise call.refusal("a module in evaluation mode, module.eval(), when it is exported", "training")
        if not 0 < layers <= _MOST_LAYERS or len(params) != each * layers * n_directions:
            raise call.refusal(f"{each} weights of each layer and direction, without projections", len(params))
        states, ends = _states(call), []
        value = call.onnx("Transpose", value, perm=(1, 0, 2)) if call.get("batch_first") else value
        for layer in range(layers):
            first = layer * n_directions
            own = [params[each * one : each * (one + 1)] for one in range(first, first + n_directions)]
            start = [None if one is None else one[first : first + n_directions] for one in states]
            value, *last = _layer(call, (operation, gates, how), value, own, start)
            ends.append(last)
        value = call.onnx("Transpose", value, perm=(1, 0, 2)) if call.get("batch_first") else value
        last = [call.onnx("Concat", *one, axis=0) if layers > 1 else one[0] for one in zip(*ends)]
        return (value, *last)

    return read


def _layer(call: TorchCall, kind: tuple, value: object, own: list, start: list) -> tuple:
    """The outputs of all steps, directions side by side, and the last states."""
    operation, gates, how = kind
    units = own[0][1].shape[1]
    weight, state = (np.stack([_ordered(one[index], gates) for one in own]) for index in (0, 1))
    biases = [[*one[2:], *[np.zeros(len(gates) * units)] * (4 - len(one))] for one in own]
    bias = np.stack([np.concatenate([_ordered(one, gates) for one in pair]) for pair in biases])
    steps, events, _ = sizes_of(value)
    direction = "bidirectional" if len(own) > 1 else "forward"
    given = {"hidden_size": units, "direction": direction, **how}
    if "activations" in how:
        given["activations"] = tuple(how["activations"]) * len(own)
    outputs, *last = call.onnx(operation, value, weight, state, bias, None, *start, n_outputs=1 + len(start), **given)
    outputs = call.onnx("Transpose", outputs, perm=(0, 2, 1, 3))
    return reshaped(call, outputs, (steps, events, len(own) * units)), *last


def _ordered(array: np.ndarray, gates: Sequence[int]) -> np.ndarray:
    """Blocks of gates in ONNX's order."""
    parts = np.split(np.asarray(array), len(gates))
    return np.concatenate([parts[index] for index in gates])


def _constants(call: TorchCall) -> list:
    found = call.get("params") or []
    if any(isinstance(one, Flow) for one in found):
        raise call.refusal("constant weights", "some that depend on the events")
    return found


def _states(call: TorchCall) -> list[np.ndarray | None]:
    """The states at the beginning; None where all are 0."""
    given = call.get("hx")
    given = given if isinstance(given, list) else [given]
    if any(isinstance(one, Flow) for one in given):
        raise call.refusal("constant states at the beginning", "some that depend on the events")
    return [np.asarray(one) if one is not None and np.any(one) else None for one in given]


RECURRENT = {
    "aten.lstm": recurrent(_LSTM),
    "aten.gru": recurrent(_GRU, linear_before_reset=1),
    "aten.rnn_tanh": recurrent(_RNN),
    "aten.rnn_relu": recurrent(_RNN, activations=("Relu",)),
}
