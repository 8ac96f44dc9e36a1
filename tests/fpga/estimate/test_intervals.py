from functools import partial
from math import log

import numpy as np
import pytest

from codesign.errors import ConfigError
from codesign.fpga.design.chances import limit_probability
from codesign.fpga.estimate.conformal import family_quantile, few_families_factor, half_width
from codesign.fpga.estimate.hls4ml import design_cost, layer_costs
from codesign.fpga.estimate.intervals import FIGURES, around, figures, intervals, residual
from codesign.fpga.estimate.possible import possible_figures
from codesign.fpga.estimate.shape import expected_statistics
from codesign.fpga.estimate.statistics import LayerStatistics, pair_counts
from codesign.fpga.estimate.toolchain import TOOLS, Toolchain


def brute_force_quantile(residuals, level):
    """The smallest size such that families, of weight 1 from three designs on, have `level` of it at or below."""
    weights = [min(1, len(values) / 3) for values in residuals.values()]
    sizes = sorted({abs(value) for values in residuals.values() for value in values})
    for size in sizes:
        shares = [np.mean([abs(value) <= size for value in values]) for values in residuals.values()]
        if np.average(shares, weights=weights) >= level - 1e-12:
            return size
    raise AssertionError


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9, 1.0])
def test_quantile_is_that_of_brute_force(level):
    rng = np.random.default_rng(1)
    for n_families in (1, 2, 3, 7):
        residuals = {
            str(family): np.round(rng.normal(size=rng.integers(1, 30)), 1).tolist() for family in range(n_families)
        }
        assert family_quantile(residuals, level) == brute_force_quantile(residuals, level)


def test_half_width_covers_designs_of_families_that_were_not_seen():
    """Families differ by offsets and by spread; each has another number of designs."""
    rng = np.random.default_rng(2)
    for n_families in (3, 5, 12):
        covered = []
        for _ in range(300):
            families = [
                rng.normal(rng.normal(0, 0.3), 0.3 * rng.lognormal(0, 0.3), size=rng.integers(3, 40))
                for _ in range(n_families + 1)
            ]
            width = half_width({str(index): list(values) for index, values in enumerate(families[1:])})
            covered.append(np.mean(np.abs(families[0]) <= width))
        assert 0.87 <= np.mean(covered) <= 0.97, n_families


def test_few_families_widen_and_many_do_not():
    factors = [few_families_factor(n_families) for n_families in (1, 2, 3, 5, 1000)]
    assert factors == sorted(factors, reverse=True)
    assert factors[0] == factors[1]
    assert factors[-1] == pytest.approx(1, abs=0.01)


def test_exact_figures_have_intervals_of_no_width():
    assert half_width({"a": [0.0] * 95 + [1.0] * 5, "b": [0.0] * 10}) == 0.0
    for name in FIGURES:
        assert around(name, 7, 0.0) == (7, 7)


@pytest.mark.parametrize("name", FIGURES)
def test_interval_ends_are_a_half_width_away_in_the_residual(name):
    for value in (1, 40, 12345):
        low, high = around(name, value, 0.4)
        assert low <= value <= high
        assert residual(name, value, high - 1) < 0.4 <= residual(name, value, high) + 1e-9
        assert residual(name, value, low + 1) > -0.4 or low == 0


def test_limit_probability_is_monotone_and_known_at_the_ends_of_the_interval():
    limits = np.linspace(1, 3000, 200)
    chances = [limit_probability("csynth_lut", 1000, (700, 1500), limit) for limit in limits]
    assert np.all(np.diff(chances) >= 0)
    assert limit_probability("csynth_lut", 1000, (700, 1500), 700) == pytest.approx(0.05)
    assert limit_probability("csynth_lut", 1000, (700, 1500), 1500) == pytest.approx(0.95)
    assert [limit_probability("csynth_dsp", 5, (5, 5), limit) for limit in (-4, 4, 5, 6)] == [0, 0, 1, 1]


def small_cost(strategy="latency", factor=1, known=None):
    layers = [expected_statistics((16, 8), (8, 6, 16, 16), sparsity=known)]
    return design_cost(layer_costs(layers, [factor], strategy, Toolchain()))


def test_knowing_less_never_narrows():
    for strategy, factor in (("latency", 1), ("latency", 4), ("resource", 1), ("resource", 16), ("resource_2019", 16)):
        cost = small_cost(strategy, factor)
        found = [intervals(cost, known, strategy) for known in ("weights", "sparsity", "shape")]
        for name, value in figures(cost).items():
            widths = [log((one[name][1] + 1) / (one[name][0] + 1)) for one in found]
            assert widths == sorted(widths), name
            assert all(one[name][0] <= value <= one[name][1] for one in found), name


def test_rejects_a_state_of_knowledge_that_is_none():
    with pytest.raises(ConfigError, match="known: expected weights, sparsity, shape. Received: 'weight'.*mean"):
        intervals(small_cost(), "weight", "latency")


def cost_of(layers, toolchain):
    return design_cost(layer_costs(layers, [1], "latency", toolchain))


@pytest.mark.parametrize("sparsity", [None, 0.5])
def test_whatever_the_weights_are_a_design_costs_what_its_shape_can(sparsity):
    rng = np.random.default_rng(4)
    for tool in TOOLS:
        for bits in (3, 6, 12):
            codes = np.clip(
                np.round(rng.laplace(0, 2 ** (bits - 3), (24, 16))), 1 - 2 ** (bits - 1), 2 ** (bits - 1) - 1
            )
            codes = codes.astype(int)
            if sparsity is not None:
                order = np.argsort(np.abs(codes).ravel())
                codes.ravel()[order[: order.size // 2]] = 0
                codes.ravel()[order[order.size // 2 :]] += codes.ravel()[order[order.size // 2 :]] == 0
            widths = (12, bits, 18, 12)
            known = LayerStatistics(24, 16, *widths, **pair_counts(codes), activation="relu")
            bare = expected_statistics((24, 16), widths, sparsity=sparsity, activation="relu")
            cost = partial(cost_of, toolchain=Toolchain(tool))
            possible = possible_figures([bare], cost)
            for name, value in figures(cost([known])).items():
                assert possible[name][0] - 1 <= value <= possible[name][1] + 1, (name, tool, bits)
            found, narrowed = (intervals(cost([bare]), bare.known, "latency", ends) for ends in (None, possible))
            assert all(found[name][0] <= low and high <= found[name][1] for name, (low, high) in narrowed.items())
            assert narrowed["csynth_dsp"][1] <= (24 * 16 + 3) * 1.3


@pytest.mark.parametrize("known", [None, 0.5])
@pytest.mark.parametrize(("strategy", "factor"), [("latency", 1), ("latency", 4), ("resource", 1), ("resource", 16)])
def test_dsps_of_both_stages_have_one_interval(strategy, factor, known):
    """A block that the compiler of current kernels takes stays one: no stage is bounded apart from the other."""
    rng = np.random.default_rng(6)
    for tool in TOOLS:
        for n_in, n_out in rng.integers(2, 64, (4, 2)):
            layers = [expected_statistics((n_in, n_out), tuple(rng.integers(6, 20, 4)), sparsity=known)]
            cost_of_layers = lambda layers, tool=tool: design_cost(  # noqa: E731  # as estimate_counts does
                layer_costs(layers, [factor], strategy, Toolchain(tool))
            )
            cost = cost_of_layers(layers)
            found = intervals(cost, layers[0].known, strategy, possible_figures(layers, cost_of_layers))
            assert cost.csynth.dsp == cost.vsynth.dsp and found["csynth_dsp"] == found["dsp"]
