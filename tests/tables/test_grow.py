"""grow_tables: networks that are what was grown, exactly, and learn what they can; bad input in one line."""

import numpy as np
import pytest

from codesign import FixedPoint
from codesign.errors import CodesignError
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.luts.cost import table_cost
from codesign.tables import grow_tables
from codesign.tables.as_network import as_network, count_luts
from codesign.tables.candidates import Candidates
from codesign.tables.ensemble import Ensemble, Tree
from codesign.tables.inputs import Inputs
from codesign.tables.prices import Prices
from codesign.tables.sums import PairSums
from codesign.tables.value_losses import Squared

PRECISION = FixedPoint(
    np.array([8, 5, 12, 10]), np.array([3, 5, 4, 14]), np.array([True, False, True, True]), "RND", "SAT"
)
SIZE = np.array([1.5, 6.0, 2.0, 2000.0])


@pytest.fixture(scope="module")
def events():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2500, 4)) * SIZE
    z = x / SIZE
    y = (z[:, 0] * z[:, 3] > 0).astype(int) + (z[:, 2] > 0.3)
    return x, y, z


@pytest.mark.parametrize("has_sums", [False, True], ids=["inputs", "sums"])
def test_a_network_is_its_ensemble(events, has_sums):
    x, _, _ = events
    pairs, factors = np.array([[0, 2], [1, 0], [2, 1], [0, 2]]), np.array([[8.0, -1], [1, -8], [1, 1], [-4, 1]])
    sums = PairSums.of(pairs, factors, PRECISION) if has_sums else None
    inputs = Inputs(PRECISION, 4, sums)
    codes, rng = inputs.codes(x), np.random.default_rng(1)
    candidates = Candidates.of(codes, inputs.joined, n_inputs=4)
    ensemble = Ensemble(candidates, candidates.bins(codes), Squared(x[:, :2] / 100, None), 0.125, sums)
    keys = np.argwhere(np.isfinite(candidates.significant) & (np.arange(len(candidates.width)) != 5)[:, np.newaxis])
    for n_keys in (1, 3, 5, 6, 6, 2):
        chosen = keys[rng.choice(len(keys), n_keys, replace=False)]
        ensemble.add(Tree(int(rng.integers(2)), chosen, rng.integers(-9, 9, 2**n_keys)))
    raw = keys[keys[:, 1] >= 256]
    ensemble.add(Tree(0, raw[rng.choice(len(raw), 5, replace=False)], rng.integers(-9, 9, 32)))
    network = as_network(ensemble)
    emulated = network.emulate(x)
    np.testing.assert_array_equal(emulated, ensemble.scores_of(codes).T)
    np.testing.assert_allclose(emulated, ensemble.scores.T, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(emulated, network.predict(PRECISION.quantize(x)))
    assert count_luts(ensemble) == pytest.approx(trace_circuit(network).lut(1.0), rel=0.1)


def test_sums_of_inputs_are_keys_where_they_tell_more(events):
    x, _, z = events
    is_signal = x[:, 2] - x[:, 0] > 0.5  # a cut along no axis
    growth = grow_tables(x, is_signal, PRECISION, loss="logistic", max_lut=40, sums=8)
    network = growth.within(40).network
    assert [node.name for node in network.nodes][:2] == ["sums", "values"]
    assert ((network.emulate(x)[:, 0] > 0) == is_signal).mean() > 0.97
    np.testing.assert_array_equal(network.emulate(x), network.predict(PRECISION.quantize(x)))
    plain = grow_tables(x, is_signal, PRECISION, loss="logistic", max_lut=40).within(40)
    assert plain.network.nodes[0].name in ("thresholds", "bits", "keys")
    assert growth.within(40).loss < 0.5 * plain.loss


@pytest.fixture(scope="module")
def grown(events):
    """One growth of three classes, and the shares that it reported."""
    x, y, _ = events
    shares = []
    return grow_tables(x[:2000], np.eye(3)[y[:2000]], PRECISION, max_lut=60, report=shares.append), shares


def test_prices_are_near_the_circuits(grown):
    network = grown[0].networks[-1]
    tables, cost, prices = network.nodes[-2].op, table_cost(network), Prices()
    steps = [one[one > 0].min() if one.any() else 1.0 for one in tables.entries]
    bits = [int(one.max() / step).bit_length() for one, step in zip(tables.entries, steps)]
    priced = sum(prices.tables(len(keys), 8)[size] for keys, size in zip(tables.keys, bits))
    assert cost.lut > 40
    assert priced == pytest.approx(cost.tables + cost.sums, rel=0.25)


def test_classes_from_one_growth_of_all_sizes(events, grown):
    (x, y, _), (growth, shares) = events, grown
    luts, losses = zip(*((one.lut, one.loss) for one in growth.front))
    assert list(luts) == sorted(luts)
    assert list(losses) == sorted(losses, reverse=True)
    assert luts[-1] <= 60
    assert len(growth.networks) > 4
    assert 0 <= min(shares)
    assert max(shares) == 1
    assert luts[-1] == table_cost(growth.networks[-1]).lut
    assert (growth.within(60).network.emulate(x[2000:]).argmax(1) == y[2000:]).mean() > 0.85


@pytest.mark.parametrize(
    "loss", ["squared", *(pytest.param(loss, marks=pytest.mark.slow) for loss in ("huber", "quantile"))]
)
def test_values_with_monotone_features(events, loss):
    x, _, z = events
    wanted = 100 * (z[:, 0] + np.sin(3 * z[:, 2]))
    growth = grow_tables(x, wanted, PRECISION, loss=loss, max_lut=60, monotone=[1, 0, 0, 0])
    network = growth.networks[-1]
    assert np.abs(network.emulate(x)[:, 0] - wanted).mean() < 0.6 * np.abs(wanted - np.median(wanted)).mean()
    higher = x.copy()
    higher[:, 0] += np.random.default_rng(2).exponential(1, len(x))
    assert (network.emulate(higher) >= network.emulate(x)).all()


def test_weights_count_as_events(events):
    x, y, _ = events
    is_signal = (y > 0) & (np.random.default_rng(3).random(len(y)) < 0.3)
    options = {"loss": "logistic", "max_lut": 20}
    heavy, plain = (
        grow_tables(x, is_signal, PRECISION, weights=weights, **options).networks[-1].emulate(x)[:, 0] > 0
        for weights in (np.where(is_signal, 10.0, 1.0), None)
    )
    assert plain.mean() < 0.1 * (y > 0).mean()
    assert heavy.mean() > 0.8 * (y > 0).mean()


@pytest.mark.parametrize(
    "change, message",
    [
        ({"x": [[np.nan, 0, 0, 0]] * 9}, "x: expected finite numbers. Received: NaN or inf in 9 of 9 events"),
        ({"targets": np.full((9, 2), 0.7)}, "add up to 1 in each event, for softmax.*sums of 1.4"),
        ({"targets": np.full((9, 2), 7), "loss": "logistic"}, "probabilities for logistic. Received: 7 to 7"),
        ({"targets": np.zeros((8, 2))}, r"targets: expected shape \(9, n_outputs\). Received: \(8, 2\)"),
        ({"loss": "softmx"}, r"softmx \(did you mean 'softmax'\?\)"),
        ({"weights": -np.ones(9)}, "weights: expected 9 numbers, none negative"),
        ({"monotone": [1, 0]}, "monotone: expected 1, -1 or 0 for each of 4 features"),
        ({"precision": FixedPoint(np.array([8, 8]), 3)}, "one for each of 4 features. Received: types of 2"),
        ({"max_lut": 0}, "max_lut: expected a number from 1"),
        ({"x": np.zeros((9, 4))}, "x: expected a feature with two different codes"),
        ({"validation": (np.zeros((3, 2)), np.eye(2)[[0, 1, 0]])}, "validation x: expected 4 columns"),
    ],
)
def test_rejects(events, change, message):
    given = {"x": events[0][:9], "targets": np.eye(2)[[0, 1, 0] * 3], "precision": PRECISION} | change
    with pytest.raises(CodesignError, match=message):
        grow_tables(**given)
