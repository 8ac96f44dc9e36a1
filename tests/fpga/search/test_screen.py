"""The quality that a search measures of what may be next."""

import math
import warnings

import numpy as np
import pytest

from codesign.errors import DataError, SaturationWarning
from codesign.fpga import Grid, search
from codesign.fpga.search.choices import Choices
from codesign.fpga.search.screen import Screen
from codesign.network import DenseLayer, FixedPoint, Network


class Costly(Choices):
    """Choices whose layouts are costs."""

    shared_alone_decide = True


CHOICES = Costly(
    "kind", {"width": tuple(range(2, 10)), "kind": ("flat", "folded")}, {"flat": {}, "folded": {"n": (1, 2)}}
)


def points(*widths: int) -> list:
    return [CHOICES.point({"width": width, "kind": kind}) for width in widths for kind in ("flat", "folded")]


def test_each_quality_is_measured_once_whatever_the_costs():
    asked = []

    def measure(given):
        asked.extend(dict(one)["width"] for one in given)
        return [math.inf if dict(one)["width"] == 2 else 1 / dict(one)["width"] for one in given]

    screen = Screen(CHOICES, measure, designs=100)
    assert screen.best(points(3, 2, 3, 5)) == [CHOICES.point({"width": width, "kind": "flat"}) for width in (3, 2, 5)]
    assert len(screen.best(points(*range(2, 10)))) == screen.at_once == 6
    np.testing.assert_array_equal(screen.losses(points(4, 2)), [0.25, 0.25, math.inf, math.inf])
    new = screen.take_new()
    assert new == {(("width", 4),): 0.25, (("width", 2),): math.inf} and not screen.take_new()
    other = Screen(CHOICES, measure, designs=100)
    other.remember(new)
    assert not other.found
    np.testing.assert_array_equal(other.losses(points(2, 4, 5)), [math.inf, math.inf, 0.25, 0.25, 0.2, 0.2])
    assert asked == [4, 2, 5] and sorted(other.found.values()) == [0.2, 0.25]


@pytest.mark.parametrize(("designs", "at_once"), [(1, 6), (166, 6), (250, 4), (2000, 0)])
def test_long_searches_look_at_fewer(designs, at_once):
    assert Screen(CHOICES, lambda given: [], designs).at_once == at_once


def found_by(designs=24, **options):
    rng, quantizer = np.random.default_rng(1), FixedPoint(6, 0, False, "RND_CONV", "SAT")
    layers = [
        DenseLayer("fc1", rng.normal(size=(6, 8)), rng.normal(size=8), "relu", quantizer=quantizer),
        DenseLayer("output", rng.normal(size=(8, 3)), rng.normal(size=3)),
    ]
    network, x = Network.chain(layers), rng.normal(size=(200, 6))
    grid = Grid(weights=(2, 3, 4, 6), activations=(3, 4, 6), implementations=("hls4ml-latency", "hls4ml-resource"))
    return search(network, x, network.predict(x).argmax(1), grid, designs=designs, jobs=1, progress=False, **options)


@pytest.mark.parametrize("n_events", [1, 2, 300])
def test_events_that_do_not_vary_are_searched(n_events):
    rng = np.random.default_rng(0)
    layers = [
        DenseLayer("fc1", rng.normal(size=(8, 16)), np.zeros(16), "relu"),
        DenseLayer("output", rng.normal(size=(16, 3)), np.zeros(3)),
    ]
    network, x = Network.chain(layers), np.repeat(rng.normal(size=(1, 8)), n_events, 0)
    grid = Grid(weights=(3, 4, 6), activations=(4, 6), implementations=("hls4ml-latency",), reuse_factors=(1, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = search(network, x, network.predict(x).argmax(1), grid, designs=16, jobs=1, progress=False)
    assert len(found) == 16


def test_saturation_is_said_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len(found_by()) == 24
    assert sum(issubclass(one.category, SaturationWarning) for one in caught) == 1


def test_refuses_qualities_of_something_else(tmp_path):
    pytest.importorskip("optuna")
    path = tmp_path / "search.journal"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found_by(storage=path)
        text = path.read_text()
        assert text.count('"screened":[[[') > 2
        path.write_text(text.replace('"screened":[[[', '"screened":[[[9,'))
        with pytest.raises(
            DataError, match="storage: expected trials of a search. Received: .*, where trial .* damaged"
        ):
            found_by(designs=23, storage=path)
