"""Every schedule before and behind EarlyStopping: the same network, and what the schedule promises."""

import numpy as np
import pytest

from codesign._keras import keras
from codesign.compress import strip
from codesign.errors import TrainingError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.layers import PosteriorDense, TopKGate, VariationalDense
from codesign.network import Network
from codesign.posterior import CollapseSchedule, CollapseToBudget, LutBudget
from codesign.train import CostSchedule, GateBudget, GateSchedule, KLSchedule, StopAtDivergence, load_model

EPOCHS = 5
X = np.random.default_rng(0).normal(size=(24, 5)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)
Dense = keras.layers.Dense


def posterior():
    return [PosteriorDense(4, activation="relu", initial_log_sigma2=-12.0), PosteriorDense(1, initial_log_sigma2=-12.0)]


def has_count(model):
    assert model.layers[0].get_support().sum() == 2
    np.testing.assert_allclose(strip(model).predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)


def has_budget(model):
    assert sum(layer.get_support().sum() for layer in model.layers if isinstance(layer, TopKGate)) == 4


def strips(model):
    np.testing.assert_allclose(strip(model).predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)


def is_collapsed(model):
    np.testing.assert_array_equal(Network.from_keras(model).emulate(X), model.predict(X, verbose=0))


def is_small(model):
    is_collapsed(model)
    assert trace_adder_graph(Network.from_keras(model)).adder_cost <= 60


def collapses_later(model):
    model.fit(X, Y, verbose=0, callbacks=[CollapseSchedule(X, parts=(1.0,))])
    is_collapsed(model)


# What it schedules, the layers, what holds if epoch 1 or the last but one is put back.
CASES = {
    "gate": (GateSchedule, lambda: [TopKGate(2), Dense(1)], has_count, has_count),
    "gate budget": (
        lambda: GateSchedule(budget=GateBudget(4)),
        lambda: [TopKGate(), Dense(3), TopKGate(), Dense(1)],
        has_budget,
        has_budget,
    ),
    "kl": (lambda: KLSchedule(n_train=24, start=1, end=3), lambda: [VariationalDense(3), Dense(1)], strips, strips),
    "cost": (lambda: CostSchedule(1e-3), posterior, strips, strips),
    "collapse": (lambda: CollapseSchedule(X, parts=(0.5, 1.0)), posterior, collapses_later, is_collapsed),
    "lut budget": (lambda: LutBudget(60, X), posterior, strips, strips),
    "collapse to budget": (lambda: CollapseToBudget(60, X, parts=(0.5, 1.0)), posterior, collapses_later, is_small),
    "divergence": (StopAtDivergence, lambda: [Dense(1)], strips, strips),
}

SLOW = (
    "kl",
    "lut budget",
    "collapse to budget",
    "gate budget",
    "cost",
)  # an adder graph again and again, or like another case


class Score(keras.callbacks.Callback):
    """Makes one epoch the best."""

    def __init__(self, best):
        super().__init__()
        self.best = best

    def on_epoch_end(self, epoch, logs=None):
        logs["score"] = abs(epoch - self.best)


def train(make_schedule, make_layers, best, *, first, more=()):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5,)), *make_layers()])
    model.compile("adam", "mse", run_eagerly=True)
    stop = keras.callbacks.EarlyStopping("score", mode="min", patience=2, restore_best_weights=True)
    pair = [make_schedule(), stop] if first else [stop, make_schedule()]
    model.fit(X, Y, epochs=EPOCHS, batch_size=12, verbose=0, callbacks=[Score(best), *pair, *more])
    return model


@pytest.mark.parametrize("best", [pytest.param(0, marks=pytest.mark.slow), EPOCHS - 2])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CASES]
)
def test_the_order_beside_early_stopping_changes_nothing(name, best):
    make_schedule, make_layers, early, late = CASES[name]
    models = [train(make_schedule, make_layers, best, first=first) for first in (True, False)]
    for one, other in zip(*(model.get_weights() for model in models)):
        np.testing.assert_array_equal(one, other)
    (late if best else early)(models[0])


@pytest.mark.parametrize("first", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_checkpoint_of_any_epoch_holds_exactly_k(first, tmp_path):
    files = keras.callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.keras"))
    more = ([], [files])[first], ([files], [])[first]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5,)), TopKGate(2), Dense(1)])
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, Y, epochs=4, batch_size=12, verbose=0, callbacks=[*more[0], GateSchedule(), *more[1]])
    for epoch in range(1, 5):
        assert load_model(tmp_path / f"{epoch}.keras").layers[0].get_support().sum() == 2


def test_weights_from_within_an_epoch_are_refused_until_the_gate_is_frozen():
    kept = []
    model = keras.Sequential([keras.Input((5,)), TopKGate(2, name="choice"), Dense(1)])
    model.compile("adam", "mse", run_eagerly=True)
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: batch or kept.append(model.get_weights())
    )
    model.fit(X, Y, epochs=4, batch_size=12, verbose=0, callbacks=[GateSchedule(), keep])
    model.set_weights(kept[0])
    with pytest.raises(
        TrainingError, match="gate 'choice': expected a training with GateSchedule to its end.*freeze"
    ) as error:
        model.layers[0].get_support()
    assert "\n" not in str(error.value)
    model.layers[0].freeze()
    has_count(model)


def test_a_gate_that_was_trained_without_its_schedule_says_so():
    model = keras.Sequential([keras.Input((5,)), TopKGate(2, name="choice"), Dense(1)])
    model.compile("adam", "mse", run_eagerly=True)
    model.fit(X, Y, verbose=0)
    assert model.layers[0].get_support().sum() == 2
    with pytest.warns(UserWarning, match="gate 'choice' was trained without the callback GateSchedule"):
        strip(model)
