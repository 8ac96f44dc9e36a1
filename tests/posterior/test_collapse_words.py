"""Networks of a detector's words: the collapsed model, the integers, the adder graph and generated code are one."""

import shutil

import numpy as np
import pytest

from codesign._keras import keras
from codesign.data import Words
from codesign.export import CompiledNetwork
from codesign.fpga import Design, write_hls4ml_project
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.layers import DetectorWords, PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED, SENT, TRUNCATED
from codesign.network import FixedPoint, Network, absorb_offset
from codesign.posterior import CollapseSchedule, LutBudget, collapse
from codesign.refine import refine_network
from codesign.train import load_model, save_model
from tests.posterior.collapse_examples import posterior_layers

L = keras.layers


def random_words(rng, n: int) -> tuple[Words, np.ndarray]:
    """Words of random widths, signs, scales and means, and events in physical units."""
    signed = rng.random(n) < 0.5
    width, scale = rng.integers(1, 15, n) + signed, 10.0 ** rng.uniform(-4, 4, n)
    high = 2.0 ** (width - signed) * scale
    mean = rng.uniform(0.2, 0.7, n) * high * np.where(signed, rng.choice([-1, 1], n), 1)
    x = np.clip(rng.normal(mean, rng.uniform(0.05, 0.3, n) * high, (400, n)), np.where(signed, -high, 0), high - scale)
    x[:2] = np.where(signed, -high, 0), high - scale
    named = zip(width.tolist(), scale, signed.tolist())
    formats = {f"f{i}": {"bits": w, "scale": s, "signed": sign} for i, (w, s, sign) in enumerate(named)}
    return Words.declare(formats, x), x


def every_code(rng, words: Words, n_events: int = 300) -> np.ndarray:
    """Codes over the whole range of every word, its ends among them."""
    kind = words.precision
    ends = np.stack(np.broadcast_arrays(kind.code_low, kind.code_high))
    return np.concatenate([ends, rng.integers(ends[0], ends[1] + 1, (n_events, len(words.features)))])


def with_noise(model, rng):
    for layer in posterior_layers(model):
        layer.bias.assign(0.3 * rng.normal(size=layer.units))
        layer.log_tau2.assign(rng.uniform(-9, -1, layer.log_tau2.shape))
        layer.log_sigma2.assign(rng.uniform(-12, -5, layer.log_sigma2.shape))
    return model


def chain(words, rng, *, bits=None, n=4):
    keras.utils.set_random_seed(int(rng.integers(1000)))
    layers = [DetectorWords(words, bits=bits), PosteriorDense(6, activation="relu"), PosteriorDense(3)]
    return with_noise(keras.Sequential([keras.Input((n,)), *layers]), rng)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 40))])
def test_everything_starts_from_the_same_integers(seed):
    rng = np.random.default_rng(seed)
    words, x = random_words(rng, 4)
    model = chain(words, rng, bits=[None, 5][seed % 2])
    values = words.encode(x)
    collapsed = collapse(model, values)
    first = posterior_layers(collapsed)[0]
    network = Network.from_keras(collapsed)
    kind = network.input_precision
    assert [layer.mode for layer in posterior_layers(collapsed)] == [SENT, TRUNCATED] and network.is_chain
    assert (kind.rounding, kind.overflow) == ("TRN", "WRAP")
    np.testing.assert_array_equal(kind.signed, words.precision.signed)
    used = kind.width > 0
    np.testing.assert_array_equal(kind.integer[used], (words.width - words.fraction)[used])
    codes = every_code(rng, words)
    dropped = np.where(used, words.fraction - kind.fraction, 0)
    assert (dropped >= 0).all()
    sent = words.values(codes)
    np.testing.assert_array_equal(network.encode(sent)[:, used], (codes >> dropped)[:, used])
    expected = network.emulate(sent)
    for outputs in (collapsed(sent), collapsed.predict(sent, verbose=0), network.predict(sent)):
        np.testing.assert_array_equal(outputs, expected)
    step = 2.0**-network.output_precision.fraction
    np.testing.assert_array_equal(network.emulate_codes(network.encode(sent)) * step, expected)
    np.testing.assert_array_equal(trace_adder_graph(network).predict(sent), expected)
    before, after = model(values).numpy(), network.emulate(values)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.8
    grid = 2 * network.layers[0].bias / first.bias_step.numpy()
    np.testing.assert_array_equal(grid, np.rint(grid))  # the offset leaves no fine bits in the bias


