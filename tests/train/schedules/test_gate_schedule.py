import numpy as np
import pytest

from codesign._keras import keras
from codesign.compress import shrink
from codesign.errors import BudgetError, ConfigError
from codesign.layers import TopKGate
from codesign.layers.gates.top_k_gate import FROZEN, HARD, SOFT
from codesign.train import GateBudget, GateSchedule, load_model, save_model

Dense = keras.layers.Dense


def events(n_events, n_features, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_events, n_features)).astype(np.float32)
    return x, (x @ rng.normal(size=n_features) > 0).astype(np.float32)


def chain(n_features, *layers, eager=True):
    model = keras.Sequential([keras.Input((n_features,)), *layers])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", run_eagerly=eager)
    return model


def fit(model, *callbacks, epochs=2, n_events=40, batch_size=10, **options):
    x, y = events(n_events, model.input_shape[1])
    return model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=list(callbacks), **options)


def seeds(n_first, n):
    """Draws, the first of them in the default suite."""
    return [*range(n_first), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(n_first, n))]


@pytest.mark.parametrize("seed", seeds(6, 50))
def test_exactly_k_whatever_the_sizes_and_seeds(seed):
    rng = np.random.default_rng(seed)
    n, hidden = rng.integers(1, 60, 2)
    k, nodes = rng.integers(1, n + 1), rng.integers(1, hidden + 1)
    keras.utils.set_random_seed(seed)
    model = chain(
        int(n),
        TopKGate(k),
        Dense(int(hidden), "relu"),
        TopKGate(nodes, score_scale=rng.uniform(0.5, 20)),
        Dense(1, "sigmoid"),
    )
    fit(model, GateSchedule(), batch_size=20)  # soft, soft, hard, frozen
    for gate, count in ((model.layers[0], k), (model.layers[2], nodes)):
        assert gate.is_settled
        assert gate.get_support().sum() == gate.n_active == count


@pytest.mark.parametrize("seed", seeds(3, 10))  # each cost
def test_a_budget_is_met_and_leaves_a_node_everywhere(seed):
    rng = np.random.default_rng(seed)
    n, first, second = (int(size) for size in rng.integers(2, 20, 3))
    cost = ("nodes", "macs", "bits")[seed % 3]
    model = chain(
        n, TopKGate(), Dense(first, "relu"), TopKGate(), Dense(second, "relu"), TopKGate(), Dense(1, "sigmoid")
    )
    probe = GateBudget(1e9, cost=cost).group(model)
    limit = float(np.floor(rng.uniform(probe.least_cost, probe.full_cost)))
    fit(model, GateSchedule(budget=GateBudget(limit, cost=cost)), batch_size=20)
    gates = [layer for layer in model.layers if isinstance(layer, TopKGate)]
    a, b, c = (gate.get_support().sum() for gate in gates)
    price = a + b + c if cost == "nodes" else (a * b + b * c + c) * (32 if cost == "bits" else 1)
    assert min(a, b, c) >= 1
    assert price <= limit
    assert price == limit or cost != "nodes"
    assert gates[0].group.present_cost == price


def test_schedule_of_count_temperature_and_phase():
    schedule = GateSchedule()
    assert [schedule.target_at(t, 150, 30) for t in (0, 0.2, 0.4, 1)] == pytest.approx([150, 30 + 120 / 8, 30, 30])
    assert schedule.target_at(0.0, 100, 300) == 300
    assert [schedule.temperature_at(t) for t in (0, 0.35, 0.7, 1)] == pytest.approx([1, 0.05**0.5, 0.05, 0.05])
    assert [schedule.phase_at(t) for t in (0, 0.49, 0.5, 0.74, 0.75, 1)] == [SOFT, SOFT, HARD, HARD, FROZEN, FROZEN]


def test_mask_is_open_then_narrow_then_frozen_and_hard_at_the_end_of_each_epoch():
    training, ends, model = [], [], chain(20, TopKGate(5), Dense(1, "sigmoid"))
    record = {"on_train_batch_end": lambda batch, logs: batch or training.append(model.layers[0].mask)}
    record["on_epoch_end"] = lambda epoch, logs: ends.append(model.layers[0].mask)
    fit(model, GateSchedule(), keras.callbacks.LambdaCallback(**record), epochs=20, n_events=20)
    sums = [mask.sum() for mask in training]
    assert sums[0] > 13
    assert sums[9:] == pytest.approx([5] * 11, rel=1e-4)
    for mask in training[15:]:
        np.testing.assert_array_equal(mask, training[-1])
    for mask in ends:
        assert sorted(mask) == [0] * 15 + [1] * 5


