import numpy as np
import pytest

from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network, quantize_network
from tests.random_networks import random_events, random_network, with_random_accumulators


def slow_emulate(network: Network, x: np.ndarray) -> np.ndarray:
    """The C++ of hls4ml as plain loops over events and units, in exact floats; no tables."""
    outputs = []
    for event in network.input_precision.quantize(x):
        for fixed in network.fixed_layers:
            precision = fixed.layer.precision
            kernel, bias = precision.weight.quantize(fixed.layer.kernel), precision.bias.quantize(fixed.layer.bias)
            sums = fixed.dense.accum.quantize(bias)
            for value, weights in zip(event, kernel):
                sums = fixed.dense.accum.quantize(sums + fixed.dense.accum.quantize(value * weights))
            event = fixed.dense.output.quantize(sums)
            event = fixed.output.quantize(np.maximum(event, 0) if fixed.layer.activation == "relu" else event)
        outputs.append(event)
    return np.array(outputs)


@pytest.mark.parametrize("seed", range(60))
def test_emulate_equals_plain_loops(seed):
    rng = np.random.default_rng(seed)
    network = random_network(rng, per_element=seed % 3 == 2)
    if seed % 2:
        network = with_random_accumulators(rng, network)
    x = random_events(rng, network, 20)
    np.testing.assert_array_equal(network.emulate(x), slow_emulate(network, x))


def test_wide_types_stay_exact():
    rng = np.random.default_rng(1)
    types = LayerPrecision(FixedPoint(24, 2), FixedPoint(24, 2))
    layers = [DenseLayer(f"d{i}", rng.normal(size=(3, 3)), rng.normal(size=3), precision=types) for i in range(1)]
    network = Network.chain(layers, FixedPoint(30, 4))
    x = rng.normal(size=(50, 3))
    kernel, bias = FixedPoint(24, 2).to_codes(layers[0].kernel), FixedPoint(24, 2).to_codes(layers[0].bias)
    codes = FixedPoint(30, 4).to_codes(x)
    expected = [
        [sum(int(a) * int(w) for a, w in zip(row, column)) + (int(b) << 26) for column, b in zip(kernel.T, bias)]
        for row in codes
    ]
    np.testing.assert_array_equal(network.emulate_codes(codes).astype(object), np.array(expected, dtype=object))


def test_sums_beyond_62_bits_are_refused():
    types = LayerPrecision(FixedPoint(40, 2), FixedPoint(40, 2))
    network = Network.chain([DenseLayer("d", np.ones((2, 2)), np.zeros(2), precision=types)], FixedPoint(40, 4))
    with pytest.raises(PrecisionError, match="within 62 bits"):
        network.emulate(np.ones((1, 2)))


def test_predict_is_the_float_network():
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=(3, 4)), rng.normal(size=(4, 2))]
    network = Network.chain(
        [DenseLayer("a", kernels[0], np.ones(4), "sigmoid"), DenseLayer("b", kernels[1], np.zeros(2), "tanh")]
    )
    x = rng.normal(size=(10, 3))
    expected = np.tanh(1 / (1 + np.exp(-(x @ kernels[0] + 1))) @ kernels[1])
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-12)


def test_wide_quantisation_approaches_the_float_network():
    network = random_network(np.random.default_rng(5), (6, 8, 4), explicit_types=False)
    x = np.random.default_rng(0).normal(size=(100, 6))
    quantised = quantize_network(network, x, weights=16, activations=16)
    np.testing.assert_allclose(quantised.emulate(x), network.predict(x), atol=0.02, rtol=0.02)


def test_trained_types_are_kept():
    network = random_network(np.random.default_rng(3), (4, 5, 3), explicit_types=False)
    kept = quantize_network(network, np.ones((2, 4)), weights="trained", activations="trained", inputs="trained")
    assert [layer.precision.weight for layer in kept.layers] == [layer.precision.weight for layer in network.layers]
    assert kept.input_precision == network.input_precision


def test_narrow_type_says_how_many_weights_saturate():
    network = Network.chain([DenseLayer("fc", np.array([[0.2, 3.0], [-5.0, 0.1]]), np.zeros(2))])
    with pytest.raises(
        PrecisionError, match=r"2 of 4 weights of layer 'fc' saturate in ap_fixed<4,1>.*at least 4 integer bits"
    ):
        quantize_network(network, np.ones((1, 2)), weights="ap_fixed<4,1>", activations=8)


@pytest.mark.parametrize(
    "x, message",
    [
        (np.ones((3, 5)), r"x: expected shape \(n_events, 4\)"),
        (np.ones(4), r"x: expected shape"),
        (np.array([[0, np.nan, 0, 0]]), "NaN or inf in 1 of 1 events"),
        ("abc", "x: expected"),
    ],
)
def test_bad_events(x, message):
    network = random_network(np.random.default_rng(0), (4, 2))
    with pytest.raises(DataError, match=message):
        network.emulate(x)


def test_no_events_give_no_outputs():
    network = random_network(np.random.default_rng(0), (4, 2))
    assert network.emulate(np.zeros((0, 4))).shape == (0, 2)


def test_missing_types_are_said():
    network = Network.chain([DenseLayer("fc", np.ones((2, 1)), np.zeros(1))])
    with pytest.raises(PrecisionError, match="quantize_network"):
        network.emulate(np.ones((1, 2)))


def test_layers_must_fit_together():
    with pytest.raises(UnsupportedLayerError, match="layer 'b': expected 3 inputs"):
        Network.chain([DenseLayer("a", np.ones((2, 3)), np.zeros(3)), DenseLayer("b", np.ones((2, 3)), np.zeros(3))])
    with pytest.raises(PrecisionError, match="kernel of layer 'a'"):
        DenseLayer("a", np.array([[np.nan]]), np.zeros(1))
    with pytest.raises(UnsupportedLayerError, match="softsign"):
        DenseLayer("a", np.ones((1, 1)), np.zeros(1), "softsign")
