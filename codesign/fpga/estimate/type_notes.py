"""What a fixed-point type does to values that it hardly holds: its step is larger than all, or its range less."""

from collections.abc import Iterator, Mapping

import numpy as np

from codesign.network import FixedPoint, Network
from codesign.network.ops import Dense

_LARGEST_STEP, _LEAST_RANGE = 1.0, 1 / 16  # of values that nobody knows: weights, and features of about 1
_INPUTS = "inputs"


def network_type_notes(network: Network, x: np.ndarray | None = None) -> tuple[str, ...]:
    """Return a sentence for each type of weights or inputs whose step is larger than every value it is of.

    Args:
        network: with every type.
        x: (n_events, n_inputs) events; without them inputs are taken to be of about 1.
    """
    types, reach = {}, {}
    if network.input_precision is not None:
        types[_INPUTS] = network.input_precision
        reach |= {} if x is None else {_INPUTS: float(np.abs(x).max(initial=0.0))}
    for node in network.nodes:
        if isinstance(node.op, Dense) and node.op.types is not None:
            types[node.name], reach[node.name] = node.op.types.weight, float(np.abs(node.op.kernel).max())
    return type_notes(types, reach)


def type_notes(types: Mapping[str, FixedPoint], reach: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """Return a sentence for each type that holds next to nothing of its values.

    Args:
        types: by what they are of: a layer's name, or ``inputs``.
        reach: the largest magnitude of the values, where it is known.

    Example:
        >>> from codesign import FixedPoint
        >>> from codesign.fpga.estimate.type_notes import type_notes
        >>> type_notes({"fc1": FixedPoint.parse("ap_fixed<8,30>"), "fc2": FixedPoint.parse("ap_fixed<8,3>")})[0][:67]
        'ap_fixed<8,30> of fc1: its values are multiples of 4,194,304, so th'
    """
    named: dict[tuple[str, str], list[str]] = {}
    for name, kind in types.items():
        for sentence in _sentences(kind, (reach or {}).get(name)):
            named.setdefault((str(kind), sentence), []).append(name)
    return tuple(f"{kind} of {', '.join(names)}: {sentence}" for (kind, sentence), names in named.items())


def _sentences(kind: FixedPoint, reach: float | None) -> Iterator[str]:
    step = float(np.min(2.0 ** -np.asarray(kind.fraction, np.float64)))
    most = float(np.max(np.maximum(kind.high, -np.asarray(kind.low))))
    if step > (_LARGEST_STEP if reach is None else reach) and reach != 0:
        whose = "so that what is smaller" if reach is None else f"and the largest of them is {reach:.3g}, so that each"
        yield f"its values are multiples of {step:,.12g}, {whose} becomes 0 or a whole step; give it fewer integer bits"
    elif reach is None and 0 < most < _LEAST_RANGE:
        yield f"it holds no value beyond {most:.3g}; give it more integer bits"
