"""Turned and mirrored events, against four-momenta by hand."""

import numpy as np
import pytest

from codesign.data import ColliderVectors
from codesign.errors import CodesignError
from codesign.layers import ColliderAugmentation

FEATURES = ("mass", "pt", "eta", "phi", "met", "met_phi", "px", "py", "pz")
VECTORS = ColliderVectors(
    FEATURES,
    {"lep": ("pt", "eta", "phi"), "met": ("met", None, "met_phi")},
    {"jet": ("px", "py", "pz")},
    missing=-999.0,
)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 9))
X[:, [1, 4]] = RNG.gamma(3, 10, (50, 2))
X[:, [3, 5]] = RNG.uniform(-np.pi, np.pi, (50, 2))
X[::7, 6:] = -999.0
X[3, 1:4] = -999.0


def test_moved_is_a_rotation_and_two_mirrors_of_each_momentum():
    angle, y, z = RNG.uniform(-9, 9, 50), RNG.random(50) < 0.5, RNG.random(50) < 0.5
    moved = VECTORS.moved(X, angle, mirror_y=y, mirror_z=z)
    np.testing.assert_array_equal((moved == -999).nonzero(), (X == -999).nonzero())
    assert (moved[:, [0, 1, 4]] == X[:, [0, 1, 4]]).all() and np.abs(moved[:, [3, 5]][X[:, [3, 5]] > -9]).max() <= np.pi
    for before, after in zip(VECTORS.components(X).values(), VECTORS.components(moved).values()):
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        px, py = np.einsum("ijn,jn->in", turned, before[:2])
        expected = np.stack([px, np.where(y, -py, py), np.where(z, -before[2], before[2])])
        np.testing.assert_allclose(after, expected, atol=1e-9)


def test_all_copies_align_to_one_event_and_have_the_same_masses():
    """And -999 is as it was."""
    aligned, masses, there = VECTORS.aligned(X, "lep", "met"), VECTORS.masses(X)[0], X[:, 1] > -999
    for copy in [*VECTORS.copies(X), VECTORS.moved(X, RNG.uniform(-3, 3, 50))]:
        np.testing.assert_allclose(VECTORS.aligned(copy, "lep", "met")[there], aligned[there], atol=1e-9)
        np.testing.assert_allclose(VECTORS.masses(copy)[0], masses, atol=1e-6)
    assert np.abs(aligned[there, 3]).max() < 1e-9 and aligned[there, 2].min() >= 0
    assert np.sin(aligned[there, 5]).min() >= -1e-9
    assert (masses[::7][:, 1:] == -999).all()


def test_masses_are_those_of_four_momenta():
    masses, names = VECTORS.masses(X)
    assert names == ("mt_lep_met", "m_lep_jet", "deta_lep_jet", "mt_met_jet")
    lep, _, jet = VECTORS.components(X).values()
    energy = np.sqrt((lep**2).sum(0)) + np.sqrt((jet**2).sum(0))
    expected = np.sqrt(np.maximum(energy**2 - ((lep + jet) ** 2).sum(0), 0))
    there = ~np.isnan(expected)
    np.testing.assert_allclose(masses[there, 1], expected[there], atol=1e-5)


def test_cartesian_columns_are_the_components():
    x, vectors = VECTORS.to_cartesian(X)
    assert vectors.features == ("mass", "px", "py", "pz", "lep_px", "lep_py", "lep_pz", "met_px", "met_py")
    for name, part in VECTORS.components(X).items():
        kept = slice(0, 2) if name == "met" else slice(0, 3)
        np.testing.assert_allclose(vectors.components(x)[name][kept], part[kept])


def test_layer_augments_in_training_as_moved_does_and_maps_data():
    from codesign import keras
    from codesign._keras import tf

    layer = ColliderAugmentation.of(VECTORS)
    x = X.astype(np.float32)
    np.testing.assert_array_equal(layer(x), x)
    keras.utils.set_random_seed(2)
    moved = layer(x, training=True).numpy()
    np.testing.assert_array_equal(moved == -999, x == -999)
    align = [VECTORS.aligned(one, "lep", "met")[x[:, 1] > -999] for one in (moved, x)]
    np.testing.assert_allclose(*align, atol=2e-4)
    there = x[:, 1] > -999
    signs = np.sign(moved[there, 2] * x[there, 2])
    assert 0.2 < (signs < 0).mean() < 0.8 and np.ptp(moved[there, 3] - x[there, 3]) > 3
    (batch,) = tf.data.Dataset.from_tensor_slices(x).batch(50).map(layer.augment)
    np.testing.assert_allclose(VECTORS.masses(batch.numpy())[0], VECTORS.masses(x)[0], rtol=1e-3, atol=5e-2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ColliderVectors(FEATURES, {"lep": ("pt", "eta", "ph")}), "'ph' .did you mean 'phi'"),
        (lambda: ColliderVectors(FEATURES, {"lep": ("pt", "eta", None)}), "columns of pt, eta, phi of 'lep'"),
        (lambda: ColliderVectors(FEATURES, {"lep": ("pt", "eta", "eta")}), "each once. Received: eta"),
        (lambda: ColliderVectors(FEATURES), "each once. Received: none"),
        (lambda: VECTORS.aligned(X, "lepton", "met"), "reference: expected one of lep, met, jet"),
        (lambda: VECTORS.aligned(X, "met", "lep"), "reference: expected a momentum with eta or pz, one of lep, jet"),
        (lambda: VECTORS.moved(X[:, :3]), r"x: expected shape \(n_events, 9\)"),
        (lambda: VECTORS.moved(X, np.ones(3)), "angle: expected one, or one for each of 50 events. Received: 3"),
        (lambda: VECTORS.moved(X.astype(str)), "x: expected numbers. Received: <U"),
        (lambda: ColliderVectors(("a", "a", "b"), {"lep": ("a", None, "b")}), "features: .* Received: 'a' twice"),
        (lambda: ColliderVectors(FEATURES, VECTORS.polar, missing=np.nan), "missing: expected a finite number"),
        (lambda: ColliderAugmentation.of(VECTORS)(X[:, :3]), "names of all 3 columns"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(CodesignError, match=message):
        call()
