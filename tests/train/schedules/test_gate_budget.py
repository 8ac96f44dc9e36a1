import numpy as np
import pytest
from qkeras import QDense

from codesign._keras import keras
from codesign.errors import BudgetError, ConfigError
from codesign.layers import TopKGate
from codesign.train import GateBudget

Dense = keras.layers.Dense


def gated():
    """Return 6-8-4-2, gated at the inputs and behind the first two layers, the second gate fixed at 5 of 8."""
    quantised = QDense(4, kernel_quantizer="quantized_bits(6,0,alpha=1)")
    chain = [TopKGate(), Dense(8), keras.layers.ReLU(), TopKGate(5), quantised, TopKGate(), Dense(2)]
    return keras.Sequential([keras.Input((6,)), *chain])


@pytest.mark.parametrize(
    "cost, price",
    [
        ("nodes", lambda n, m: n + m),
        ("macs", lambda n, m: n * 5 + 5 * m + m * 2),
        ("bits", lambda n, m: 32 * n * 5 + 6 * 5 * m + 32 * m * 2),
    ],
)
def test_cost_of_every_architecture(cost, price):
    group = GateBudget(1000, cost=cost).group(gated())
    for n in range(1, 7):
        for m in range(1, 5):
            assert float(group.cost.of(np.float32([[n, m]]))[0, 0]) == price(n, m)
            step = (price(n + 1, m) - price(n, m), price(n, m + 1) - price(n, m))
            np.testing.assert_array_equal(group.cost.marginal(np.float32([[n, m]]))[0], step)
    assert (group.least_cost, group.full_cost) == (price(1, 1), price(6, 4))


def test_a_layer_between_two_shared_gates_costs_their_product():
    chain = keras.Sequential([keras.Input((6,)), TopKGate(), Dense(8), TopKGate(), Dense(3)])
    group = GateBudget(1000, cost="macs").group(chain)
    assert float(group.cost.of(np.float32([[4, 5]]))[0, 0]) == 4 * 5 + 5 * 3


def test_a_budget_nobody_can_meet():
    with pytest.raises(
        BudgetError, match="budget: expected at least 12 multiply-accumulates.*Received: 11; raise the limit"
    ):
        GateBudget(11, cost="macs").group(gated())
    assert GateBudget(12, cost="macs").group(gated()).least_cost == 12


@pytest.mark.parametrize("limit", [0, -5, np.nan, np.inf])
def test_bad_limits(limit):
    with pytest.raises(BudgetError, match="limit: expected a positive number of nodes"):
        GateBudget(limit)


def test_bad_arguments():
    with pytest.raises(ConfigError, match="cost: expected one of nodes, macs, bits. Received: luts"):
        GateBudget(5, cost="luts")
    with pytest.raises(ConfigError, match="budget: expected a model with TopKGate"):
        GateBudget(5).group(keras.Sequential([keras.Input((6,)), TopKGate(5), Dense(4)]))
    twice = keras.Sequential([keras.Input((6,)), TopKGate(), TopKGate(name="again"), Dense(3)])
    with pytest.raises(ConfigError, match="gate 'again': expected one gate between two dense layers"):
        GateBudget(5, cost="macs").group(twice)


def test_costs_of_a_graph_are_those_of_its_kernels():
    """Two gated branches, one of them over 3 particles, concatenated with the input; two outputs."""
    vector, particles = keras.Input((6,)), keras.Input((3, 4))
    left = TopKGate(name="left")(keras.layers.ReLU()(Dense(5, name="a")(vector)))
    right = keras.layers.GlobalAveragePooling1D()(TopKGate(name="right")(Dense(4, name="b")(particles)))
    joined = keras.layers.Concatenate()([left, right, vector])
    model = keras.Model([vector, particles], [Dense(2, name="c")(joined), Dense(3, name="d")(left)])
    group = GateBudget(1000, cost="macs").group(model)
    assert [gate.name for gate in group.gates] == ["left", "right"]
    for n in range(1, 6):
        for m in range(1, 5):
            price = 6 * n + 3 * 4 * m + (n + m + 6) * 2 + n * 3
            assert float(group.cost.of(np.float32([[n, m]]))[0, 0]) == price


def test_a_shared_gate_on_both_sides_of_a_layer_costs_its_square():
    gate, source = TopKGate(), keras.Input((4,))
    value = gate(Dense(4)(source))
    value = gate(Dense(4)(value))
    group = GateBudget(1000, cost="macs").group(keras.Model(source, Dense(1)(value)))
    for n in range(1, 5):
        assert float(group.cost.of(np.float32([[n]]))[0, 0]) == 4 * n + n * n + n
        np.testing.assert_allclose(group.cost.marginal(np.float32([[n]]))[0, 0], 4 + 2 * n + 1)


def test_units_that_something_else_reads_too_stay_active():
    source = keras.Input((6,))
    hidden = Dense(5)(source)
    gate = TopKGate()
    model = keras.Model(source, Dense(2)(keras.layers.Add()([gate(hidden), hidden])))
    group = GateBudget(1000, cost="macs").group(model)
    assert float(group.cost.of(np.float32([[1]]))[0, 0]) == group.full_cost == 6 * 5 + 5 * 2
