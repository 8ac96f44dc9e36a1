import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import ConfigError, DataError, TrainingError, UnsupportedLayerError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import COLLAPSED, COLLAPSING, NOISY, ROUNDED, TRUNCATED
from codesign.network import Network
from codesign.posterior import CollapseSchedule, cheapest_values
from codesign.posterior.equalize import equalize_scales
from codesign.posterior.feeds import Feeder
from codesign.train import CostSchedule, load_model, save_model
from tests.posterior.collapse_examples import WILD, X, Y, fit, model_of, posterior_layers, small_model


@pytest.fixture(scope="module")
def trained():
    model = small_model()
    fit(model, CostSchedule(1e-4), epochs=15, eager=False)
    return model


@pytest.fixture
def copy(trained):
    model = small_model()
    model.set_weights(trained.get_weights())
    return model


class Record(keras.callbacks.Callback):
    """Keeps, after each epoch, which weights are fixed and the kernels that inference uses."""

    def __init__(self):
        super().__init__()
        self.frozen, self.kernels = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.frozen.append([layer.frozen.numpy() > 0 for layer in posterior_layers(self.model)])
        self.kernels.append([layer.inference_kernel for layer in posterior_layers(self.model)])


def reference(model, x):
    """The collapsed network in float64, from the layers' formats, without FixedPoint."""
    values = x.astype(np.float64)
    layers = posterior_layers(model)
    for layer in layers:
        source = layer.input_format
        step, low = 2.0 ** (source.integer - source.width), -(2.0 ** (source.integer - 1)) * source.signed
        if source.rounding == "RND":
            values = np.clip(np.floor(values / step + 0.5) * step, low, low + 2.0**source.integer - step)
        else:
            values = low + np.mod(np.floor(values / step) * step - low, 2.0**source.integer)
        values = values @ layer.inference_kernel.astype(np.float64) + layer.fixed_bias.numpy()
        if layer is not layers[-1]:
            values = np.maximum(values, 0)
    return values


@pytest.mark.parametrize("eager", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_collapsed_network_is_exact(copy, eager):
    from codesign.fpga.rtl.adder_graph import trace_adder_graph

    fit(copy, CollapseSchedule(X), eager=eager)
    assert [layer.stage for layer in posterior_layers(copy)] == [COLLAPSED] * 3
    assert [layer.mode for layer in posterior_layers(copy)] == [ROUNDED, TRUNCATED, TRUNCATED]
    network, expected = Network.from_keras(copy), reference(copy, WILD)
    np.testing.assert_array_equal(network.emulate(WILD), expected)
    np.testing.assert_array_equal(copy.predict(WILD, verbose=0), expected)
    np.testing.assert_array_equal(trace_adder_graph(network).predict(WILD), expected)
    assert np.mean(expected[: len(X)].argmax(1) == Y) > 0.75
    assert (network.input_precision.signed, network.layers[0].precision.output.signed) == (True, False)


@pytest.mark.slow
def test_training_events_do_not_overflow_and_biases_are_multiples_of_the_step_they_feed(copy):
    fit(copy, CollapseSchedule(X))
    layers = posterior_layers(copy)
    for before, after in zip(layers, layers[1:]):
        assert (2 * before.fixed_bias.numpy() % after.input_step.numpy() == 0).all()
    assert (layers[-1].fixed_bias.numpy() * 16 % 1 == 0).all()
    for layer in layers:
        layer.input_span.assign(16 * layer.input_span)
    np.testing.assert_array_equal(reference(copy, X), Network.from_keras(copy).emulate(X))
    wide = reference(copy, X)
    for layer in layers:
        layer.input_span.assign(layer.input_span / 16)
    np.testing.assert_array_equal(reference(copy, X), wide)


@pytest.mark.slow
def test_weights_take_their_cheap_value_in_parts_and_stay(copy):
    record, starts = Record(), []
    schedule = CollapseSchedule(X, parts=(0.5, 1), weight_width=1.0)
    begin = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: starts.append([layer.kernel.numpy() for layer in posterior_layers(copy)])
    )
    below = [layer.kernel.numpy() ** 2 < np.exp(layer.log_sigma2) / 4 for layer in posterior_layers(copy)]
    fit(copy, begin, schedule, record, epochs=4, eager=False)
    noise = [
        np.exp(0.5 * layer.log_sigma2.numpy().astype(np.float64)) for layer in posterior_layers(copy)
    ]  # as it was rescaled
    for index, (sigma, zero) in enumerate(zip(noise, below)):
        first, last = record.frozen[0][index], record.frozen[2][index]
        assert np.sum(first & ~zero) == np.ceil(0.5 * np.sum(~zero))
        assert last.all()
        for epoch in (1, 2, 3):
            np.testing.assert_array_equal(record.kernels[epoch][index][first], record.kernels[0][index][first])
        assert (record.kernels[0][index][~first] != record.kernels[1][index][~first]).any()
        for epoch, fixed in ((0, first & ~zero), (2, last & ~first)):
            theta = np.where(zero, 0, starts[epoch][index]).astype(np.float64)
            cheap = cheapest_values(theta - sigma, theta + sigma, theta)
            np.testing.assert_array_equal(record.kernels[3][index][fixed], cheap[fixed])
        assert (record.kernels[3][index][zero] == 0).all()


