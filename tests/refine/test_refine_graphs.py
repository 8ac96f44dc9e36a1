"""Refinement of graphs: branches, sums, pooling, layers over several places, several outputs."""

from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import DataError, UnsupportedLayerError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.network import FixedPoint, Input, Network, Node, exact_type, ops
from codesign.refine import refine_network
from codesign.refine.losses import joint_loss
from codesign.refine.network_state import NetworkState

RNG = np.random.default_rng(7)
X = np.concatenate([RNG.normal(size=(600, 3)), RNG.normal(size=(600, 8))], 1)
TEACHER = np.exp(2 * X[:, :3]) / np.exp(2 * X[:, :3]).sum(1, keepdims=True)


class Builder:
    """Nodes with few powers of two as weights, and formats per element, some of which wrap."""

    def __init__(self, seed):
        self.rng, self.nodes = np.random.default_rng(seed), []

    def add(self, name, op, *inputs, output=None):
        self.nodes.append(Node(name, op, inputs, output))
        return name

    def dense(self, name, source, n_in, n_out):
        kernel = self.rng.choice([-1.5, -1, -0.5, 0, 0, 0.25, 1], size=(n_in, n_out))
        bias = self.rng.integers(-8, 8, n_out) / 16
        types = ops.ConstantTypes(exact_type(kernel, widest=24), exact_type(bias, widest=24))
        return self.add(name, ops.Dense(kernel, bias, types), source)

    def cast(self, name, source, n, rounding="TRN", overflow="WRAP"):
        width = self.rng.integers(1, 6, n)
        precision = FixedPoint(width, width - self.rng.integers(0, 4, n), True, rounding, overflow)
        return self.add(name, ops.Quantize(precision), source, output=precision)

    def input(self, name, shape):
        width = self.rng.integers(3, 7, shape[-1])
        return Input(name, shape, FixedPoint(width, np.full(shape[-1], 3), True, "RND", "SAT"))

    def relu(self, name, source):
        return self.add(name, ops.Activation("relu"), source)


