import math

import numpy as np
import pytest

from codesign._keras import keras
from codesign.drone.growing_network import GrowingNetwork
from codesign.drone.growth_rules import PaperRule, ReferenceRule, ValidationRule, required_drop
from codesign.drone.training import GrowUnits
from codesign.errors import ConfigError, TrainingError
from codesign.layers import TernaryDense

X = np.random.default_rng(0).normal(size=(256, 3)).astype(np.float32)


def growing(activation="sigmoid", hidden=(2,), largest=(4,), **options):
    keras.utils.set_random_seed(0)
    return GrowingNetwork(3, 1, hidden=hidden, largest=largest, activation=activation, **options)


def qdense(units, name):
    from qkeras import QDense

    return QDense(
        units, name=name, kernel_quantizer="quantized_bits(6,1,alpha=1)", bias_quantizer="quantized_bits(8,2,alpha=1)"
    )


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "elu", "softplus", "quantized_relu(6,2)"])
@pytest.mark.parametrize("hidden, largest", [pytest.param((2,), (4,), marks=pytest.mark.slow), ((2, 3), (4, 4))])
def test_growth_keeps_the_function(activation, hidden, largest):
    network = growing(activation, hidden, largest)
    before = network.model(X).numpy()
    while network.can_grow:
        network.grow()
        np.testing.assert_array_equal(network.model(X).numpy(), before)
    assert tuple(network.active) == largest


@pytest.mark.parametrize(
    "layer", [qdense, lambda units, name: TernaryDense(units, name=name)], ids=["QDense", "TernaryDense"]
)
def test_growth_keeps_the_function_of_layers_of_few_bits(layer):
    network = growing("relu", layer=layer)
    before = network.model(X).numpy()
    network.grow()
    np.testing.assert_allclose(network.model(X).numpy(), before, atol=1e-6)
    stripped = keras.Sequential([keras.Input((3,)), *network.strip(X)])
    np.testing.assert_allclose(stripped(X).numpy(), before, atol=1e-6)


@pytest.mark.parametrize("activation", ["tanh", pytest.param("relu", marks=pytest.mark.slow)])
def test_a_new_unit_learns_and_a_sleeping_one_does_not(activation):
    network = growing(activation)
    network.grow()
    network.model.compile("adam", "mse")
    hidden, output = network.model.layers[0], network.model.layers[-1]
    network.model.fit(X, X[:, :1] * X[:, 1:2], epochs=2, verbose=0)
    assert output.kernel.numpy()[2, 0] != 0
    assert (
        not output.kernel.numpy()[3:].any()
        and not hidden.kernel.numpy()[:, 3:].any()
        and not hidden.bias.numpy()[3:].any()
    )


def test_growth_keeps_the_state_of_the_optimizer():
    network = growing()
    network.model.compile("adam", "mse")
    network.model.fit(X, X[:, :1], epochs=2, verbose=0)
    before = [variable.numpy() for variable in network.model.optimizer.variables]
    network.grow()
    network.model.fit(X[:1], X[:1, :1], epochs=1, verbose=0, callbacks=[])
    after = [variable.numpy() for variable in network.model.optimizer.variables]
    moments = [(old, new) for old, new in zip(before, after) if old.ndim == 2 and old.shape == (3, 4)]
    assert moments and all(old[:, :2].any() for old, _ in moments)
    for old, new in moments:  # one step on: each moment decayed by Adam's .9 or .999 of what it was, plus one gradient
        assert np.abs(new[:, :2] - old[:, :2]).max() < 0.5 * np.abs(old[:, :2]).max() + 1e-2
        assert not new[:, 3].any()


def test_stripping_leaves_only_units_that_are_on():
    network = growing("tanh", (2, 3), (6, 6))
    network.grow()
    layers = network.strip(X)
    assert [layer.units for layer in layers if hasattr(layer, "units")] == [3, 4, 1]
    np.testing.assert_allclose(keras.Sequential([keras.Input((3,)), *layers])(X), network.model(X), atol=1e-6)


def test_layers_that_change_when_units_go_are_refused():
    network = growing(
        "relu", layer=lambda units, name: TernaryDense(units, threshold=0.5, threshold_of="quantile", name=name)
    )
    with pytest.raises(TrainingError, match="set max_units"):
        network.strip(X)


def test_bad_activation_and_layer():
    with pytest.raises(ConfigError, match="activation: expected"):
        growing("sinus")
    with pytest.raises(ConfigError, match="layer: expected a function"):
        growing(layer=lambda units, name: keras.layers.Flatten(name=name))


def grown_at(rule, losses, name="loss"):
    return [epoch for epoch, loss in enumerate(losses) if rule.decide({name: loss}, can_grow=True) == "grow"]


def test_required_drops_of_both_published_rules():
    assert required_drop(1.0, 1.28) == pytest.approx(2.5, abs=0.05)
    assert required_drop(1.0, 6) == pytest.approx(10.7, abs=0.05)
    assert required_drop(1.0, 1e9) == 50


def test_paper_rule_against_a_plain_loop():
    losses = np.exp(-0.03 * np.arange(200)) + 0.2 + 0.001 * np.sin(np.arange(200))
    wanted, last, since = [], losses[0], 0
    for epoch in range(1, 200):
        change = abs(losses[epoch] - losses[epoch - 1])
        sigma = 50 * (1 - math.exp(-0.04 * (since + 1.28))) * change
        since += 1
        if change / losses[epoch] < 0.02 and losses[epoch] < last - sigma:
            wanted.append(epoch)
            last, since = losses[epoch], 0
    assert wanted and grown_at(PaperRule(), losses) == wanted


def test_reference_rule_waits_for_six_flat_epochs_and_first_grows_without_a_drop():
    assert grown_at(ReferenceRule(), [1.0] * 7 + [1.0] * 20) == [6]
    assert grown_at(ReferenceRule(), [1.0] * 7 + [0.5] + [0.5] * 6) == [6, 13]
    assert grown_at(PaperRule(), [1.0] * 30) == []


def test_validation_rule_grows_on_plateaus_and_stops():
    rule = ValidationRule(patience=2, idle_growths=2)
    decisions = [rule.decide({"val_loss": loss}, can_grow=True) for loss in [1.0] + [0.5] * 20]
    assert decisions[:4] == ["stay", "stay", "stay", "grow"]
    assert decisions[:-1].count("grow") >= 2 and "stop" in decisions
    assert ValidationRule(patience=1).decide({"val_loss": float("inf")}, can_grow=False) == "stop"


def test_callback_grows_and_ends_the_training():
    network = growing()
    network.model.compile("adam", "mse")
    growth = GrowUnits(network, ValidationRule(least_gain=0.9, patience=1, idle_growths=2))
    network.model.fit(X, X[:, :1], validation_data=(X, X[:, :1]), epochs=50, verbose=0, callbacks=[growth])
    assert len(growth.history) < 10 and growth.history[-1]["units"] in ([3], [4])