@pytest.fixture(scope="module")
def sent():
    """Words of 6 bits and less, events, and a collapsed model."""
    rng = np.random.default_rng(5)
    words, x = random_words(rng, 4)
    return words, words.encode(x), collapse(chain(words, rng), words.encode(x))


def test_models_and_networks_are_stored_with_their_words(sent, tmp_path):
    words, x, model = sent
    network = Network.from_keras(model)
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.layers[0].words.as_dict() == words.as_dict()
    network.save(tmp_path / "network.json")
    for other in (Network.from_keras(loaded), Network.load(tmp_path / "network.json")):
        assert other.input_precision == network.input_precision
        np.testing.assert_array_equal(other.emulate(x), network.emulate(x))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_generated_code_gives_the_same(sent, tmp_path):
    words, _, model = sent
    network = Network.from_keras(model)
    x = words.values(every_code(np.random.default_rng(0), words))
    expected = network.emulate(x)
    assert set(network.input_precision.signed) == {False, True}
    np.testing.assert_array_equal(CompiledNetwork(network).predict(x), expected)
    project = write_hls4ml_project(Design(network, "hls4ml-latency"), tmp_path / "hls4ml")
    np.testing.assert_array_equal(project.simulate(x), expected)


@pytest.mark.slow
def test_verilog_gives_the_same(sent, tmp_path):
    words, _, model = sent
    network = Network.from_keras(model)
    x = words.values(every_code(np.random.default_rng(0), words))
    project = write_verilog(trace_adder_graph(network), tmp_path, adder_levels_per_stage=3)
    np.testing.assert_array_equal(simulate(project, x).outputs, network.emulate(x))


def test_refinement_leaves_bits_out_at_the_low_end_only(sent):
    words, x, model = sent
    network, y = Network.from_keras(model), np.arange(len(x)) % 3
    for trade, sent_type in ((0.0, words.precision), (0.3, None)):
        options = {"loss": "sparse_categorical_crossentropy", "trade": trade, "sweeps": 1, "n_new_weights": 20}
        refined = refine_network(network, x, y, sent=sent_type, **options)
        kind, before = refined.input_precision, network.input_precision
        np.testing.assert_array_equal(kind.integer, before.integer)
        limit = before.fraction if sent_type is None else np.maximum(words.precision.fraction, before.fraction)
        assert (kind.fraction <= limit).all() and (kind.rounding, kind.overflow) == ("TRN", "WRAP")
        values = words.values(every_code(np.random.default_rng(0), words))
        np.testing.assert_array_equal(refined.predict(values), refined.emulate(values))
        np.testing.assert_array_equal(trace_adder_graph(refined).predict(values), refined.emulate(values))


def branches(words):
    """Words that are cut, reshaped and joined before several dense layers, one of them at two places."""
    x = keras.Input((4,))
    centred = DetectorWords(words)(x)
    pair = L.Reshape((2, 2))(centred)
    each = PosteriorDense(3, activation="relu", name="each")(L.Permute((2, 1))(pair))
    some = PosteriorDense(4, activation="relu", name="some")(L.Concatenate()([centred[:, 2:], centred[:, :1]]))
    both = L.Concatenate()([L.Flatten()(each), some])
    return keras.Model(x, PosteriorDense(2, name="last")(both))


@pytest.mark.slow
def test_words_of_a_graph_go_to_several_layers():
    rng = np.random.default_rng(2)
    x = rng.normal(40, 3, (300, 4)) * [1, 1, 2, 2] + [0, 0, 30, 30]
    words = Words.declare({f"f{i}": "ap_ufixed<11,8>" for i in range(4)}, x)
    twins = Words.from_dict(words.as_dict() | {"offset": [14.0, 14.0, 20.0, 20.0]})
    keras.utils.set_random_seed(0)
    values = words.encode(x)
    for given, mode in ((words, ROUNDED), (twins, SENT)):
        model = collapse(with_noise(branches(given), rng), values)
        assert model.get_layer("some").mode == SENT and model.get_layer("each").mode in (mode, SENT)
        network = Network.from_keras(model)
        sent = words.values(every_code(rng, words))
        np.testing.assert_array_equal(network.emulate(sent), model(sent))
        np.testing.assert_array_equal(trace_adder_graph(network).predict(sent), network.emulate(sent))
        refined = refine_network(network, values, np.zeros((300, 2)), loss="mean_squared_error", sweeps=1)
        np.testing.assert_array_equal(refined.emulate(sent), refined.predict(sent))


