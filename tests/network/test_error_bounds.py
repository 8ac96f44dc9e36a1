from dataclasses import fields, replace

import numpy as np
import pytest

from codesign.errors import AgreementError
from codesign.network.ops import Affine, Dense, SegmentSum, Table, Threshold
from codesign.network.same_function import check_same_function, draw_events
from tests.random_graphs import ALL_KINDS, KINDS, random_graph


def single(op):
    """An op whose arrays are float32, so that it evaluates float32 in float32; thresholds are rounded up."""
    arrays = {}
    for field in fields(op):
        value = getattr(op, field.name)
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            arrays[field.name] = value.astype(np.float32)
        if field.name == "entries":
            arrays["entries"] = tuple(one.astype(np.float32) for one in value)
    if isinstance(op, Threshold):
        below = arrays["value"] < op.value
        arrays["value"] = np.where(below, np.nextafter(arrays["value"], np.float32(np.inf)), arrays["value"])
    copy = object.__new__(type(op))
    for field in fields(op):
        object.__setattr__(copy, field.name, arrays.get(field.name, getattr(op, field.name)))
    return copy


def predict_in_single(network):
    def predict(x):
        values = {name: part.astype(np.float32) for name, part in network.input_layout.split(x).items()}
        for node in network.nodes:
            given = [values[name] for name in node.inputs]
            values[node.name] = single(node.op).evaluate(*given).astype(np.float32)
        return network.output_layout.join(values)

    return predict


@pytest.mark.parametrize("seed", range(40))
def test_single_precision_stays_within_the_bounds(seed):
    network = random_graph(np.random.default_rng(seed), 12, kinds=ALL_KINDS)
    check_same_function(network, predict_in_single(network))


def moved(op):
    """An op with other constants."""
    if isinstance(op, Table):
        return replace(op, entries=[one + 0.37 for one in op.entries])
    name = {Dense: "bias", Threshold: "value"}.get(type(op), "offset")
    return replace(op, **{name: getattr(op, name) + 0.37})


@pytest.mark.parametrize("seed", range(40))
def test_a_changed_weight_is_found(seed):
    rng = np.random.default_rng(seed)
    network = random_graph(rng, 8, kinds=KINDS)
    predict = predict_in_single(network)
    x = draw_events(network)
    for node in network.nodes:
        if isinstance(node.op, (Dense, Affine, Threshold, Table, SegmentSum)):
            changed = network.with_ops({node.name: moved(node.op)})
            moves = np.abs(changed.predict(x) - network.predict(x)) > 0.1 * (1 + np.abs(network.predict(x)))
            if moves.any(1).mean() > 0.3:
                with pytest.raises(AgreementError):
                    check_same_function(changed, predict)