@pytest.mark.slow
def test_a_collapsed_network_does_not_train_any_more(copy):
    fit(copy, CollapseSchedule(X))
    before = copy.predict(WILD, verbose=0)
    fit(copy, epochs=2)
    np.testing.assert_array_equal(copy.predict(WILD, verbose=0), before)
    with pytest.raises(ConfigError, match="expected a model with PosteriorDense layers that are not collapsed"):
        fit(copy, CollapseSchedule(X))


@pytest.mark.parametrize(
    "stage", [pytest.param(NOISY, marks=pytest.mark.slow), COLLAPSING, pytest.param(COLLAPSED, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("suffix", [pytest.param(".h5", marks=pytest.mark.slow), ".keras"])
def test_saves_at_every_stage_and_goes_on(copy, stage, suffix, tmp_path):
    if stage:
        parts = (1.0,) if stage == COLLAPSED else (0.4, 1.0)
        stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(copy, "stop_training", True))
        fit(copy, CollapseSchedule(X, parts=parts), stop, epochs=2)
    assert [layer.stage for layer in posterior_layers(copy)] == [stage] * 3
    save_model(copy, tmp_path / f"model{suffix}")
    loaded = load_model(tmp_path / f"model{suffix}")
    np.testing.assert_array_equal(loaded.predict(WILD, verbose=0), copy.predict(WILD, verbose=0))
    if stage < COLLAPSED:
        fit(loaded, CollapseSchedule(X, parts=(0.5, 1.0)), epochs=2)
    np.testing.assert_array_equal(Network.from_keras(loaded).emulate(WILD), reference(loaded, WILD))


@pytest.mark.slow
def test_an_interrupted_fit_leaves_a_model_that_predicts(copy):
    def interrupt(batch, logs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(copy, CollapseSchedule(X), keras.callbacks.LambdaCallback(on_batch_end=interrupt))
    assert np.mean(copy.predict(X, verbose=0).argmax(1) == Y) > 0.7
    with pytest.raises(UnsupportedLayerError, match="finish the collapse"):
        Network.from_keras(copy)
    fit(copy, CollapseSchedule(X))
    assert Network.from_keras(copy).emulate(X).shape == (600, 3)


def test_formats_survive_a_file(copy, tmp_path):
    fit(copy, CollapseSchedule(X), epochs=1)
    network = Network.from_keras(copy)
    network.save(tmp_path / "network.json")
    np.testing.assert_array_equal(Network.load(tmp_path / "network.json").emulate(WILD), network.emulate(WILD))


@pytest.mark.slow
def test_a_cost_beyond_all_reason_gives_no_nan():
    model = small_model()
    fit(model, CostSchedule(10.0, start=0.0, end=0.1), epochs=30, rate=0.5, eager=False)
    assert np.isfinite(np.concatenate([weight.ravel() for weight in model.get_weights()])).all()
    assert np.mean([layer.sparsity for layer in posterior_layers(model)]) > 0.5
    fit(model, CollapseSchedule(X), epochs=1)
    np.testing.assert_array_equal(Network.from_keras(model).emulate(WILD), model.predict(WILD, verbose=0))


@pytest.mark.slow
def test_weights_of_very_different_sizes_have_a_type(copy):
    layers = posterior_layers(copy)
    fit(copy, CollapseSchedule(X), epochs=1)
    layers[1].fixed_kernel.assign(layers[1].inference_kernel * np.float32([2.0**14, 1, 2.0**-9, 1, 1]))
    network = Network.from_keras(copy)
    np.testing.assert_array_equal(network.emulate(X), reference(copy, X))


def test_balancing_changes_nothing(copy):
    before, cost = copy.predict(X, verbose=0), [layer.cost for layer in posterior_layers(copy)]
    first, second, _ = posterior_layers(copy)
    second.mean_square.assign(np.float32([2.0**8, 2.0**-6, 1, 0, 2.0**-30, 3]))
    cost[1] = second.cost
    equalize_scales([Feeder(first, 0)], second)
    np.testing.assert_array_equal(copy.predict(X, verbose=0), before)
    assert [layer.cost for layer in posterior_layers(copy)] == pytest.approx(cost)
    np.testing.assert_allclose(second.mean_square, [1, 1, 1, 0, 2.0**-18, 0.75])


@pytest.mark.slow
def test_before_the_collapse_a_network_has_no_types(copy):
    network = Network.from_keras(copy)
    assert network.input_precision is None
    np.testing.assert_allclose(network.predict(X), copy.predict(X, verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"parts": (0.5, 0.4, 1)}, "parts: expected shares that ascend to 1"),
        ({"parts": (0.5, 0.9)}, "parts"),
        ({"parts": ()}, "parts"),
        ({"weight_width": 0.0}, "weight_width, input_width: expected positive numbers"),
        ({"input_width": np.nan}, "weight_width, input_width"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ConfigError, match=message):
        CollapseSchedule(X, **options)


@pytest.mark.parametrize("x", [X[:0], np.where(X > 2, np.nan, X)])
def test_bad_events(x):
    with pytest.raises(DataError, match="x_train: expected finite training events"):
        CollapseSchedule(x)


def test_bad_models(copy):
    with pytest.raises(DataError, match=r"x_train: expected shape \(n_events, 4\). Received: \(600, 3\)"):
        fit(copy, CollapseSchedule(X[:, :3]))
    with pytest.raises(ConfigError, match="PosteriorDense layers that are not collapsed. Received: none"):
        fit(model_of(keras.layers.Dense(3)), CollapseSchedule(X))


@pytest.mark.parametrize("epoch", [-1, pytest.param(0, marks=pytest.mark.slow), 1])
def test_weights_that_ran_away_are_not_rounded(epoch):
    def spoil(layer):
        layer.bias.assign([np.nan] * 3)

    model = model_of(PosteriorDense(3, name="only"))
    if epoch < 0:
        spoil(model.layers[0])
    later = keras.callbacks.LambdaCallback(on_epoch_end=lambda now, logs: now == epoch and spoil(model.layers[0]))
    with pytest.raises(
        TrainingError, match="layer 'only': expected finite weights to round. Received: NaN or inf; lower"
    ) as error:
        fit(model, CollapseSchedule(X, parts=(0.5, 1)), later, epochs=2)
    assert "\n" not in str(error.value) and model.layers[0].stage == (NOISY if epoch < 0 else COLLAPSING)
