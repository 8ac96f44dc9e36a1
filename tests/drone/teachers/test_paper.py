import numpy as np
import pytest

import codesign.drone
from codesign.drone import as_teacher, paper_teacher, train_paper_teacher
from codesign.errors import CodesignError

RNG = np.random.default_rng(0)
X = (50 + 10 * RNG.normal(size=(800, 4))).astype(np.float32)
Y = (X[:, 0] > X[:, 1]).astype(int)


@pytest.mark.parametrize("n_inputs, parameters", [(6, 4111), (17, 7081)])
def test_counts_of_the_paper(n_inputs, parameters):
    assert sum(int(np.prod(weight.shape)) for weight in paper_teacher(n_inputs).trainable_weights) == parameters


@pytest.mark.slow
def test_trained_teacher_takes_events_that_are_not_standardised():
    model = train_paper_teacher(X, Y, epochs=8, weight_decay=1e-5, progress=False)
    given = as_teacher(model).predict(X)[:, 0]
    assert ((given > 0.5) == Y).mean() > 0.9


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: paper_teacher(1), "n_inputs"),
        (lambda: paper_teacher(4, weight_decay=-1), "weight_decay"),
        (lambda: train_paper_teacher(X, 2 * Y), "labels 0 and 1"),
        (lambda: train_paper_teacher(X, Y[:9]), "a label each"),
        (lambda: train_paper_teacher(X * np.nan, Y), "NaN"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(CodesignError, match=message):
        call()


def test_public_names_are_pinned():
    assert (
        sorted(codesign.drone.__all__)
        == codesign.drone.__all__
        == [
            "Drone",
            "DroneSettings",
            "Fidelity",
            "Region",
            "TableDrone",
            "TableDroneSettings",
            "Teacher",
            "as_teacher",
            "bootstrap_probes",
            "box_probes",
            "copula_of",
            "copula_probes",
            "load_teacher",
            "measure_fidelity",
            "paper_teacher",
            "train_drone",
            "train_paper_teacher",
        ]
    )
    assert all(getattr(codesign.drone, name).__doc__ for name in codesign.drone.__all__)
