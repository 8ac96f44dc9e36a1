"""A network that was read is the user's own model: on random chains, and after deliberate damage."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.errors import AgreementError, SaturationWarning
from codesign.fpga import Design, Grid, sweep
from codesign.fpga.hls4ml.project import write_hls4ml_project
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.network import DenseLayer, FixedPoint, Network, quantize_network
from codesign.network.same_function import check_same_function, draw_events
from codesign.read.qkeras import QuantizedActivation
from tests.read.random_keras import random_model

KERNELS = ("quantized_bits({bits},0,alpha=1)", "quantized_bits({bits},1,1,alpha=1)", "ternary(alpha=1)",
           "binary(alpha=1)", "quantized_bits({bits},0,alpha='auto_po2')", "quantized_po2(4)")  # fmt: skip
BIASES = ("quantized_bits({bits},1,alpha=1)", "quantized_bits(12,3,alpha=1)")
STEPS = ("quantized_relu({bits})", "quantized_relu({bits},2)", "quantized_bits({bits},1,alpha=1)",
         "quantized_bits({bits},0,1,alpha=1)", "quantized_tanh({bits})", "quantized_sigmoid({bits})")  # fmt: skip


def softmax(values):
    powers = np.exp(values - values.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def check_read(seed, *, quantised):
    """Compared with Keras here too, by a simpler rule than the reader's own: almost every event agrees closely."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, quantised=quantised)
    network = Network.from_keras(model)
    x = (rng.normal(size=(400, network.n_inputs)) * np.exp2(rng.uniform(-3, 3, (400, 1)))).astype(np.float32)
    received, expected = model.predict(x, verbose=0), network.predict(x)
    if getattr(model.layers[-1], "activation", None) is keras.activations.softmax:
        expected = softmax(expected)
    close = np.abs(received - expected) <= 2e-5 * np.maximum(1, np.abs(expected).max(1, keepdims=True))
    assert close.all(1).mean() > (0.97 if quantised else 0.9999)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 6))])
def test_random_keras_chains_are_read(seed):
    check_read(seed, quantised=False)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 10))])
def test_random_qkeras_chains_are_read(seed):
    check_read(100 + seed, quantised=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(150))
def test_many_random_chains_are_read(seed):
    check_read(1000 + seed, quantised=seed % 3 > 0)


def chain(**options):
    rng = np.random.default_rng(0)
    quantizer = FixedPoint(6, 0, False, "RND_CONV", "SAT")
    layers = [DenseLayer("a", rng.normal(size=(5, 8)), rng.normal(size=8), "relu", quantizer=quantizer)]
    return Network.chain((*layers, DenseLayer("b", rng.normal(size=(8, 3)), rng.normal(size=3))), **options)


def test_a_network_agrees_with_itself_in_single_precision():
    network = chain()
    kernels = [(layer.kernel.astype(np.float32), layer.bias.astype(np.float32)) for layer in network.layers]

    def single(x):
        hidden = QuantizedActivation("relu", network.layers[0].quantizer)(x @ kernels[0][0] + kernels[0][1])
        return hidden.astype(np.float32) @ kernels[1][0] + kernels[1][1]

    check_same_function(network, single)


@pytest.mark.parametrize(
    "damage",
    [
        lambda layers: (replace(layers[0], quantizer=None), layers[1]),
        lambda layers: (replace(layers[0], quantizer=replace(layers[0].quantizer, integer=1)), layers[1]),
        lambda layers: (replace(layers[0], quantizer=replace(layers[0].quantizer, width=7)), layers[1]),
        lambda layers: (layers[0], replace(layers[1], bias=layers[1].bias + 1e-4)),
        lambda layers: (replace(layers[0], kernel=layers[0].kernel * 1.01), layers[1]),
        lambda layers: (replace(layers[0], activation="linear"), layers[1]),
    ],
    ids=["no saturation", "other range", "other width", "bias", "kernel", "activation"],
)
def test_a_difference_is_an_error_with_both_numbers(damage):
    network = chain()
    if damage(network.layers)[0].activation == "linear":
        network = Network.chain((replace(network.layers[0], quantizer=None), network.layers[1]))
    with pytest.raises(AgreementError, match=r"by the model and .* by the network") as error:
        check_same_function(network.with_layers(damage(network.layers)), network.predict)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("bits", [6, 16])
def test_a_wide_network_whose_every_event_is_near_a_step_is_compared_too(bits):
    rng = np.random.default_rng(bits)
    quantizer = FixedPoint(bits, 3, False, "RND_CONV", "SAT")
    sizes = (16, 64, 64, 5)
    layers = [
        DenseLayer(
            f"fc{i}", rng.normal(size=shape) / np.sqrt(shape[0]), rng.normal(size=shape[1]), "relu", quantizer=quantizer
        )
        for i, shape in enumerate(zip(sizes, sizes[1:]))
    ]
    network = Network.chain(layers)

    def predict(x):
        values = x.astype(np.float32)
        for layer in layers:
            sums = values @ layer.kernel.astype(np.float32) + layer.bias.astype(np.float32)
            values = quantizer.quantize(np.maximum(sums, 0)).astype(np.float32)
        return values

    check_same_function(network, predict)
    damaged = replace(layers[1], quantizer=replace(quantizer, integer=2))
    with pytest.raises(AgreementError):
        check_same_function(network.with_layers((layers[0], damaged, layers[2])), predict)


