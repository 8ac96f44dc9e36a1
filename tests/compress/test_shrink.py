import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.compress import ModelSize, measure_size, shrink
from codesign.errors import DataError, UnsupportedLayerError
from codesign.fpga import Design, write_hls4ml_project
from codesign.fpga.rtl.adder_graph import trace_adder_graph
from codesign.fpga.rtl.verilator import simulate
from codesign.fpga.rtl.verilog import write_verilog
from codesign.layers import TopKGate
from codesign.network import Network, quantize_network
from codesign.tools.find import find_tool
from codesign.train import load_model

X = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
Dense = keras.layers.Dense


def sparse(*layers, density=0.3, seed=0, step=0.0):
    """Return a model with random weights, many of them zero, and multiples of `step`."""
    rng = np.random.default_rng(seed)
    model = keras.Sequential([keras.Input((8,)), *layers])
    for layer in model.layers:
        if hasattr(layer, "units"):
            kernel = rng.normal(size=layer.kernel.shape) * (rng.random(layer.kernel.shape) < density)
            bias = rng.normal(size=layer.units)
            layer.set_weights(
                [
                    np.rint(array / step) * step if step else array
                    for array in ((kernel, bias) if layer.use_bias else (kernel,))
                ]
            )
        elif isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return model


def quantised(units):
    return QDense(units, kernel_quantizer="quantized_bits(6,1,alpha=1)", bias_quantizer="quantized_bits(8,1,alpha=1)")


MODELS = {
    "relu": lambda seed: sparse(Dense(12, "relu"), Dense(10, "relu"), Dense(3), seed=seed),
    "sigmoid": lambda seed: sparse(
        Dense(12, "sigmoid"), Dense(10, "tanh"), Dense(3), keras.layers.Softmax(), seed=seed, density=0.15
    ),
    "no bias": lambda seed: sparse(
        Dense(12, "sigmoid", use_bias=False),
        Dense(10, use_bias=False),
        Dense(3, use_bias=False),
        seed=seed,
        density=0.15,
    ),
    "batch normalisation": lambda seed: sparse(
        keras.layers.BatchNormalization(),
        Dense(12),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        Dense(3),
        seed=seed,
        density=0.15,
    ),
}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS.keys())
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_shrunk_model_predicts_the_same_from_full_events(build, seed):
    model = build(seed)
    shrunk = shrink(model)
    np.testing.assert_allclose(shrunk.predict(X), model(X), atol=2e-6, rtol=1e-5)
    assert shrunk.report.after.live_weights <= shrunk.report.before.live_weights
    assert shrunk.report.after.sizes == shrunk.report.before.live_units == shrunk.report.after.live_units
    assert shrunk.report.after.parameters == shrunk.model.count_params()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))])
def test_quantised_networks_stay_the_same_to_the_bit(seed):
    layers = [
        QActivation("quantized_bits(8,3,alpha=1)"),
        quantised(12),
        QActivation("quantized_relu(6,2)"),
        quantised(10),
    ]
    model = sparse(*layers, QActivation("quantized_relu(6,2)"), quantised(3), seed=seed, density=0.12, step=2.0**-4)
    shrunk = shrink(model)
    np.testing.assert_array_equal(shrunk.predict(X), model(X))
    before, after = Network.from_keras(model), Network.from_keras(shrunk.model)
    assert sum(after.sizes) < sum(before.sizes)
    np.testing.assert_array_equal(after.emulate(shrunk.select(X)), before.emulate(X))


def test_constant_units_go_into_the_next_bias():
    model = sparse(Dense(2, "sigmoid"), Dense(1))
    model.set_weights([np.zeros((8, 2)), np.array([0.0, 1.0]), np.array([[2.0], [3.0]]), np.array([0.5])])
    shrunk = shrink(model)
    assert shrunk.report.before.live_units == (0, 0, 1)
    assert shrunk.report.after.sizes == (1, 1, 1)
    np.testing.assert_allclose(shrunk.model.get_weights()[-1], 0.5 + 2 / 2 + 3 / (1 + np.exp(-1)), rtol=1e-6)
    np.testing.assert_allclose(shrunk.predict(X), model(X), rtol=1e-6)


