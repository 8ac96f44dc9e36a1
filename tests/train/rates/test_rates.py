"""Learning rates and momenta step by step, against formulas written out here, with every kind of optimizer."""

import math
from itertools import combinations_with_replacement

import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.train import CosineWarmRestarts, FastGeometricEnsembling, OneCycle, SnapshotEnsemble
from codesign.train.restart import fit_resumable
from tests.train.killed import goes_on

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = X[:, :1] - X[:, 1:]
STEPS, EPOCHS = 5, 6  # batches of 8 events
OPTIMIZERS = keras.optimizers


class Seen(keras.callbacks.Callback):
    """Notes the learning rate and the momentum of each step."""

    def __init__(self, name=None):
        super().__init__()
        self.name, self.rates, self.momenta = name, [], []

    def on_train_batch_end(self, batch, logs=None):
        optimizer = self.model.optimizer
        self.rates.append(float(optimizer.learning_rate.numpy()))
        self.momenta.append(float(getattr(optimizer, self.name)) if self.name else None)


def model_of(optimizer="adam"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def fit(model, *callbacks, epochs=EPOCHS, **options):
    return model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, shuffle=False, callbacks=list(callbacks), **options)


def half_cosine(start, end, share):
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def one_cycle(step):
    """10 steps up, 20 steps down."""
    if step < 10:
        return half_cosine(1e-4, 1e-2, step / 10), half_cosine(0.95, 0.85, step / 10)
    return half_cosine(1e-2, 0, (step - 10) / 20), half_cosine(0.85, 0.95, (step - 10) / 20)


def warm_restarts(step):
    """Cycles of 1, 2 and 4 epochs."""
    begin, length = next(one for one in ((15, 20), (5, 10), (0, 5)) if step >= one[0])
    return half_cosine(2e-3, 0, (step - begin) / length)


def geometric(step):
    """The two lines of arXiv:1802.10026, cycles of 2 epochs."""
    t, high, low = (step % 10 + 1) / 10, 2e-3, 2e-4
    return (1 - 2 * t) * high + 2 * t * low if t <= 0.5 else (2 - 2 * t) * low + (2 * t - 1) * high


@pytest.mark.parametrize(
    "callback, expected",
    [
        (lambda: CosineWarmRestarts(2e-3), warm_restarts),
        (lambda: CosineWarmRestarts(0.5, end=0.1, factor=1), lambda step: half_cosine(0.5, 0.1, step % 5 / 5)),
        pytest.param(
            lambda: SnapshotEnsemble(3), lambda step: half_cosine(2e-3, 0, step % 15 / 15), marks=pytest.mark.slow
        ),
        pytest.param(lambda: FastGeometricEnsembling(cycle_epochs=2), geometric, marks=pytest.mark.slow),
        (
            lambda: FastGeometricEnsembling(cycle_epochs=2, start=3),
            lambda step: 1e-3 if step < 15 else geometric(step - 15),
        ),
    ],
)
def test_the_rate_of_each_step(callback, expected):
    model, seen = model_of(), Seen()
    history = fit(model, callback(), seen)
    np.testing.assert_allclose(seen.rates, [expected(step) for step in range(30)], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(history.history["lr"], seen.rates[4::5])
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(1e-3)  # as it was compiled


MOVING = {
    "Adam": ("beta_1", lambda: OPTIMIZERS.Adam()),
    "SGD": ("momentum", lambda: OPTIMIZERS.SGD(momentum=0.5)),
    "Nadam": ("beta_1", lambda: OPTIMIZERS.Nadam()),
    "legacy Adam": ("beta_1", lambda: OPTIMIZERS.legacy.Adam()),
    "legacy SGD": ("momentum", lambda: OPTIMIZERS.legacy.SGD(momentum=0.5)),
}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in ("SGD", "legacy Adam") else pytest.mark.slow) for kind in MOVING]
)
def test_one_cycle_moves_rate_and_momentum(kind):
    name, optimizer = MOVING[kind]
    model, seen = model_of(optimizer()), Seen(name)
    before = float(getattr(model.optimizer, name))
    fit(model, OneCycle(), seen)
    np.testing.assert_allclose(
        np.transpose([seen.rates, seen.momenta]), [one_cycle(step) for step in range(30)], rtol=1e-4, atol=1e-8
    )
    assert float(getattr(model.optimizer, name)) == pytest.approx(before)
    assert model.optimizer.get_config()[name] == pytest.approx(before)