def test_events_reach_every_saturation_and_stay_below_it():
    network = chain()
    inside, beyond = [], []
    values_of = network.trace(draw_events(network))
    for layer, group in zip(network.layers, network.groups):
        if layer.quantizer is not None:
            values = values_of[group.dense.name]
            inside.append(((values > 0) & (values < layer.quantizer.high)).any(0))
            beyond.append((values > layer.quantizer.high).any(0))
    assert np.all(inside) and np.all(beyond)


def trained_network(seed, n_features=6):
    """A QKeras chain in which every tensor but the inputs has a type, and events on its input grid."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((n_features,))])
    for units in rng.integers(2, 9, rng.integers(1, 4)):
        kernel, bias, activation = (
            str(rng.choice(texts)).format(bits=rng.integers(3, 8)) for texts in (KERNELS, BIASES, STEPS)
        )
        initializers = {
            name: keras.initializers.RandomNormal(0, 0.8, seed=seed)
            for name in ("kernel_initializer", "bias_initializer")
        }
        model.add(QDense(int(units), kernel_quantizer=kernel, bias_quantizer=bias, **initializers))
        model.add(QActivation(activation))
    x = rng.normal(size=(300, n_features)) * np.exp2(rng.uniform(-2, 3, (300, 1)))
    network = Network.from_keras(model, x)
    fixed = quantize_network(network, x)
    return model, network, fixed, fixed.input_precision.quantize(x)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 8))])
def test_trained_types_give_the_trained_function_to_the_bit(seed):
    model, network, fixed, x = trained_network(seed)
    np.testing.assert_array_equal(fixed.emulate(x), network.predict(x))
    np.testing.assert_allclose(
        fixed.emulate(x), model.predict(x, verbose=0), atol=1e-4
    )  # QKeras gives x + (quantised - x)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_trained_types_in_the_c_simulation_and_the_adder_graph(seed, tmp_path):
    _, network, fixed, x = trained_network(seed)
    outputs = fixed.emulate(x)
    np.testing.assert_array_equal(outputs, network.predict(x))
    np.testing.assert_array_equal(trace_adder_graph(fixed).predict(x), outputs)
    design = Design(fixed, implementation="hls4ml-latency", reuse_factor=1)
    np.testing.assert_array_equal(write_hls4ml_project(design, tmp_path / "project").simulate(x), outputs)


def test_a_qkeras_model_is_swept_in_its_trained_types_and_a_number_of_bits_keeps_the_trained_range():
    model, network, _, x = trained_network(3)
    labels = model.predict(x, verbose=0).argmax(1)
    designs = sweep(
        network, x, labels, Grid(implementations=("unrolled",), adder_levels_per_stage=(3,)), progress=False, jobs=1
    )
    assert [design.precision for design in designs] == ["w:trained a:trained"]
    assert designs[0].accuracy > 0.99
    with pytest.warns(SaturationWarning, match=r"saturate in the range.*: \d+ of \d+"):
        narrow = quantize_network(network, x / 64, weights=8, activations=9)
    kept = [(layer.precision.output.integer, layer.precision.output.signed) for layer in narrow.layers]
    assert kept == [(layer.quantizer.integer, layer.quantizer.signed) for layer in network.layers]


@pytest.mark.parametrize(
    ("widths", "told"),
    [
        ({"activations": "trained", "inputs": 8}, ["inputs"]),
        ({"activations": {"a": 6}, "inputs": "trained"}, ["a"]),
        ({"activations": {"a": "trained"}, "inputs": "trained"}, []),
        ({"activations": 6}, ["inputs", "a"]),
    ],
)
def test_only_a_number_of_bits_makes_saturation_worth_a_word(widths, told):
    network = chain(input_quantizer=FixedPoint(8, 2, True, "RND_CONV", "SAT"))
    x = 4 * np.random.default_rng(1).normal(size=(200, 5))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SaturationWarning)
        quantize_network(network, x, weights=8, **widths)
    assert [name for name in ("inputs", "a") if any(f"{name}: " in str(one.message) for one in caught)] == told


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 4))])
def test_trained_types_come_near_where_some_tensors_have_none(seed):
    """Sigmoid and linear outputs, float layers and folded normalisations beside quantised ones.

    16 bits where there is no type.
    """
    rng = np.random.default_rng(500 + seed)
    network = Network.from_keras(random_model(rng, quantised=True))
    x = rng.normal(size=(300, network.n_inputs))
    if network.has_trained_types:
        outputs, emulated = network.predict(x), quantize_network(network, x).emulate(x)
        assert np.abs(emulated - outputs).mean() <= 0.03 * np.abs(outputs).max()
