import numpy as np
import pytest

from codesign.compress import measure_size
from codesign.cpu import Timing
from codesign.cpu.side_by_side import time_side_by_side
from codesign.reproduce.curves import value_at
from codesign.reproduce.pid.goals import difference_at_equal, make_goals
from codesign.reproduce.pid.networks import dense_net, masked_net
from codesign.reproduce.pid.rows import family, in_order, times_of, title
from codesign.reproduce.pid.variational import keep_least_noisy

SHAPES = ((59, 150), (150, 6))


def test_curve_is_linear_in_the_logarithm_and_ends():
    assert value_at([1000, 10], [0.9, 0.7], 100) == pytest.approx(0.8)
    assert value_at([10, 1000], [0.7, 0.9], 1000) == 0.9
    assert value_at([10, 1000], [0.7, 0.9], 9) is None


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [2, 150, 609, 9749, 9750])
def test_exactly_as_many_weights_live_as_asked_for(seed, count):
    rng = np.random.default_rng(seed)
    masks = keep_least_noisy([rng.standard_normal(shape) for shape in SHAPES], count)
    model = masked_net([rng.random(shape) + 0.1 for shape in SHAPES], [np.zeros(150), np.zeros(6)], masks)
    size = measure_size(model)
    alive = masks[0].any(0) & masks[1].any(1)
    assert sum(mask.sum() for mask in masks) == count == size.live_weights
    assert not masks[0][:, ~alive].any() and not masks[1][~alive].any()


def test_least_noisy_weights_are_kept():
    log_alphas = [np.array([[0.0, 5.0], [1.0, 4.0]]), np.array([[2.0], [9.0]])]
    first, second = keep_least_noisy(log_alphas, 3)
    np.testing.assert_array_equal(first, [[True, False], [True, False]])
    np.testing.assert_array_equal(second, [[True], [False]])


def result(auc, weights, units):
    return {"aucs": [auc] * 6, "live_weights": weights, "live_units": units}


def test_difference_at_equal_cost_is_paired_by_seed():
    results = {
        "variational-100": {0: result(0.95, 100, 10), 1: result(0.97, 100, 10)},
        "magnitude-1": {0: result(0.7, 10, 20), 1: result(0.7, 10, 20)},
        "magnitude-2": {0: result(0.9, 1000, 40), 1: result(0.96, 1000, 40)},
    }
    assert difference_at_equal(results, "variational-100", ["magnitude"], "live_weights") == pytest.approx(
        (0.15 + 0.14) / 2
    )
    assert difference_at_equal(results, "variational-100", ["magnitude"], "live_units") is None
    assert difference_at_equal(results, "variational-100", ["peer"], "live_weights") is None


def test_two_curves_bridge_the_gap_between_them():
    results = {
        "variational-100": {0: result(0.95, 100, 10)},
        "magnitude-1": {0: result(0.7, 10, 20)},
        "magnitude-spared-1": {0: result(0.9, 1000, 40)},
        "magnitude-spared-2": {0: result(0.6, 1000, 40)},
    }
    kinds = ["magnitude", "magnitude-spared"]
    assert difference_at_equal(results, "variational-100", kinds, "live_weights") == pytest.approx(0.15)
    assert difference_at_equal(results, "variational-100", kinds[:1], "live_weights") is None


def test_what_was_not_run_is_not_met():
    goals = make_goals({"dense-150": {0: result(0.95, 9750, 150)}, "variational-609": {0: result(0.9495, 609, 60)}}, {})
    by_name = {entry["name"]: entry for entry in goals}
    assert by_name["mean AUC lost by variational dropout at <= 1/16 of the weights"]["met"]
    unmeasured = [entry for entry in goals if "pytorch-ard" in entry["name"]]
    unmeasured += [entry for entry in goals if "same C++" in entry["name"]]
    assert len(unmeasured) == 4 and all(entry["value"] is None and not entry["met"] for entry in unmeasured)


def test_goal_in_cpp_takes_the_fastest_row_that_loses_little():
    weights = {"dense-150": 9750, "variational-1219": 1219, "variational-609": 609, "variational-305": 305}
    times = {"dense-150": 200.0, "variational-1219": 50.0, "variational-609": 10.0, "variational-305": 5.0}
    cpp = {
        10_000: {
            name: Timing(name, "cpp", "C++", 10_000, 1, ns, ns, 0.0, ns, ns, 0.0, 40) for name, ns in times.items()
        }
    }
    aucs = {name: 0.945 if name == "variational-305" else 0.9495 for name in weights} | {"dense-150": 0.95}
    measured = {name: times_of(name, {}, cpp) for name in weights}
    goals = make_goals({name: {0: result(aucs[name], count, 150)} for name, count in weights.items()}, measured)
    (found,) = [entry for entry in goals if "same C++" in entry["name"]]
    assert found["value"] == 20 and found["met"]


def test_rows_have_titles_and_an_order():
    names = [
        "peer-30",
        "peer-3",
        "gate-8",
        "dense-8",
        "variational-305",
        "variational-609",
        "binary",
        "dense-150",
        "ternary",
    ]
    ordered = in_order(names)
    assert ordered[:4] == ["binary", "dense-150", "dense-8", "ternary"] and ordered[-2:] == ["peer-3", "peer-30"]
    assert ordered.index("variational-609") < ordered.index("variational-305")
    assert (
        family("magnitude-spared-609") == ("magnitude-spared", "609") and title("gate-8") == "exact-count gate, 8 units"
    )


def test_timing_gives_every_round_of_every_network():
    samples = time_side_by_side({"dense-150": dense_net(150), "dense-8": dense_net(8)}, 10, rounds=3)
    assert {name: len(times) for name, times in samples.items()} == {"dense-150": 3, "dense-8": 3}
    assert min(min(times) for times in samples.values()) > 0