def test_report_counts_and_names_what_is_left():
    model = sparse(TopKGate(3), Dense(4, "relu"), TopKGate(2), Dense(1), density=1)
    model.layers[0].gate.assign([0, 1, 0, 1, 1, 0, 0, 0])
    shrunk = shrink(model)
    before = ModelSize((8, 4, 1), 8 * 4 + 4 + 4 + 1, 8 * 4 + 4, 3 * 4 + 2, (3, 2, 1))
    after = ModelSize((3, 2, 1), 3 * 2 + 2 + 2 + 1, 3 * 2 + 2, 3 * 2 + 2, (3, 2, 1))
    assert (shrunk.report.before, shrunk.report.after, shrunk.features) == (before, after, (1, 3, 4))
    assert measure_size(model) == before
    assert shrunk.report.mac_ratio == 36 / 8
    assert before.live_hidden == 2
    assert str(shrunk.report).splitlines()[1].split() == ["layers", "8-4-1", "3-2-1"]
    assert str(shrunk.report).splitlines()[-1] == "features kept: 3 of 8 (1, 3, 4)"


@pytest.mark.parametrize("suffix", [".h5", ".keras"])
def test_saved_with_its_features_it_takes_full_events(suffix, tmp_path):
    shrunk = shrink(sparse(Dense(12, "relu"), Dense(3), density=0.05))
    shrunk.save(tmp_path / f"small{suffix}")
    loaded = load_model(tmp_path / f"small{suffix}")
    np.testing.assert_allclose(loaded(X), shrunk.predict(X), atol=1e-6)
    np.testing.assert_allclose(Network.from_keras(loaded).predict(X), shrunk.predict(X), atol=1e-5)
    again = shrink(loaded)
    assert (again.features, again.n_features, again.report.after) == (shrunk.features, 8, shrunk.report.after)


def test_shrunk_model_converts_to_tflite():
    from ai_edge_litert.interpreter import Interpreter

    from codesign._keras import tf

    shrunk = shrink(MODELS["relu"](0))
    interpreter = Interpreter(model_content=tf.lite.TFLiteConverter.from_keras_model(shrunk.model).convert())
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (len(X), len(shrunk.features)))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], shrunk.select(X))
    interpreter.invoke()
    np.testing.assert_allclose(
        interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), shrunk.predict(X), atol=1e-5
    )


@pytest.fixture(scope="module")
def shrunk_and_quantised():
    """A selected, pruned and shrunk network in fixed point, its events, and what the whole network makes of them."""
    model = sparse(TopKGate(5), Dense(12, "relu"), Dense(3), density=0.4)
    model.layers[0].gate.assign([1, 0, 1, 1, 0, 0, 1, 1])
    shrunk = shrink(model)
    network = quantize_network(Network.from_keras(shrunk.model), shrunk.select(X), weights=8, activations=8)
    return network, shrunk.select(X), model(X).numpy()


@pytest.mark.slow
def test_shrunk_model_converts_to_hls4ml(shrunk_and_quantised, tmp_path):
    network, x, whole = shrunk_and_quantised
    np.testing.assert_array_equal(write_hls4ml_project(Design(network), tmp_path).simulate(x), network.emulate(x))
    assert (
        np.abs(network.emulate(x) - whole).max() < 0.5
        and np.mean(network.emulate(x).argmax(1) == whole.argmax(1)) > 0.9
    )


@pytest.mark.slow
@pytest.mark.skipif(find_tool("verilator").path is None, reason="needs verilator")
def test_shrunk_model_converts_to_rtl(shrunk_and_quantised, tmp_path):
    network, x, _ = shrunk_and_quantised
    project = write_verilog(trace_adder_graph(network), tmp_path)
    np.testing.assert_array_equal(simulate(project, x).outputs, network.emulate(x))


def scaled_by_its_kernel():
    """Return a model with a constant unit whose large weight sets the scale of the quantizer."""
    model = sparse(
        Dense(2, "sigmoid"), QDense(1, kernel_quantizer="quantized_bits(4,0,alpha='auto')", name="odd"), density=1
    )
    model.layers[0].kernel.assign(np.eye(8, 2) * [0, 1])
    model.layers[1].kernel.assign([[0.9], [0.1]])
    return model


@pytest.mark.parametrize(
    "build, message",
    [
        (
            lambda: sparse(Dense(4), keras.layers.Softmax(name="mid"), Dense(2)),
            "layer 'mid': expected an elementwise layer",
        ),
        (lambda: sparse(keras.layers.ReLU()), "at least one Dense"),
        (lambda: scaled_by_its_kernel(), "layer 'odd'.*alpha=1"),
    ],
)
def test_what_cannot_be_exact_is_refused(build, message):
    with pytest.raises(UnsupportedLayerError, match=message):
        shrink(build())


def test_narrow_events_are_refused():
    with pytest.raises(DataError, match=r"x: expected the full events, \(n_events, 8\). Received: \(200, 3\)"):
        shrink(MODELS["relu"](0)).predict(X[:, :3])
