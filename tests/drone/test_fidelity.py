import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from codesign.drone import as_teacher, measure_fidelity
from codesign.errors import CodesignError

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, size=(4000, 3))
Y = (RNG.random(4000) < 0.5 + 0.4 * X[:, 0]).astype(int)


def probability(x):
    return 0.5 + 0.4 * x[:, :1]


def wrong_in_a_corner(x):
    corner = (x[:, :1] > 0.5) & (x[:, 1:2] < -0.2)
    return probability(x) - 0.3 * corner


DRONE = SimpleNamespace(predict=wrong_in_a_corner)


def test_numbers_against_numpy():
    found = measure_fidelity(probability, DRONE, X, Y)
    wanted, given = probability(X)[:, 0], wrong_in_a_corner(X)[:, 0]
    difference = np.abs(wanted - given)
    assert found.mean_difference == pytest.approx(difference.mean(), abs=1e-6)
    assert found.max_difference == pytest.approx(0.3, abs=1e-6)
    assert found.rms_difference == pytest.approx(np.sqrt((difference**2).mean()), abs=1e-6)
    assert found.agreement == pytest.approx(((wanted >= 0.5) == (given >= 0.5)).mean())
    assert (found.auc_teacher, found.auc_drone) == pytest.approx(
        (roc_auc_score(Y, wanted), roc_auc_score(Y, given)), abs=1e-6
    )
    assert found.auc_difference == found.auc_drone - found.auc_teacher < 0


def test_the_region_of_disagreement_is_found():
    first, *others = measure_fidelity(probability, DRONE, X, features=["pt", "eta", "mass"]).regions
    assert first.where == "pt > 0.504 and eta <= -0.1971"
    assert first.mean_difference == pytest.approx(0.3, abs=1e-3) and first.mean_signed_difference == pytest.approx(
        -0.3, abs=1e-3
    )
    assert sum(region.n_events for region in (first, *others)) == 4000


def test_an_inverted_drone_is_seen():
    inverted = SimpleNamespace(predict=lambda x: 1 - probability(x))
    found = measure_fidelity(probability, inverted, X, Y)
    assert found.agreement < 0.01 and found.auc_drone == pytest.approx(1 - found.auc_teacher)


def test_threshold_moves_the_decisions():
    shifted = SimpleNamespace(predict=lambda x: probability(x) + 0.05)
    assert measure_fidelity(probability, shifted, X, threshold=0.99).agreement == 1
    assert measure_fidelity(probability, shifted, X, threshold=0.5).agreement < 0.96


def test_several_classes_and_values():
    teacher = as_teacher(lambda x: 2 * x, output="logit")
    same = SimpleNamespace(predict=teacher.predict)
    found = measure_fidelity(teacher, same, X, X.argmax(1))
    assert (found.mean_difference, found.agreement, found.threshold) == (
        0,
        1,
        None,
    ) and found.auc_drone == found.auc_teacher > 0.9
    values = measure_fidelity(
        as_teacher(lambda x: 9 * x, output="value"), SimpleNamespace(predict=lambda x: 9 * x + 1), X, Y, n_regions=1
    )
    assert (values.agreement, values.auc_teacher, values.auc_difference) == (None, None, None)
    assert values.regions[0].where == "everywhere" and values.mean_difference == pytest.approx(1, abs=1e-5)


def test_as_dict_is_json():
    found = measure_fidelity(probability, DRONE, X, Y)
    read = json.loads(json.dumps(found.as_dict()))
    assert read["auc_difference"] == found.auc_difference and read["regions"][0]["where"] == found.regions[0].where


@pytest.mark.parametrize(
    "options, message",
    [
        ({"y": Y[:9]}, "4000 labels"),
        ({"y": Y * 0}, "at least once"),
        ({"features": ["a"]}, "3 names"),
        ({"n_regions": 0}, "n_regions"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(CodesignError, match=message):
        measure_fidelity(probability, DRONE, X, **options)
    with pytest.raises(CodesignError, match="drone: expected outputs"):
        measure_fidelity(probability, SimpleNamespace(predict=lambda x: x), X)
