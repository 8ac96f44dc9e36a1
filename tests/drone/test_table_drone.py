import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from codesign.drone import measure_fidelity, train_drone
from codesign.errors import ConfigError
from codesign.fpga.rtl.luts.cost import table_cost

X = np.random.default_rng(0).normal(size=(1200, 3)) * [1, 100, 0.01] + [0, 5000, 3]
U = (X - [0, 5000, 3]) / [1, 100, 0.01]
CLASSES = (U[:, 0] + U[:, 1] > 0).astype(int) + (U[:, 2] > 0.5)
GROW = {"units": "tables", "progress": False}


@pytest.mark.parametrize(
    "labels", [CLASSES > 0, pytest.param(CLASSES, marks=pytest.mark.slow)], ids=["two classes", "three"]
)
def test_tables_imitate_a_forest_within_the_luts(labels):
    forest = RandomForestClassifier(20, max_depth=5, random_state=0).fit(X, labels)
    drone = train_drone(forest, X, max_lut=60, **GROW)
    fidelity = measure_fidelity(forest, drone, X, labels.astype(int))
    assert table_cost(drone.network).lut <= 60 and drone.kind == "probability"
    assert fidelity.agreement > 0.9 and fidelity.mean_difference < 0.1
    margins = drone.network.emulate(drone.values(X))
    np.testing.assert_array_equal(margins, drone.network.predict(drone.values(X)))


def test_tables_imitate_a_regressor():
    forest = RandomForestRegressor(10, max_depth=4, random_state=0).fit(X, 40 * U[:, 0])
    drone = train_drone(forest, X, max_lut=60, words="free", **GROW)
    assert np.square(drone.predict(X)[:, 0] - forest.predict(X)).mean() < 0.1 * forest.predict(X).var()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"units": "table"}, ConfigError, r"units: expected one of dense, tables.*did you mean 'tables'"),
        ({"units": "tables", "hidden": (5,)}, ConfigError, "settings: .*max_lut.*hidden, with units='tables'"),
        ({"units": "tables", "loss": "softmx"}, ConfigError, "loss: .*did you mean 'softmax'"),
        ({"units": "tables", "max_lut": 0}, ConfigError, "max_lut: expected a number from 1"),
        ({"units": "dense", "max_lut": 5}, ConfigError, "settings: .*max_lut"),
    ],
)
def test_settings_of_the_other_kind_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        train_drone(lambda x: 1 / (1 + np.exp(-x[:, 0])), X[:200], **settings)