def test_what_is_no_dense_layer_behind_words_is_followed_too():
    rng = np.random.default_rng(3)
    words, x = random_words(rng, 4)
    layers = [DetectorWords(words), L.BatchNormalization(), PosteriorDense(5, activation="tanh"), L.Dense(2)]
    model = keras.Sequential([keras.Input((4,)), *layers])
    network, values = Network.from_keras(model), words.encode(x)
    np.testing.assert_allclose(network.predict(values), model(values), atol=1e-5)
    squared = keras.Sequential([keras.Input((4,)), DetectorWords(words), L.ReLU(), L.Dense(2)])
    np.testing.assert_allclose(Network.from_keras(squared).predict(values), squared(values), atol=1e-5)


@pytest.mark.slow
def test_training_to_a_budget_with_words():
    rng = np.random.default_rng(1)
    words, x = random_words(rng, 4)
    values = words.encode(x).astype(np.float32)
    y = (values[:, 0] > np.median(values[:, 0])).astype(int)
    model = chain(words, rng)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for callback in (LutBudget(60, values), CollapseSchedule(values)):
        model.compile(keras.optimizers.Adam(0.01), loss, run_eagerly=True)
        model.fit(values, y, epochs=2, batch_size=200, verbose=0, callbacks=[callback])
    network = Network.from_keras(model, values)
    assert posterior_layers(model)[0].is_collapsed and network.input_quantizer == network.input_precision
    np.testing.assert_array_equal(network.emulate(values), model(values))


def test_an_offset_is_absorbed_by_any_network(sent):
    words, x, _ = sent
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    centred = with_noise(keras.Sequential([keras.Input((4,)), PosteriorDense(3), PosteriorDense(2)]), rng)
    network = Network.from_keras(centred)
    np.testing.assert_allclose(
        absorb_offset(network, words.offset).predict(x), network.predict(x - words.offset), atol=1e-9
    )
    typed = Network.from_keras(collapse(chain(words, rng), x))
    offset = np.where(words.width > 3, np.maximum(1, 2.0**-words.fraction), 0)
    moved = absorb_offset(typed, offset, words.precision)
    values = words.values(every_code(rng, words))
    held = (words.precision.quantize(values - offset) == values - offset).all(1)
    assert held.any()
    np.testing.assert_array_equal(moved.emulate(values[held]), typed.emulate(values[held] - offset))
    free = absorb_offset(typed, offset)
    np.testing.assert_array_equal(free.emulate(values + offset), typed.emulate(values))


def test_rejects_offsets_that_do_not_commute():
    from codesign.errors import ConfigError, PrecisionError, UnsupportedLayerError
    from codesign.network import DenseLayer, Input, Node
    from codesign.network.ops import Activation, Dense

    layer = DenseLayer("fc", np.ones((2, 1)), np.zeros(1))
    plain = Network.chain([layer])
    with pytest.raises(ConfigError, match="offset: expected 2 finite numbers.*shape \\(3,\\)"):
        absorb_offset(plain, np.zeros(3))
    with pytest.raises(ConfigError, match="NaN"):
        absorb_offset(plain, [0.0, np.nan])
    for kind, offset, message in (
        ("ap_fixed<6,3,AP_RND,AP_SAT>", 1.0, "expected inputs that wrap"),
        ("ap_fixed<6,3>", 0.3, "expected steps that divide the offset"),
    ):
        with pytest.raises(PrecisionError, match=message):
            absorb_offset(Network.chain([layer], FixedPoint.parse(kind)), [offset, 0.0])
    nodes = [Node("r", Activation("relu"), ["x"]), Node("d", Dense(np.ones((2, 1)), np.zeros(1)), ["r"])]
    with pytest.raises(UnsupportedLayerError, match="node 'r': expected that inputs go into dense layers"):
        absorb_offset(Network(nodes, [Input("x", (2,))], ["d"]), [1.0, 1.0])
    places = Network([Node("d", Dense(np.ones((2, 1)), np.zeros(1)), ["x"])], [Input("x", (3, 2))], ["d"])
    with pytest.raises(UnsupportedLayerError, match="same offset at all of its 3 places"):
        absorb_offset(places, np.arange(6.0))
    np.testing.assert_array_equal(absorb_offset(places, [1.0, 2] * 3).predict(np.ones((1, 6))), [[-1, -1, -1]])
