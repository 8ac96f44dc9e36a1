import numpy as np
import pytest

from codesign.data import load_pid
from codesign.data.pid import CLASSES, FEATURES, generate_tracks
from codesign.data.pid_features import MISSING
from codesign.errors import DataError

# Medians per class (Electron, Ghost, Kaon, Muon, Pion, Proton) of 50,000 tracks each: prototype, HARD=2, seed 1
PROTOTYPE_MEDIANS = {
    "TrackP": (6613.45, 6659.68, 8855.64, 6692.83, 6675.61, 10306.6),
    "EcalE": (3511.56, 690.017, 561.138, 389.41, 525.474, 575.081),
    "RICH_DLLbeKaon": (-39.8986, -11.0236, 13.8547, -34.7526, -26.3754, 12.8314),
    "RICH_DLLbeProton": (-54.4686, -19.9324, 5.45651, -46.3507, -40.1007, 19.446),
    "DLLelectron": (18.4227, -12.61, -15.6742, -9.15162, -20.1167, -14.1216),
    "TrackQualityPerNDoF": (0.963912, 1.28968, 0.967973, 0.968465, 0.96812, 0.967592),
    "GhostProbability": (0.0881717, 0.260871, 0.0879892, 0.0889799, 0.0886294, 0.0875378),
}
N_PER_CLASS = 5000


@pytest.fixture(scope="module")
def tracks():
    return generate_tracks(N_PER_CLASS, seed=4)


def test_shapes_classes_and_no_nan(tracks):
    x, y = tracks
    assert x.shape == (N_PER_CLASS * 6, 59) and x.dtype == np.float32 and len(set(FEATURES)) == 59
    np.testing.assert_array_equal(np.bincount(y), N_PER_CLASS)
    assert np.isfinite(x).all() and (x == MISSING).any()


def test_same_seed_same_tracks_other_seed_other_tracks():
    first, again, other = (generate_tracks(200, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("feature", PROTOTYPE_MEDIANS)
def test_medians_agree_with_the_prototype(tracks, feature):
    x, y = tracks
    values = x[:, FEATURES.index(feature)]
    for label, golden in enumerate(PROTOTYPE_MEDIANS[feature]):
        share_below = (values[y == label] < golden).mean()
        assert share_below == pytest.approx(0.5, abs=0.035), CLASSES[label]  # 5 standard deviations of 5,000 tracks


def test_flags_say_what_is_missing(tracks):
    x, _ = tracks
    column = {name: x[:, index] for index, name in enumerate(FEATURES)}
    np.testing.assert_array_equal(column["FlagEcal"] == 0, column["EcalE"] == MISSING)
    np.testing.assert_array_equal(column["FlagMuon"] == 0, column["MuonLLbeMuon"] == MISSING)


def test_load_splits_balances_and_fills():
    data = load_pid(6000, seed=3)
    assert (data.kind, data.n_features, data.classes) == ("STAND-IN", 59, CLASSES)
    assert (len(data.x_train), len(data.x_test)) == (4000, 2000)
    assert np.bincount(data.y_train).min() > 0.85 * 4000 / 6
    assert not (data.x_train == MISSING).any() and not (data.x_test == MISSING).any()


@pytest.mark.parametrize(
    "arguments, message",
    [({"n_tracks": 59}, "tracks: expected at least 60"), ({"test_share": 1.0}, "test_share: expected")],
)
def test_rejects_impossible_sizes(arguments, message):
    with pytest.raises(DataError, match=message):
        load_pid(**arguments)