def test_a_fit_that_ends_early_still_leaves_exactly_k():
    model = chain(20, TopKGate(5), Dense(1, "sigmoid"))

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    fit(model, GateSchedule(), Stop(), epochs=50)
    assert model.layers[0].get_support().sum() == 5


def test_saved_and_reloaded_it_trains_on_with_a_new_budget(tmp_path):
    model = chain(10, TopKGate(), Dense(8, "relu"), TopKGate(), Dense(1, "sigmoid"))
    fit(model, GateSchedule(budget=GateBudget(9)))
    save_model(model, tmp_path / "gated.keras")
    loaded = load_model(tmp_path / "gated.keras")
    x = events(40, 10)[0]
    np.testing.assert_array_equal(loaded(x), model(x))
    loaded.compile("adam", "binary_crossentropy", run_eagerly=True)
    fit(loaded, GateSchedule(budget=GateBudget(6)))
    assert loaded.layers[0].n_active + loaded.layers[2].n_active == 6
    fit(loaded, GateSchedule(budget=GateBudget(12)))
    assert loaded.layers[0].n_active + loaded.layers[2].n_active == 12
    before = [loaded.layers[0].mask, loaded.layers[2].mask]
    fit(loaded)  # no schedule: the masks stay, the weights train
    for mask, gate in zip(before, (loaded.layers[0], loaded.layers[2])):
        np.testing.assert_array_equal(gate.mask, mask)


def test_finds_the_informative_features_and_prunes_nodes_in_the_same_fit():
    rng = np.random.default_rng(0)
    informative = np.sort(rng.choice(39, 10, replace=False))
    x = rng.normal(size=(6000, 39)).astype(np.float32)
    y = (np.tanh(x[:, informative] * rng.choice([-2, 2], 10)).sum(1) > 0).astype(np.float32)
    keras.utils.set_random_seed(0)
    model = chain(39, TopKGate(10), Dense(32, "relu"), TopKGate(8), Dense(1, "sigmoid"), eager=False)
    model.fit(x, y, epochs=10, batch_size=128, verbose=0, callbacks=[GateSchedule()])
    np.testing.assert_array_equal(model.layers[0].get_support(indices=True), informative)
    shrunk = shrink(model)
    assert shrunk.features == tuple(informative)
    assert shrunk.report.after.sizes == (10, 8, 1)
    assert ((shrunk.predict(x)[:, 0] > 0.5) == y).mean() > 0.85


@pytest.mark.parametrize(
    "options, message",
    [
        ({"narrow_end": 0.6}, "narrow_end, hard_start, cool_end, freeze_start: expected ascending shares"),
        ({"freeze_start": 1.1}, "freeze_start"),
        ({"narrow_end": 0.0}, "narrow_end"),
        ({"temperature": (1.0, 0.0)}, "temperature: expected two positive numbers"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        GateSchedule(**options)


@pytest.mark.parametrize(
    "layers, budget, error, message",
    [
        (
            [TopKGate(name="open"), Dense(1)],
            None,
            ConfigError,
            r"budget: expected one for gate 'open', which has no k. Received: None",
        ),
        ([Dense(1)], None, ConfigError, "expected a model with TopKGate layers"),
        ([TopKGate(2), Dense(1)], GateBudget(5), ConfigError, "expected a model with TopKGate.. layers that have no k"),
        (
            [TopKGate(), Dense(5), TopKGate(), Dense(1)],
            GateBudget(1),
            BudgetError,
            "budget: expected at least 2 nodes.*Received: 1",
        ),
    ],
)
def test_what_cannot_be_scheduled(layers, budget, error, message):
    with pytest.raises(error, match=message) as caught:
        fit(chain(4, *layers), GateSchedule(budget=budget))
    assert "\n" not in str(caught.value)


def test_rejects_an_epoch_of_unknown_length():
    model = chain(3, TopKGate(2), Dense(1, "sigmoid"))
    x, y = events(20, 3)
    with pytest.raises(ConfigError, match="steps: expected an epoch of known length"):
        model.fit((pair for pair in [(x, y)]), epochs=1, verbose=0, callbacks=[GateSchedule()])
