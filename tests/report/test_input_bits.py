import numpy as np
import pytest
from qkeras import QActivation

from codesign._keras import keras
from codesign.data import Events, Words
from codesign.errors import ConfigError, UnsupportedLayerError
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.layers import DetectorWords, PosteriorDense
from codesign.layers.posterior.input_rounding import ROUNDED
from codesign.network import Network
from codesign.network.input_bits import used_input_bits, without_last_bit
from codesign.posterior import CollapseSchedule, collapse
from codesign.report import input_bits_report

X = np.random.default_rng(0).uniform(-3, 3, (100, 4)).astype(np.float32)
KERNEL = np.float32(
    [[1, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 1]]
)  # input 1 is used by nobody, input 2 by a unit that nobody uses
BEHIND = np.float32([[1], [1], [0]])


def model_of(*before, **options):
    model = keras.Sequential(
        [keras.Input((4,)), *before, PosteriorDense(3, activation="relu", **options), PosteriorDense(1)]
    )
    for layer, kernel in zip(model.layers[len(before) :], (KERNEL, BEHIND)):
        layer.kernel.assign(kernel)
    return model


def collapsed(model):
    model.compile("sgd", "mse", run_eagerly=True)
    model.optimizer.learning_rate = 0.0
    model.fit(X, X[:, :1], verbose=0, callbacks=[CollapseSchedule(X, parts=(1.0,), weight_width=0.1)])
    return model


def test_bits_that_the_noise_leaves():
    model = model_of()
    model.layers[0].log_tau2.assign(np.log([3 / 255, 3 / 15, 1, 3 / 3]))
    report = input_bits_report(model)
    assert [row.name for row in report.inputs] == ["input 0", "input 1", "input 2", "input 3"]
    assert [row.significant_bits for row in report.inputs] == pytest.approx([4, 0, 0, 1])
    assert [row.weights for row in report.inputs] == [2, 0, 0, 1]
    assert {row.width for row in report.inputs} == {None}


def test_formats_after_the_collapse():
    model = model_of()
    model.layers[0].log_tau2.assign(2 * np.log(2.0 ** -np.array([5, 5, 5, 1]) / np.sqrt(12)))
    collapsed(model)
    report, source = input_bits_report(model, names=["pt", "eta", "phi", "mass"]), model.layers[0].input_format
    assert model.layers[0].mode == ROUNDED
    assert [row.width for row in report.inputs] == [source.width[0], 0, 0, source.width[3]]
    assert [(row.integer, row.fraction) for row in report.inputs] == [
        (3, source.width[0] - 3),
        (0, 0),
        (0, 0),
        (3, source.width[3] - 3),
    ]
    assert report.inputs[0].fraction > report.inputs[3].fraction
    first, pt, eta = str(report).splitlines()[:3]
    assert first.split() == ["input", "significant", "bits", "width", "integer", "fraction", "weights"]
    assert pt.split() == [
        "pt",
        f"{report.inputs[0].significant_bits:.1f}",
        str(source.width[0]),
        "3",
        str(source.width[0] - 3),
        "2",
    ]
    assert eta.split() == ["eta", "0.0", "0", "0", "0", "0"]


@pytest.mark.parametrize(
    "model",
    [
        lambda: model_of(input_precision="ap_fixed<8,4>"),
        pytest.param(lambda: model_of(QActivation("quantized_bits(8,3,alpha=1)")), marks=pytest.mark.slow),
    ],
)
def test_formats_that_the_inputs_have_already(model):
    report = input_bits_report(collapsed(model()))
    assert [(row.width, row.integer, row.fraction) for row in report.inputs] == [
        (8, 4, 4),
        (0, 0, 0),
        (0, 0, 0),
        (8, 4, 4),
    ]


def test_bad_arguments():
    with pytest.raises(ConfigError, match="names: expected 4, one for each input. Received: 2"):
        input_bits_report(model_of(), names=["pt", "eta"])
    plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="plain"), PosteriorDense(1)])
    with pytest.raises(
        ConfigError,
        match="model: expected a PosteriorDense as first dense layer, of all inputs. Received: layer 'plain', Dense",
    ):
        input_bits_report(plain)
    model = model_of()
    model.layers[0].start_collapse(ROUNDED, np.ones(4))
    with pytest.raises(UnsupportedLayerError, match="finish the collapse"):
        input_bits_report(model)


def test_a_network_of_words_says_what_is_sent_used_and_what_the_last_bit_costs():
    rng = np.random.default_rng(0)
    x = np.abs(rng.normal(50, [9, 3, 12, 5], (400, 4)))
    words = Words.declare(dict.fromkeys(("pt", "eta", "phi", "mass"), "ap_ufixed<12,8>"), x)
    model = keras.Sequential(
        [keras.Input((4,)), DetectorWords(words), PosteriorDense(3, activation="relu"), PosteriorDense(2)]
    )
    behind = np.concatenate([BEHIND, -BEHIND], 1)
    for layer, kernel in zip(model.layers[1:], (KERNEL, behind)):
        layer.kernel.assign(kernel)
    network = Network.from_keras(collapse(model, words.encode(x)))
    values = words.encode(x)
    test = Events(values, network.emulate(values).argmax(1))
    report = input_bits_report(network, words=words, test=test)
    width = network.input_precision.width
    assert [row.name for row in report.inputs] == list(words.features)
    assert [row.width for row in report.inputs] == [width[0], 0, 0, width[3]]
    assert [row.weights for row in report.inputs] == [2, 0, 0, 1]
    assert {(row.sent, row.bits_sent, row.low, row.high) for row in report.inputs} == {
        ("ap_ufixed<12,8>", 12, 0, 255.9375)
    }
    # with fewer bits this one costs more: by Yosys 17 LUTs in place of 15, as the estimate says
    assert -8 < report.inputs[0].last_bit_lut < 0 and 0 <= report.inputs[0].last_bit_accuracy < 0.2
    assert report.inputs[1].last_bit_lut == 0 and report.inputs[1].last_bit_accuracy is None
    assert str(report).splitlines()[0].split("  ")[-1] == "accuracy of last bit"
    assert report.inputs[0].as_dict()["bits_sent"] == 12
    with pytest.raises(ConfigError, match="words, test: expected a Network"):
        input_bits_report(model, words=words)


def test_without_its_last_bit_a_network_is_the_same_on_average():
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 200, (3000, 4))
    words = Words.declare(dict.fromkeys("abcd", "ap_ufixed<12,8>"), x)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), DetectorWords(words), PosteriorDense(3)])
    network, values = Network.from_keras(collapse(model, words.encode(x))), words.encode(x)
    used = used_input_bits(network)
    for index in np.flatnonzero(used):
        coarser = without_last_bit(network, int(index))
        assert used_input_bits(coarser)[index] == used[index] - 1
        difference = coarser.emulate(values) - network.emulate(values)
        assert (np.abs(difference.mean(0)) < 5 * difference.std(0) / np.sqrt(len(x)) + 1e-9).all()
        assert np.array_equal(trace_adder_graph(coarser).predict(values), coarser.emulate(values))
    with pytest.raises(ConfigError, match="index: expected an input from 0 to 3 that is used. Received: 9"):
        without_last_bit(network, 9)
