import json
import pickle

import numpy as np
import pytest

from codesign.errors import CodesignError, ConfigError, ReuseFactorError
from codesign.fpga import Design, Grid, estimate, layer_reuse_factors, valid_reuse_factors, write_hls4ml_project
from codesign.fpga.design.reuse import kernel_shapes, nearest_reuse_factor
from codesign.network import DenseLayer, Network, quantize_network
from codesign.project.deployed import Deployed
from codesign.read import read_file
from codesign.report.design_table import print_designs
from codesign.report.page import page_environment


def fixed_network(sizes=(16, 8, 6, 4)) -> Network:
    rng = np.random.default_rng(0)
    layers = [
        DenseLayer(
            f"fc{index}", rng.normal(size=pair), np.zeros(pair[1]), "relu" if index < len(sizes) - 2 else "linear"
        )
        for index, pair in enumerate(zip(sizes, sizes[1:]))
    ]
    return quantize_network(Network.chain(layers), rng.normal(size=(50, sizes[0])), weights=4, activations=6)


@pytest.mark.parametrize("seed", range(20))
def test_a_factor_for_each_layer_is_that_of_the_layer_alone(seed):
    rng = np.random.default_rng(seed)
    network = fixed_network(tuple(rng.integers(2, 17, size=rng.integers(2, 5)).tolist()))
    shapes = kernel_shapes(network)
    wanted = {name: int(rng.choice(valid_reuse_factors(*shape))) for name, shape in shapes.items()}
    shuffled = {name: wanted[name] for name in rng.permutation(list(wanted))}
    design = Design(network, "hls4ml-resource", reuse_factor=shuffled)
    assert layer_reuse_factors(shapes, design.reuse_factor) == list(wanted.values())
    assert design.label == f"hls4ml-resource reuse {'/'.join(map(str, wanted.values()))}"
    assert json.loads(json.dumps(design.as_dict()))["reuse_factor"] == wanted
    assert pickle.loads(pickle.dumps(design)).reuse_factor == wanted
    same = estimate(Design(network, "hls4ml-resource", reuse_factor=dict.fromkeys(shapes, 1)))
    assert same == estimate(Design(network, "hls4ml-resource"))


def test_a_layer_that_is_not_named_has_one():
    design = Design(fixed_network(), "hls4ml-latency", reuse_factor={"fc1": np.int64(4)})
    assert design.reuse_factor == {"fc0": 1, "fc1": 4, "fc2": 1}


@pytest.mark.parametrize(
    "factor, implementation, message",
    [
        ({"fc": 4}, "hls4ml-latency", "unknown layer 'fc' .did you mean 'fc[0-2]'.*expected: fc0, fc1, fc2"),
        ({"fc0": 3}, "hls4ml-resource", "layer 'fc0': .* for 16-8. Received: 3; try 2 or 4"),
        ({"fc0": 10**9}, "hls4ml-resource", "layer 'fc0': .*; try 128"),
        ({"fc0": 0}, "hls4ml-latency", "at least 1 for layer 'fc0'. Received: 0"),
        ({"fc0": 1}, "unrolled", "expected 1 for an unrolled design. Received: {'fc0': 1}"),
        ({"fc0": "4"}, "hls4ml-latency", "a mapping from text to a whole number"),
        ([4, 2, 1], "hls4ml-latency", "a mapping from text to a whole number"),
    ],
)
def test_rejects_factors_that_no_layer_can_have(factor, implementation, message):
    with pytest.raises(CodesignError, match=message) as caught:
        Design(fixed_network(), implementation, reuse_factor=factor)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_factors_without_names_of_layers_are_refused():
    with pytest.raises(ReuseFactorError, match="unknown layer 'fc1'; expected: a number"):
        layer_reuse_factors([(4, 4)], {"fc1": 2})


def test_a_grid_takes_numbers_and_mappings_side_by_side():
    each = {"fc0": 4, "fc1": 2}
    grid = Grid(implementations=("hls4ml-resource",), reuse_factors=[1, each])
    assert [setting.reuse_factor for setting in grid.hardware_settings()] == [1, each]
    for bad, message in [
        (each, "expected hls4ml-latency or hls4ml-resource. Received: fc0; factors of layers stand in a list"),
        ([{}], "expected a factor of a layer"),
        ([{"fc0": 0}], "expected whole numbers of at least 1"),
        ([each, dict(each)], "each value once"),
    ]:
        with pytest.raises(ConfigError, match=message):
            Grid(reuse_factors=bad)


def test_a_project_keeps_the_factor_of_each_layer(tmp_path):
    factors = {"fc0": 8, "fc1": 4, "fc2": 2}
    network = fixed_network()
    project = write_hls4ml_project(Design(network, "hls4ml-resource", reuse_factor=factors), tmp_path)
    dense = [layer for layer in project.graph.get_layers() if layer.class_name == "Dense"]
    assert [layer.get_attr("reuse_factor") for layer in dense] == list(factors.values())
    assert list(read_file(tmp_path).reuse_factors.values()) == list(factors.values())
    deployed = Deployed.read(tmp_path, network.n_inputs, 5.0, "xcvu13p-flga2577-2-e")
    assert list(deployed.design.reuse_factor.values()) == list(factors.values())


def test_tables_and_pages_show_the_factor_of_each_layer(capsys):
    design = Design(fixed_network(), "hls4ml-resource", reuse_factor={"fc0": 8, "fc1": 4})
    print_designs("", None, [design.with_report(estimate(design))])
    assert "reuse 8/4/1" in capsys.readouterr().out
    row = page_environment().from_string("{{ row.reuse_factor | reuse }}")
    assert row.render(row=design.as_dict()) == "8/4/1" and row.render(row={"reuse_factor": 4}) == "4"


@pytest.mark.parametrize("shape", [(16, 64), (64, 32), (32, 5), (7, 3), (1, 1)])
def test_the_factor_that_hls4ml_takes_instead_is_the_nearest_and_then_the_smaller(shape):
    valid = valid_reuse_factors(*shape)
    for wanted in range(1, 2 * valid[-1] + 2):
        found = nearest_reuse_factor(*shape, wanted)
        distance = min(abs(factor - wanted) for factor in valid)
        assert found == min(factor for factor in valid if abs(factor - wanted) == distance)
