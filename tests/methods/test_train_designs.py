import numpy as np
import pytest

from codesign import Budget, Dataset, train_designs
from codesign.errors import ConfigError


def planted(n_events=600, *, seed=0):
    """Two classes that a small network tells apart."""
    x = np.random.default_rng(seed).normal(size=(2 * n_events, 4)).astype(np.float32)
    y = (x[:, 0] + np.abs(x[:, 1]) > 0.5).astype(int)
    return Dataset(x[:n_events], y[:n_events], x[n_events:], y[n_events:], tuple("abcd"), ("no", "yes"))


def test_designs_are_within_the_budget_and_right():
    options = {"hidden": (8,), "jobs": 1, "progress": False, "seed": 2**31 - 1}  # the largest there is
    front = train_designs(planted(), Budget(lut=120), **options)
    assert all(front.picked.smallest.report.lut <= 120 for _ in (0,))
    assert max(design.accuracy for design in front.designs) > 0.8
    assert "smallest" in front.table()


def test_rejects_an_unknown_method():
    with pytest.raises(ConfigError, match="methods: expected some of posterior, .*Received: posteriour"):
        train_designs(planted(), Budget(lut=120), methods=("posteriour",))