def test_the_compiled_step_uses_the_momentum_that_moves():
    """Plain SGD with momentum, by hand, in a model that was trained before: its compiled step had another momentum."""
    model = model_of(OPTIMIZERS.SGD(1e-4, momentum=0.5))
    fit(model, epochs=1)
    weights = [one.astype(np.float64) for one in model.get_weights()]
    slots = [slot.numpy().astype(np.float64) for slot in model.optimizer.momentums]
    fit(model, OneCycle(0.1, start=1e-4))
    for step in range(30):
        batch = slice(step % 5 * 8, step % 5 * 8 + 8)
        error = 2 * (X[batch] @ weights[0] + weights[1] - Y[batch]) / 8
        cycle = OneCycle(0.1, start=1e-4)
        rate, momentum = cycle.learning_rate_at(step / 30), cycle.momentum_at(step / 30)
        slots = [momentum * slot - rate * slope for slot, slope in zip(slots, (X[batch].T @ error, error.sum(0)))]
        weights = [weight + slot for weight, slot in zip(weights, slots)]
    for weight, expected in zip(model.get_weights(), weights):
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "optimizer, message",
    [
        (lambda: OPTIMIZERS.Adagrad(), "optimizer: expected one with momentum.*Adagrad.*momentum=None"),
        (lambda: OPTIMIZERS.SGD(), "momentum above 0.*SGD with 0"),
        (lambda: OPTIMIZERS.legacy.SGD(), "momentum above 0.*SGD with 0"),
        (lambda: OPTIMIZERS.RMSprop(momentum=0.5), "momentum can move.*RMSprop"),
        (lambda: OPTIMIZERS.Adam(OPTIMIZERS.schedules.CosineDecay(0.1, 9)), "learning_rate: expected a number.*Cosine"),
        (lambda: OPTIMIZERS.legacy.Adam(OPTIMIZERS.schedules.CosineDecay(0.1, 9)), "learning_rate: expected a number"),
    ],
)
def test_an_optimizer_that_cannot_is_one_line(optimizer, message):
    with pytest.raises(ConfigError, match=message) as error:
        fit(model_of(optimizer()), OneCycle())
    assert "\n" not in str(error.value)


def test_without_momentum_any_optimizer_will_do():
    model, seen = model_of(OPTIMIZERS.Adagrad()), Seen()
    fit(model, OneCycle(momentum=None), seen)
    np.testing.assert_allclose(seen.rates, [one_cycle(step)[0] for step in range(30)], rtol=1e-5, atol=1e-9)


OURS = {
    "OneCycle": OneCycle,
    "CosineWarmRestarts": CosineWarmRestarts,
    "SnapshotEnsemble": lambda: SnapshotEnsemble(2),
    "FastGeometricEnsembling": lambda: FastGeometricEnsembling(cycle_epochs=2, start=3),
}


def test_one_callback_sets_the_rate():
    model = model_of()
    weights = model.get_weights()
    for pair in combinations_with_replacement(OURS, 2):
        with pytest.raises(ConfigError, match=f"Received: {pair[0]} and {pair[1]}, ") as error:
            fit(model, *(OURS[name]() for name in pair))
        assert "\n" not in str(error.value)
    for before, after in zip(weights, model.get_weights()):
        np.testing.assert_array_equal(before, after)
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(1e-3)
    fit(model, keras.callbacks.EarlyStopping("loss"), CosineWarmRestarts(), epochs=1)  # behind fits that failed


def rate_of_half(hook):
    return lambda model: keras.callbacks.LambdaCallback(
        **{hook: lambda epoch, logs: model.optimizer.learning_rate.assign(0.5)}
    )


OTHERS = {
    "at the beginning": rate_of_half("on_epoch_begin"),
    "at the end": rate_of_half("on_epoch_end"),
    "LearningRateScheduler": lambda model: keras.callbacks.LearningRateScheduler(lambda epoch: 0.5),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("first", [True, False])
def test_who_sets_the_rate_beside_a_schedule_is_found_out_before_the_next_epoch(other, first):
    model, seen = model_of(), Seen()
    other = OTHERS[other](model)
    pair = (other, CosineWarmRestarts()) if first else (CosineWarmRestarts(), other)
    with pytest.raises(ConfigError, match="expected that CosineWarmRestarts alone sets .* Received: 0.5 after"):
        fit(model, *pair, seen)
    assert len(seen.rates) == STEPS


def test_an_epoch_of_unknown_length_is_one_line():
    batches = tf.data.Dataset.from_generator(
        lambda: iter([(X, Y)]), output_signature=(tf.TensorSpec((None, 2)), tf.TensorSpec((None, 1)))
    )
    with pytest.raises(ConfigError, match="steps: expected an epoch of known length"):
        model_of().fit(batches, verbose=0, callbacks=[CosineWarmRestarts()])


def test_a_model_saved_on_the_way_goes_on_in_another_process_as_if_nothing_had_happened(tmp_path):
    """Weights, optimizer and steps of two fits are those of one; what is saved in the middle of the cycle is whole."""
    whole, seen = model_of(), Seen("beta_1")
    fit(whole, OneCycle())
    path = tmp_path / "model.keras"
    first = model_of()
    stop = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epoch == 2 and setattr(first, "stop_training", True)
    )
    fit(first, OneCycle(), keras.callbacks.ModelCheckpoint(str(path)), stop)
    second = keras.models.load_model(path)
    fit(second, OneCycle(), seen, initial_epoch=3)
    np.testing.assert_allclose(
        np.transpose([seen.rates, seen.momenta]), [one_cycle(step) for step in range(15, 30)], rtol=1e-4, atol=1e-8
    )
    for one, other in zip(whole.get_weights(), second.get_weights()):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [OneCycle, lambda: SnapshotEnsemble(2), lambda: FastGeometricEnsembling(cycle_epochs=2)]
)
def test_a_training_that_was_killed_ends_with_the_same_bits(make, tmp_path):
    def run(*more, directory=None):
        model, callback = model_of(), make()
        options = {"batch_size": 8, "epochs": EPOCHS, "seed": 1, "restart_directory": directory}
        fit_resumable(model, (X, Y), callbacks=[callback, *more], **options)
        return [*model.get_weights(), *(one for weights in getattr(callback, "snapshots", ()) for one in weights)]

    expected, received = goes_on(run, 3, tmp_path)
    assert len(received) == len(expected)
    for one, other in zip(expected, received):
        np.testing.assert_array_equal(one, other)
