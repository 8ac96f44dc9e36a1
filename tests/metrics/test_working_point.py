import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import ConfigError, DataError
from codesign.metrics import find_metric, roc_curve, working_point
from codesign.network import FixedPoint

TYPE = FixedPoint.parse("ap_fixed<8,6>")


def draw(seed, n_outputs, levels, weighted):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(40) % max(2, n_outputs))
    outputs = rng.integers(-levels, levels + 1, (40, n_outputs)) / 4
    return outputs, y, rng.choice([0.0, 1.0, 3.0], 40) if weighted else None


@given(st.integers(0, 999), st.integers(1, 4), st.integers(1, 12), st.booleans(), st.floats(0.01, 0.99))
@settings(max_examples=80)
def test_it_is_the_lowest_threshold_of_all_that_keeps_the_rate(seed, n_outputs, levels, weighted, rate):
    outputs, y, weights = draw(seed, n_outputs, levels, weighted)
    label, w = max(1, n_outputs - 1), np.ones(40) if weights is None else weights
    scores = outputs[:, 0] if n_outputs == 1 else outputs[:, label] - np.delete(outputs, label, 1).max(1)
    if not (w * (y == label)).any() or not (w * (y != label)).any():
        return
    passing = {
        cut: [np.average(scores[y_is] >= cut, weights=w[y_is]) for y_is in (y == label, y != label)]
        for cut in np.unique(scores)
    }
    kept = [cut for cut in passing if passing[cut][1] <= rate + 1e-12]
    metric = find_metric(f"signal_efficiency[{label}]@{rate!r}").evaluate(outputs, y, weights)
    if not kept:
        with pytest.raises(DataError, match="no threshold reaches .* The least reached is"):
            working_point(outputs, y, rate, label=label, weights=weights)
        assert metric.value == 0
        return
    point = working_point(outputs, y, rate, label=label, weights=weights, precision=TYPE)
    assert [point.efficiency.value, point.background_rate.value] == pytest.approx(passing[min(kept)])
    assert point.threshold == min(kept) == point.code / 4 and metric.value == pytest.approx(point.efficiency.value)
    assert bool(point.note) == (abs(point.background_rate.value - rate) > max(point.background_rate.error, 1e-9))
    below = [cut for cut in passing if cut < min(kept)]
    assert point.next_rate == (pytest.approx(passing[max(below)][1]) if below else None)
    json.dumps(point.as_dict())


def test_a_rate_between_two_thresholds_is_said_not_to_be_reached():
    outputs, y = np.repeat([0.0, 1.0], 500), np.tile([0, 0, 0, 1], 250)
    outputs[:250] = 2.0 * y[:250]
    point = working_point(outputs, y, 0.4)
    assert point.background_rate.value == 0 and point.next_rate == 0.5
    assert "no threshold gives a background rate of 0.4: this one gives 0, the next lower one 0.5" in point.note


def test_classes_by_name_and_the_type_that_the_outputs_have():
    outputs, y, _ = draw(0, 3, 6, False)
    by_name = working_point(outputs, y, 0.3, label="b", classes=("g", "q", "b"))
    assert by_name == working_point(outputs, y, 0.3, label=2) and by_name.code is None
    with pytest.raises(ConfigError, match="label: expected one of g, q, b.*did you mean 'b'"):
        working_point(outputs, y, 0.3, label="bb", classes=("g", "q", "b"))
    with pytest.raises(ConfigError, match="label: expected one of the classes"):
        working_point(outputs, y, 0.3)
    with pytest.raises(ConfigError, match="background_rate: expected a number from 0 to 1"):
        working_point(outputs, y, 1.3, label=1)
    with pytest.raises(DataError, match=r"expected multiples of 2\^-1"):
        working_point(outputs + [0, 0, 0.125], y, 0.9, label=2, precision=FixedPoint(4, 3))
    with pytest.raises(DataError, match="expected events of class 1 and others"):
        working_point(outputs[:, 0], np.zeros(40, int), 0.1)


def test_curve_goes_from_nothing_to_everything_and_thins():
    rng = np.random.default_rng(0)
    is_signal = rng.random(5000) < 0.3
    curve = roc_curve(rng.normal(size=5000) + 1.5 * is_signal, is_signal)
    for points in (curve, curve.thinned(50)):
        shares = np.stack([points.efficiency, points.background_rate])
        assert (shares[:, 0] == 0).all() and (shares[:, -1] == 1).all() and (np.diff(shares) >= 0).all()
        assert (points.efficiency_error > 0).all() and points.thresholds[0] == np.inf
    assert len(curve.thresholds) == 5001 and 30 <= len(curve.thinned(50).thresholds) <= 50
    rates = curve.thinned(100).background_rate
    assert np.count_nonzero((rates > 0) & (rates < 0.01)) > 15  # a logarithmic axis shows them
    assert curve.thinned(10**4) is curve and json.loads(json.dumps(curve.as_dict()))["thresholds"][0] is None
    with pytest.raises(ConfigError, match="points: expected at least 4"):
        curve.thinned(2)
