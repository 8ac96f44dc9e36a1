"""strip, mask_zeros and shrink of functional models."""

import numpy as np
import pytest

from codesign._keras import keras
from codesign.compress import mask_zeros, measure_size, shrink, strip
from codesign.errors import DataError, UnsupportedLayerError
from codesign.layers import CancelOut, FeatureSelection, TopKGate
from codesign.train import load_model
from tests.compress.random_models import events, random_model

L = keras.layers
X = events()
ROUNDED = [np.rint(one * 4) / 4 for one in X]  # nothing rounds the particles, and sums of these are exact in float32


def outputs_of(model, x=X):
    found = model(x, training=False)
    return [np.asarray(one) for one in (found if isinstance(found, (list, tuple)) else [found])]


def assert_same(one, two, **tolerance):
    assert len(one) == len(two)
    for left, right in zip(one, two):
        np.testing.assert_allclose(left, right, **(tolerance or {"atol": 5e-6, "rtol": 2e-5}))


SEEDS = [range(2), pytest.param(range(2, 20), marks=pytest.mark.slow)]


@pytest.mark.parametrize("seeds", SEEDS, ids=["few", "many"])
def test_stripped_graphs_are_plain_and_predict_the_same(seeds):
    refused = 0
    for seed in seeds:
        model = random_model(seed, gates=True)
        try:
            stripped = strip(model)
        except UnsupportedLayerError as error:
            assert "expected a Dense behind" in str(error)
            refused += 1
            continue
        assert_same(outputs_of(stripped), outputs_of(model))
        assert not any(type(layer).__module__.startswith("codesign") for layer in stripped.layers)
        assert_same(outputs_of(mask_zeros(model)), outputs_of(model))
    assert refused <= 0.6 * len(seeds)


@pytest.mark.parametrize(
    ("seeds", "quantised"),
    [
        (range(2), False),
        ((7,), True),
        pytest.param(range(2, 20), False, marks=pytest.mark.slow),
        pytest.param(range(20), True, marks=pytest.mark.slow),
    ],
    ids=["few-float", "few-quantised", "many-float", "many-quantised"],
)
def test_shrunk_graphs_predict_the_same_from_full_events(seeds, quantised):
    removed = 0
    for seed in seeds:
        model = random_model(seed, quantised=quantised)
        shrunk = shrink(model)
        x, tolerance = (ROUNDED, {"atol": 0, "rtol": 0}) if quantised else (X, {})
        assert_same(outputs_of(shrunk.model, shrunk.select(x))[:1], outputs_of(model, x)[:1], **tolerance)
        assert_same(outputs_of(shrunk.model, shrunk.select(x)), outputs_of(model, x))
        before, after = shrunk.report.before, shrunk.report.after
        assert after.sizes[1:] == tuple(max(n, 1) for n in before.live_units)[1:]
        assert after.parameters == shrunk.model.count_params() <= before.parameters
        assert shrink(shrunk.model).report.after == after
        removed += sum(before.sizes) - sum(after.sizes)
    assert removed > 5 * len(seeds)


def two_inputs():
    """A model whose second summand is dead in one unit only, and whose second input's last feature nothing reads."""
    one, two = keras.Input((2,), name="one"), keras.Input((3,), name="two")
    left, right = L.Dense(2, name="left")(one), L.Dense(2, name="right")(two)
    joined = L.Concatenate()([L.ReLU()(L.Add()([left, right])), one])
    model = keras.Model({"one": one, "two": two}, L.Dense(1, name="last")(joined))
    model.get_layer("left").set_weights([np.array([[1.0, 1], [1, 1]]), np.array([1.0, 1])])
    model.get_layer("right").set_weights([np.array([[1.0, 0], [1, 0], [0, 0]]), np.array([0.5, 0.5])])
    model.get_layer("last").set_weights([np.array([[1.0], [1], [0], [2]]), np.zeros(1)])
    return model


def test_both_sides_of_an_addition_stay_while_one_depends_on_the_events():
    model = two_inputs()
    shrunk = shrink(model)
    assert (shrunk.features, shrunk.widths) == ((0, 1, 2, 3), (2, 3))
    assert shrunk.report.after.sizes == (4, 2, 2, 1)
    x = {"one": np.eye(2, dtype=np.float32), "two": np.eye(2, 3, dtype=np.float32)}
    np.testing.assert_allclose(shrunk.predict(x), model(x), rtol=1e-6)
    model.get_layer("left").kernel.assign([[1.0, 0], [1, 0]])  # now both sides of the second unit are constant
    shrunk = shrink(model)
    assert shrunk.report.after.sizes == (4, 1, 1, 1)
    np.testing.assert_allclose(shrunk.predict(x), model(x), rtol=1e-6)


def test_a_shared_layer_keeps_what_one_of_its_places_needs(tmp_path):
    one, two = keras.Input((2,), name="one"), keras.Input((2,), name="two")
    shared, last = L.Dense(3, "relu", name="shared"), L.Dense(1, name="last")
    model = keras.Model([one, two], last(L.Concatenate()([shared(one), shared(two)])))
    shared.set_weights([np.ones((2, 3)), np.zeros(3)])
    last.set_weights([np.array([[1.0], [0], [0], [0], [0], [1]]), np.zeros(1)])
    shrunk = shrink(model)
    assert shrunk.report.after.sizes == (4, 2, 1) and shrunk.report.after.macs == 2 * 2 * 2 + 4
    x = [np.eye(2, dtype=np.float32), -np.eye(2, dtype=np.float32)]
    np.testing.assert_allclose(shrunk.predict(x), model(x), rtol=1e-6)
    shrunk.save(tmp_path / "small.keras")
    loaded = load_model(tmp_path / "small.keras")
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-6)
    assert measure_size(loaded) == shrunk.report.after


def behind(*layers, merged=False):
    """A model with these layers between an input and a dense layer; `merged`: added to the input."""
    source = value = keras.Input((4,))
    for layer in layers:
        value = layer(value)
    return keras.Model(source, L.Dense(1)(L.Add()([value, source]) if merged else value))


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: behind(TopKGate(2, name="odd"), merged=True), "gate 'odd'.*Received: 'add"),
        (lambda: behind(CancelOut(name="odd"), L.ReLU(name="act")), "gate 'odd'.*Received: 'act'"),
        (lambda: behind(FeatureSelection([0], name="odd"), L.LayerNormalization(name="norm")), "'odd'.*'norm'"),
        (lambda: behind(L.Dense(3, "softmax", name="odd")), "layer 'odd'.*Dense with softmax.*cannot be shrunk"),
        (lambda: behind(L.Lambda(lambda x: 2 * x, name="odd")), "layer 'odd'.*Received: Lambda"),
    ],
)
def test_what_cannot_be_exact_is_refused_by_name(build, message):
    with pytest.raises(UnsupportedLayerError, match=message):
        shrink(build())


def test_events_of_other_inputs_are_refused():
    shrunk = shrink(two_inputs())
    for x, message in (
        (np.zeros((2, 5)), "expected a list of the arrays one, two"),
        ([np.zeros((2, 2)), np.zeros((2, 2))], r"expected two, \(n_events, 3\). Received: \(2, 2\)"),
        ({"one": np.zeros((2, 2))}, "expected one, two. Received: one"),
    ):
        with pytest.raises(DataError, match=message):
            shrunk.select(x)
