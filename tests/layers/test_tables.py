"""TableSum and its parts: gradients, grids, what is refused, and the way from a network to `fit` and back."""

import numpy as np
import pytest
from qkeras import QDense

from codesign._keras import keras, tf
from codesign.compress import strip
from codesign.errors import ConfigError, PrecisionError, UnsupportedLayerError
from codesign.layers import KeyBits, PosteriorDense, SegmentSum, TableLookup, TableSum
from codesign.network import FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import Bit, Concatenate, Dense, Quantize, Table, Threshold
from codesign.network.ops import SegmentSum as SegmentSumOp
from codesign.train import load_model, save_model

WORDS = FixedPoint(6, 3, rounding="RND", overflow="SAT")
N = 4


def grown(rng, n_tables=6, rounded=False):
    """A network as it is grown: keys on codes of words, leaves of a few bits on a step, two scores."""
    places, codes = rng.integers(0, N, 9), rng.integers(-28, 29, 9)
    bits = Bit(rng.integers(0, N, 3), np.exp2(rng.integers(-3, 3, 3)))
    keys = [rng.permutation(12)[: rng.integers(1, 7)].tolist() for _ in range(n_tables)]
    nodes = [
        *([Node("rounded", Quantize(WORDS), ["x"])] if rounded else []),
        Node("bits", bits, ["rounded" if rounded else "x"]),
        Node("cuts", Threshold(places, codes / 8), ["rounded" if rounded else "x"]),
        Node("keys", Concatenate(), ["bits", "cuts"]),
        Node("tables", Table(keys, [rng.integers(-8, 8, 2 ** len(one)) / 4 for one in keys]), ["keys"]),
        Node("y", SegmentSumOp(rng.integers(0, 2, n_tables), [0.25, -1.5]), ["tables"]),
    ]
    return Network(nodes, [Input("x", (N,), WORDS)], ["y"])


def events(rng, n=400):
    x = WORDS.quantize(rng.normal(size=(n, N)) * 2).astype(np.float32)
    return x, ((x[:, 0] > 0.5) ^ (x[:, 1] > -1) | (x[:, 2] > 2)).astype(np.int64)


@pytest.mark.parametrize("rounded", [False, True])
def test_a_grown_network_is_a_layer_and_the_same_network_again(rounded, tmp_path):
    rng = np.random.default_rng(1)
    network, (x, _) = grown(rng, rounded=rounded), events(rng)
    layer = TableSum.from_network(network)
    model = keras.Sequential([keras.Input((N,)), layer])
    np.testing.assert_array_equal(model(x), network.predict(x))
    save_model(model, tmp_path / "model.keras")
    again = Network.from_keras(load_model(tmp_path / "model.keras"))
    assert [type(node.op) for node in again.nodes] == [Quantize, Threshold, Bit, Concatenate, Table, SegmentSumOp]
    for read in (again, Network.from_keras(again.to_keras()), Network.from_keras(network.to_keras())):
        np.testing.assert_array_equal(read.predict(x), network.predict(x))
    np.testing.assert_array_equal(quantize_network(again, x).emulate(x), network.emulate(x))
    assert again.input_precision == WORDS
    types = again.types[again.nodes[-2].name]
    bits, step = np.broadcast_to(types.width, 6), 2.0 ** -np.broadcast_to(types.fraction, 6)
    assert (layer.lookup.leaf_bits <= bits).all() and layer.lookup.step == step.tolist()


