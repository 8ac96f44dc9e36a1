"""Pipelines are cut, and solutions applied, as da4ml does it; kernels that were solved before give the same."""

import da4ml.trace
import numpy as np
import pytest

from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.da4ml_numbers import exact_da4ml
from codesign.fpga.rtl.traced_ops import dense
from codesign.network import quantize_network
from tests.random_designs import random_design
from tests.random_graphs import ALL_KINDS
from tests.random_networks import random_network


@pytest.mark.parametrize("seed", range(3))
def test_networks_are_cut_into_da4mls_own_stages(seed):
    graph = trace_adder_graph(random_network(np.random.default_rng(seed), (6, 10, 3), sparsity=0.2))
    _check_stages(graph)


@pytest.mark.parametrize("seed", range(6))
def test_graphs_of_every_op_are_cut_into_da4mls_own_stages(seed):
    network, _ = random_design(seed, n_nodes=8, kinds=ALL_KINDS)
    _check_stages(trace_adder_graph(network))


def _check_stages(graph):
    for levels in (1, 2, 3, 4, 5, 7, 10):
        with exact_da4ml():
            expected = da4ml.trace.to_pipeline(graph.comb, levels, verbose=False)
        assert _without_costs(graph.at(levels)) == _without_costs(expected), levels


def _without_costs(pipeline):
    """Da4ml counts the cost of a table anew, by the sign that it then keeps its values with; no Verilog has it."""
    return [one._replace(ops=[op._replace(cost=0) for op in one.ops], lookup_tables=None) for one in pipeline.solutions]


def test_a_kernel_that_was_solved_before_gives_the_same_operations(monkeypatch):
    """Of inputs of other ranges and in another order; beyond the limit the oldest are forgotten."""
    monkeypatch.setattr(dense, "_SOLUTIONS", dense._Solutions(most_operations=300))
    rng = np.random.default_rng(2)
    network, x = random_network(rng, (5, 6, 3), explicit_types=False), rng.normal(size=(200, 5))
    networks = [quantize_network(network, x, weights=4, activations=bits, inputs=bits) for bits in (5, 7, 5, 6, 7)]
    kept = [trace_adder_graph(one) for one in networks]
    monkeypatch.setattr(dense, "_added", lambda solution, codes: solution(codes))
    for one, found in zip(networks, kept):
        monkeypatch.setattr(dense, "_SOLUTIONS", dense._Solutions(most_operations=0))
        assert trace_adder_graph(one).comb == found.comb