def random_graph(seed, n_outputs=1):
    """Inputs of one axis and of two, a dense layer over 4 places, pooling, concatenate, a residual sum, outputs."""
    build, pool = Builder(seed), [ops.Max(1), ops.Sum(1), ops.Mean(1)][seed % 3]
    inputs = [build.input("jet", (3,)), build.input("particles", (4, 2))]
    one = build.relu("one_relu", build.dense("one", "jet", 3, 4))
    each = build.relu("each_relu", build.dense("each", build.cast("each_cast", "particles", 2, "RND", "SAT"), 2, 3))
    pooled = build.add("pool", pool, each)
    joined = build.cast("joined_cast", build.add("joined", ops.Concatenate(), one, pooled), 7)
    value = build.relu("hidden_relu", build.dense("hidden", joined, 7, 5))
    inner = build.dense("inner", build.cast("inner_cast", value, 5, "RND", "SAT"), 5, 5)
    total = build.add("total", [ops.Add(), ops.Subtract(), ops.Maximum()][seed // 3 % 3], inner, value)
    outputs = [build.dense("last", build.cast("total_cast", total, 5), 5, 3)]
    if n_outputs > 1:
        outputs.append(build.dense("other", build.cast("other_cast", value, 5), 5, 1))
    return Network(build.nodes, inputs, outputs)


def state_of(network, y=TEACHER, name="categorical_crossentropy"):
    return NetworkState(network, X, joint_loss(name, y, network.output_layout.shapes, len(X)))


def loss_of(network, y=TEACHER, name="categorical_crossentropy"):
    loss = joint_loss(name, y, network.output_layout.shapes, len(X))
    return loss.value(network.emulate(X).T.astype(np.float32))


def test_what_a_change_leads_to_is_what_the_changed_network_gives():
    for seed in range(9):
        state, rng = state_of(random_graph(seed)), np.random.default_rng(seed)
        for _ in range(8):
            index = int(rng.integers(len(state.layers)))
            layer = state.layers[index]
            source, unit = (int(rng.integers(n)) for n in layer.kernel.shape)
            if layer.format.is_free and rng.random() < 0.5:
                before = state.feeder(index, source)
                layer.format.fraction[source] += 1
                layer.format.width[source] += 1
                trial = state.try_format(index, source, 0.125)
                if before is not None:
                    state.layers[before[0]].bias[before[1]] += 0.125
            else:
                change = rng.choice([-1, 0.5, 0.125])
                trial = state.try_sums(index, unit, layer.sums[unit] + np.float32(change) * layer.inputs[source])
                layer.kernel[source, unit] += change
            assert trial.loss == pytest.approx(loss_of(state.network()), abs=1e-5)
            state.accept(trial)


def test_slopes_are_those_of_small_changes():
    """Without types between layers, and with sums and means as pools, where the loss is smooth but for relu."""
    for seed in (1, 2, 4, 5):
        network = random_graph(seed)
        free = [replace(node, output=None) for node in network.nodes if not isinstance(node.op, ops.Quantize)]
        source = {node.name: node.inputs[0] for node in network.nodes if isinstance(node.op, ops.Quantize)}
        nodes = [replace(node, inputs=tuple(source.get(name, name) for name in node.inputs)) for node in free]
        state = state_of(Network(nodes, network.inputs, network.outputs))
        for index, (first, _) in enumerate(state.slopes()):
            layer = state.layers[index]
            for place in [(0, 0), (layer.kernel.shape[0] - 1, 1)]:
                ends = []
                for step in (0.001, -0.001):
                    sums = layer.sums[place[1]] + np.float32(step) * layer.inputs[place[0]]
                    ends.append(state.try_sums(index, place[1], sums).loss)
                assert (ends[0] - ends[1]) / 0.002 == pytest.approx(first[place], rel=0.15, abs=0.02)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_refinement_lowers_what_it_minimises_and_stays_exact(seed):
    network = random_graph(seed)
    refined = refine_network(network, X, TEACHER, sweeps=2)
    first, last = state_of(network), state_of(refined)
    price = 0.02 / first.cost
    assert last.loss + price * last.cost < first.loss + price * first.cost - 0.05
    assert last.loss == pytest.approx(loss_of(refined), abs=1e-5)
    cheap = refine_network(network, X, TEACHER, sweeps=2, trade=3.0)
    assert state_of(cheap).cost < 0.7 * first.cost and loss_of(cheap) < first.loss
    wild = np.concatenate([X, 5 * X])
    np.testing.assert_array_equal(trace_adder_graph(refined).predict(wild), refined.emulate(wild))


def test_several_outputs_have_targets_of_their_own():
    network, y = random_graph(1, n_outputs=2), [X[:, :3], X[:, :1] * X[:, 1:2]]
    options = {"loss": "mean_squared_error", "sweeps": 1}
    refined = refine_network(network, X, y, **options)
    assert loss_of(refined, y, "mean_squared_error") < loss_of(network, y, "mean_squared_error")
    named = refine_network(network, X, dict(zip(network.outputs, y)), **options)
    np.testing.assert_array_equal(named.emulate(X), refined.emulate(X))
    with pytest.raises(DataError, match="y: expected targets of last, other"):
        refine_network(network, X, y[0], **options)


@pytest.mark.parametrize(
    ("op", "name"),
    [(ops.Activation("tanh"), "tanh"), (ops.Activation("leaky_relu", slope=0.25), "leaky_relu")],
)
def test_ops_that_refinement_does_not_know_are_refused_by_name(op, name):
    network = random_graph(0)
    nodes = [replace(node, op=op) if node.name == "one_relu" else node for node in network.nodes]
    with pytest.raises(UnsupportedLayerError, match=f"layer 'one_relu': expected dense layers.*Received: {name}"):
        refine_network(replace(network, nodes=tuple(nodes)), X, TEACHER)