def test_fit_goes_on_beside_dense_layers_and_stays_exact():
    """Tables in front of a QDense, and a PosteriorDense beside: one loss, one network of both kinds of unit."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    network, (x, y) = grown(rng), events(rng, 1000)
    inputs = keras.Input((N,))
    tables = TableSum.from_network(network, name="trees")
    scores = tables(inputs)
    quantized = {"kernel_quantizer": "quantized_bits(6,2,alpha=1)", "bias_quantizer": "quantized_bits(8,3,alpha=1)"}
    second = QDense(2, **quantized, name="mixed")(keras.layers.Concatenate()([scores, tables.keys(inputs)]))
    residual = PosteriorDense(2, input_precision="ap_fixed<6,3>")(inputs)
    outputs = SegmentSum(2, [0, 1] * 3, step=0.125, name="total")(
        keras.layers.Concatenate()([scores, second, residual])
    )
    model = keras.Model(inputs, outputs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss, run_eagerly=True)
    before = [weight.numpy() for weight in tables.weights]
    history = model.fit(x, y, epochs=4, batch_size=100, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert all((weight.numpy() != one).any() for weight, one in zip(tables.weights, before))
    steps = tables.keys.key_thresholds * 8
    np.testing.assert_array_equal(steps, np.rint(steps))
    assert all(np.ptp(one) * 4 < 16 for one in tables.lookup.op().entries)
    read = Network.from_keras(model, x)
    assert {Threshold, Bit, Table, SegmentSumOp, Dense} <= {type(node.op) for node in read.nodes}


def test_gradients_are_those_of_the_sigmoid_and_of_the_other_leaf():
    x, threshold, width = np.array([[0.3], [1.4], [0.5]], np.float32), 0.5, 0.25
    layer = KeyBits([(0, threshold)], surrogate_width=width)
    with tf.GradientTape() as tape:
        values = tf.constant(x)
        tape.watch(values)
        bits = layer(values, training=True)
        loss = tf.reduce_sum(bits * [[1.0], [10.0], [100.0]])
    by_x, by_shift = tape.gradient(loss, [values, layer.shift])
    soft = 1 / (1 + np.exp(-(x - threshold) / (width * x.std())))
    slope = soft * (1 - soft) / (width * x.std()) * [[1], [10], [100]]
    np.testing.assert_array_equal(bits, x >= threshold)
    np.testing.assert_allclose(by_x, slope, rtol=1e-3)
    np.testing.assert_allclose(by_shift, -slope.sum(0) * 0.5, rtol=1e-3)
    rng = np.random.default_rng(0)
    lookup, given = TableLookup([[2, 0], [1], []]), rng.integers(0, 2, (50, 3)).astype(np.float32)
    lookup.build((None, 3))
    lookup.set_weights([rng.normal(size=7).astype(np.float32)])
    with tf.GradientTape() as tape:
        values = tf.constant(given)
        tape.watch(values)
        total = tf.reduce_sum(lookup(values, training=True))
    gradient = tape.gradient(total, values).numpy()
    for place in range(3):
        ends = [np.where(np.arange(3) == place, end, given).astype(np.float32) for end in (0, 1)]
        differences = [lookup(one).numpy().sum(1) for one in ends]
        np.testing.assert_allclose(gradient[:, place], differences[1] - differences[0], atol=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_thresholds_stay_within_their_type_wherever_training_takes_them(seed):
    rng = np.random.default_rng(seed)
    layer = TableSum.from_network(grown(rng), step=0.5, leaf_bits=3)
    shift = layer.keys.shift
    shift.assign(rng.normal(size=shift.shape) * 100)
    layer.lookup.leaves.assign(rng.normal(size=layer.lookup.leaves.shape) * 30)
    model = keras.Sequential([keras.Input((N,)), layer])
    network, x = Network.from_keras(model), events(rng)[0]
    np.testing.assert_array_equal(quantize_network(network, x).emulate(x), model(x))
    for entries in layer.lookup.op().entries:
        assert np.ptp(entries) <= 3.5 and np.array_equal(2 * entries, np.rint(2 * entries))


KEYS = [(0, 0.5), (1, 0.25)]


@pytest.mark.parametrize(
    "error, message, make",
    [
        (
            ConfigError,
            "7 are two LUTs, 8 are four; pass max_keys=7 for that. Received: 7 keys in table 1",
            lambda: TableSum(1, KEYS, [[0], [0, 1, 0, 1, 0, 1, 0]], [0, 0]),
        ),
        (ConfigError, "and more are not built. Received: 9 keys", lambda: TableLookup([[0] * 9])),
        (
            PrecisionError,
            "threshold 1, of value 1: expected a threshold that its type ap_fixed<4,1> crosses, above -1 and",
            lambda: TableSum(1, [(0, 0.5), (1, 1.5)], [[0]], [0], input_precision="ap_fixed<4,1>"),
        ),
        (
            PrecisionError,
            "of weight 0.125 to 1. Received: 4",
            lambda: KeyBits([], bits=[(0, 4.0)], input_precision="ap_fixed<4,1>"),
        ),
        (ConfigError, "step: expected one, or one for each of 1 tables", lambda: TableLookup([[0]], step=[0.5, 1.0])),
        (ConfigError, "step: expected a power of two", lambda: TableSum(1, KEYS, [[0]], [0], step=0.09)),
        (ConfigError, "step: expected a power of two where leaf_bits", lambda: TableLookup([[0]], leaf_bits=3)),
        (ConfigError, "leaf_bits: expected 0 to 24", lambda: TableLookup([[0]], leaf_bits=[3, 4], step=1.0)),
        (
            ConfigError,
            "segments: expected an output for each of 1 tables. Received: 2",
            lambda: TableSum(1, KEYS, [[0]], [0, 0]),
        ),
        (ConfigError, "segments: expected a sum from 0 to 0", lambda: TableSum(1, KEYS, [[0]], [1])),
        (
            ConfigError,
            "expected the features that keys ask, up to 1",
            lambda: TableSum(1, KEYS, [[0]], [0]).build((None, 1)),
        ),
        (
            ConfigError,
            "expected the 3 bits that tables take. Received: 2",
            lambda: TableSum(1, KEYS, [[2]], [0]).build((None, 2)),
        ),
        (ConfigError, "expected at least one key", lambda: KeyBits([])),
        (ConfigError, "surrogate_width: expected", lambda: KeyBits(KEYS, surrogate_width=0.0)),
        (ConfigError, "input_precision: expected a FixedPoint", lambda: KeyBits(KEYS, input_precision={"width": 4})),
        (
            ConfigError,
            "input_precision: expected at most 24 bits",
            lambda: KeyBits(KEYS, input_precision="ap_fixed<30,4>"),
        ),
        (ConfigError, "network: expected a Network. Received: 'abc'", lambda: TableSum.from_network("abc")),
        (UnsupportedLayerError, "Received: one with 'fc', of dense", lambda: TableSum.from_network(dense_network())),
    ],
)
def test_what_no_table_is_is_refused_in_one_line(error, message, make):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def dense_network():
    return Network([Node("fc", Dense(np.ones((2, 1)), np.zeros(1)), ["x"])], [Input("x", (2,))], ["fc"])


def test_a_stripped_chain_keeps_its_tables():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    layers = [keras.Input((N,)), PosteriorDense(N, input_precision="ap_fixed<6,3>"), TableSum.from_network(grown(rng))]
    model, x = keras.Sequential(layers), events(rng)[0]
    assert [type(layer) for layer in strip(model).layers][-1] is TableSum and not layers[-1].get_prunable_weights()
    np.testing.assert_allclose(Network.from_keras(model, x).predict(x), strip(model)(x), atol=1e-5)


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_half_precision_changes_the_type_that_comes_out_and_nothing_else(name):
    rng = np.random.default_rng(2)
    network, (x, _) = grown(rng), events(rng)
    layer = TableSum.from_network(network, dtype=keras.mixed_precision.Policy(name))
    values = tf.cast(x, layer.compute_dtype)
    with tf.GradientTape() as tape:
        outputs = layer(values, training=True)
        loss = tf.reduce_sum(tf.cast(outputs, "float32") ** 2)
    assert outputs.dtype == layer.compute_dtype and layer.lookup.leaves.dtype == layer.precision
    np.testing.assert_array_equal(tf.cast(outputs, "float64"), network.predict(x))
    assert all(np.any(gradient) for gradient in tape.gradient(loss, layer.trainable_weights))
