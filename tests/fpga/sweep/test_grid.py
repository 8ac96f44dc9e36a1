from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import ConfigError
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import sweep
from codesign.network import DenseLayer, Network, PrecisionChoice, quantize_network


def test_grid_counts_what_it_yields():
    grid = Grid(
        weights=(4, "ap_fixed<8,3>"),
        activations=(6,),
        inputs=(8, 10),
        reuse_factors=(1, 2),
        adder_levels_per_stage=(3,),
    )
    choices, settings = list(grid.precision_choices()), list(grid.hardware_settings())
    assert choices[:2] == [PrecisionChoice(4, 6, 8), PrecisionChoice(4, 6, 10)]
    assert [(setting.implementation, setting.reuse_factor) for setting in settings] == [
        ("hls4ml-latency", 1),
        ("hls4ml-latency", 2),
        ("hls4ml-resource", 1),
        ("hls4ml-resource", 2),
        ("unrolled", 1),
    ]
    assert grid.count == len(choices) * len(settings) == 4 * 5


def test_trained_types_are_the_default_of_a_network_that_has_them():
    layer = DenseLayer("fc", np.ones((2, 2)), np.zeros(2))
    quantised = quantize_network(Network.chain([layer]), np.ones((3, 2)), weights=4, activations=6)
    grid = Grid(implementations=("unrolled",), adder_levels_per_stage=3)
    assert list(grid.precision_choices(quantised)) == [PrecisionChoice("trained", "trained")]
    assert [choice.weights for choice in replace(grid, activations=6).precision_choices(quantised)] == ["trained"]
    assert list(replace(grid, weights=5, activations=6).precision_choices(quantised)) == [PrecisionChoice(5, 6)]
    assert (
        len(list(grid.precision_choices(Network.chain([layer]))))
        == len(list(grid.precision_choices()))
        == grid.count
        == 25
    )
    (design,) = sweep(quantised, np.ones((3, 2)), np.zeros(3, int), grid, jobs=1, progress=False)
    assert (
        design.network.layers[0].precision.weight == quantised.layers[0].precision.weight
        and design.precision == "w:trained a:trained"
    )


def test_an_implementation_can_have_reuse_factors_of_its_own():
    grid = Grid(reuse_factors={"hls4ml-resource": [2, 4]}, adder_levels_per_stage=4)
    assert [(setting.implementation, setting.reuse_factor) for setting in grid.hardware_settings()] == [
        ("hls4ml-latency", 1),
        ("hls4ml-resource", 2),
        ("hls4ml-resource", 4),
        ("unrolled", 1),
    ]
    assert replace(grid, weights=(5,)).reuse_factors == grid.reuse_factors


@pytest.mark.parametrize(
    "values, message",
    [
        ({"weights": ()}, "weights: expected a list"),
        (
            {
                "weights": range(2, 62),
                "activations": [f"ap_fixed<{bits},1>" for bits in range(2, 62)],
                "inputs": range(2, 62),
                "reuse_factors": range(1, 999),
            },
            "at most 1,000,000 designs",
        ),
        ({"weights": None}, "weights: expected a list"),
        ({"weights": (4, 4)}, "Received: 4 2 times"),
        ({"weights": (1,)}, "expected 2 to 62 bits"),
        ({"activations": (True,)}, "expected 2 to 62 bits"),
        ({"activations": ("fixed<8>",)}, "activations: precision"),
        ({"inputs": (6.5,)}, "inputs: expected 2 to 62 bits"),
        ({"implementations": ("folded",)}, "implementations"),
        ({"implementations": ("hls4ml_latency",)}, "did you mean 'hls4ml-latency'"),
        ({"reuse_factors": (0,)}, "reuse_factors"),
        ({"reuse_factors": {"unrolled": (1,)}}, "reuse_factors"),
        ({"adder_levels_per_stage": (2.5,)}, "adder_levels_per_stage"),
        ({"clock_period_ns": -5}, "clock_period_ns"),
        ({"clock_period_ns": float("nan")}, "clock_period_ns"),
    ],
)
def test_rejects_an_impossible_grid(values, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Grid(**values)
    assert "\n" not in str(caught.value)
