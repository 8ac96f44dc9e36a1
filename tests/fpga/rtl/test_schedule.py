import numpy as np
import pytest

from codesign.errors import ConfigError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.schedule import layer_costs, pipeline_stages
from tests.random_designs import random_designs
from tests.random_networks import random_network

pytest.importorskip("da4ml")


def networks():
    for seed in range(4):
        options = {"per_element": seed % 2 == 1, "activations": ("linear", "relu", "tanh")}
        yield random_network(np.random.default_rng(seed), **options)
    yield random_designs((426, 903), 10)[0]


@pytest.fixture(scope="module")
def graphs():
    return [trace_adder_graph(network) for network in networks()]


def test_costs_of_layers_add_up_to_that_of_the_design(graphs):
    for graph in graphs:
        costs = layer_costs(graph)
        assert np.isclose(sum(costs.values()), graph.comb.cost)
        assert {layer.name for layer in graph.network.layers} <= set(costs) <= {n.name for n in graph.network.nodes}


@pytest.mark.parametrize("levels", [1, 2, 4, 7, 1000])
def test_stages_hold_what_those_of_the_pipeline_do(graphs, levels):
    for graph in graphs:
        stages, pipeline = pipeline_stages(graph, levels, 2.5), graph.at(levels)
        assert np.allclose([sum(one.adder_cost.values()) for one in stages], [one.cost for one in pipeline.solutions])
        assert [(one.start_ns, one.end_ns) for one in stages] == [(2.5 * i, 2.5 * i + 2.5) for i in range(len(stages))]
        assert all(set(one.layers) <= set(graph.layer_names) for one in stages)


def test_layers_in_a_row_work_one_after_the_other():
    graph = trace_adder_graph(random_network(np.random.default_rng(5), (6, 8, 8, 4), explicit_types=False))
    stages = pipeline_stages(graph, 1, 5.0)
    first = [next(i for i, one in enumerate(stages) if name in one.layers) for name in graph.layer_names]
    assert first == sorted(first) and first[-1] > first[0]


def test_levels_are_checked(graphs):
    with pytest.raises(ConfigError, match="adder_levels_per_stage: expected at least 1. Received: 0"):
        pipeline_stages(graphs[0], 0, 5.0)
