"""Generated C++ against float64 and against Keras."""

import shutil
import subprocess

import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import DataError, ToolError
from codesign.export import CompiledNetwork, check_cpp, cpp_source, load_network, write_cpp
from codesign.export.cpp.layer_code import number
from codesign.export.cpp.plan import make_plan
from codesign.export.single_chain import SingleChain
from tests.export.example_chains import chain_of, evaluate

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
FAST = ("-std=c++17", "-O1", "-march=native", *WARNINGS)
EDGES = (np.nan, np.inf, -np.inf, 1e-40, -1e-40, 1e30, -1e30, 0.0, -0.0)


def random_chain(sizes, activations, *, density=1.0, **options):
    rng = np.random.default_rng(0)
    layers = []
    for n_in, n_out, activation in zip(sizes, sizes[1:], activations):
        kernel = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in) * (rng.random((n_in, n_out)) < density)
        layers.append((kernel, rng.normal(size=n_out), activation))
    return chain_of(*layers, **options)


def events_of(n, n_inputs):
    return np.random.default_rng(1).normal(size=(n, n_inputs)).astype(np.float32)


def edge_events(n_inputs):
    """One event per edge value, in one input; then events that are nothing but it."""
    x = events_of(2 * len(EDGES), n_inputs)
    for index, value in enumerate(EDGES):
        x[index, index % n_inputs] = value
        x[len(EDGES) + index] = value
    return x


def assert_agrees(chain, flags, x, atol=2e-6):
    compiled = CompiledNetwork(chain, flags=flags)
    with np.errstate(all="ignore"):
        expected = evaluate(chain, x).astype(np.float32)
    for one_by_one in (False, True):
        np.testing.assert_allclose(compiled.predict(x, one_by_one=one_by_one), expected, atol=atol, rtol=1e-5)


@pytest.mark.parametrize(
    "flags",
    [
        ("-std=c++17", "-O3", "-march=native", *WARNINGS),
        pytest.param(("-std=c++17", "-O3", *WARNINGS), marks=pytest.mark.slow),
        pytest.param(("-std=c++17", "-O1", "-mavx2", "-mfma", *WARNINGS), marks=pytest.mark.slow),
        (*FAST, "-DCODESIGN_FORCE_SCALAR"),
    ],
)
@pytest.mark.parametrize("density", [1.0, 0.1])
def test_agrees_in_every_width_of_vectors(flags, density):
    x = np.concatenate([events_of(1000, 7), edge_events(7)])
    assert_agrees(random_chain((7, 40, 5), ("relu", "softmax"), density=density), flags, x)


@pytest.mark.parametrize(
    "activations",
    [
        ("sigmoid", "sigmoid"),
        ("tanh", "tanh"),
        *(pytest.param(one, marks=pytest.mark.slow) for one in (("linear", "linear"), ("relu", "sigmoid"))),
    ],
)
def test_agrees_for_every_activation(activations):
    assert_agrees(random_chain((6, 15, 1), activations), FAST, np.concatenate([events_of(100, 6), edge_events(6)]))
    assert_agrees(
        random_chain((6, 15, 2), activations, density=0.2), FAST, np.concatenate([events_of(100, 6), edge_events(6)])
    )


@pytest.fixture(scope="module")
def compiled():
    return CompiledNetwork(random_chain((9, 12, 3), ("relu", "linear")), flags=FAST)


@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 31, 33, 63, 64, 65, 97, 127, 200])
def test_any_number_of_events(n, compiled):
    np.testing.assert_allclose(compiled.predict(events_of(n, 9)), compiled.network.predict(events_of(n, 9)), atol=2e-6)


@pytest.mark.parametrize(
    "n_inputs", [1, 7, 16, *(pytest.param(n, marks=pytest.mark.slow) for n in (3, 4, 8, 11, 12, 19, 20))]
)
def test_any_number_of_inputs(n_inputs):
    assert_agrees(random_chain((n_inputs, 30, 2), ("relu", "linear"), density=0.3), FAST, events_of(150, n_inputs))


def test_an_event_with_nan_or_inf_leaves_its_neighbours_alone():
    compiled = CompiledNetwork(random_chain((9, 30, 3), ("relu", "sigmoid"), density=0.1), flags=FAST)
    x = events_of(300, 9)
    expected = compiled.predict(x)
    x[70, 3], x[150, 8], x[299, 0] = np.nan, np.inf, -np.inf
    outputs = compiled.predict(x)
    bad = [70, 150, 299]
    assert np.isnan(outputs[bad]).all()
    np.testing.assert_allclose(np.delete(outputs, bad, 0), np.delete(expected, bad, 0), atol=1e-6)
    x[bad] = 3e38  # finite, though the sum is not
    assert not np.isnan(compiled.predict(x)[bad]).any()


def test_sigmoid_and_tanh_are_within_a_millionth_and_exact_at_infinity():
    x = np.concatenate([np.linspace(-100, 100, 20001), [np.inf, -np.inf]]).astype(np.float32)[:, None]
    for activation, limits in (("sigmoid", (1, 0)), ("tanh", (1, -1))):
        chain = chain_of(([[1.0]], [0.0], activation))
        outputs = CompiledNetwork(chain, flags=FAST).predict(x)
        with np.errstate(over="ignore"):
            assert np.abs(outputs - evaluate(chain, x)).max() < 1e-6
        assert tuple(outputs[-2:, 0]) == limits


@pytest.mark.parametrize(
    "hidden, activation", [pytest.param("tanh", "sigmoid", marks=pytest.mark.slow), ("relu", "softmax")]
)
def test_agrees_with_keras_with_nan_and_inf(hidden, activation):
    keras.utils.set_random_seed(0)
    dense = [keras.layers.Dense(20, activation=hidden), keras.layers.Dense(3, activation=activation)]
    model = keras.Sequential([keras.Input((8,)), keras.layers.Normalization(mean=[1] * 8, variance=[4] * 8), *dense])
    kernel, bias = dense[0].get_weights()
    dense[0].set_weights([kernel * (np.arange(160).reshape(8, 20) % 5 == 0), bias + 0.1])
    x = np.concatenate([events_of(50, 8), edge_events(8)])
    outputs = CompiledNetwork(load_network(model), flags=FAST).predict(x)
    expected = model.predict(x, verbose=0)
    if hidden == "relu":  # TensorFlow's on a CPU makes 0 of NaN, and its softmax equal probabilities; the C++ says NaN
        expected[~np.isfinite(x).all(1)] = np.nan
    np.testing.assert_allclose(outputs, expected, atol=2e-6)


@pytest.mark.parametrize("density", [pytest.param(1.0, marks=pytest.mark.slow), 0.1])
def test_nan_with_a_payload_stays_nan(density):
    chain = random_chain((6, 15, 2), ("sigmoid", "softmax"), density=density)
    x = events_of(20, 6)
    x[:, 2] = np.arange(0x7FC00001, 0x7FC00001 + 20 * 37, 37, dtype=np.uint32).view(np.float32)
    compiled = CompiledNetwork(chain, flags=FAST)
    assert np.isnan(compiled.predict(x)).all()
    assert np.isnan(compiled.predict(x, one_by_one=True)).all()


def test_runs_clean_under_the_sanitizers(tmp_path):
    for index, density in enumerate((1.0, 0.1)):
        write_cpp(
            random_chain((7, 20, 6), ("relu", "softmax"), density=density),
            tmp_path / f"net{index}.hpp",
            name=f"net{index}",
        )
    (tmp_path / "main.cpp").write_text(
        """#include "net0.hpp"
#include "net1.hpp"
#include <vector>
int main() {
  for (std::size_t n : {0, 1, 15, 16, 17, 100}) {
    std::vector<float> x(n * 7, 0.5f), y(n * 6);
    net0::predict(x.data(), y.data(), n);
    net1::predict(x.data(), y.data(), n);
  }
  std::array<float, 7> event = {};
  static_assert(noexcept(net0::predict(event)));
  return net0::predict(event)[0] + net1::predict(event)[5] >= 0 ? 0 : 1;
}
"""
    )
    flags = [
        "-std=c++17",
        "-O1",
        "-march=native",
        *WARNINGS,
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    ]
    subprocess.run(["g++", *flags, "main.cpp", "-o", "main"], cwd=tmp_path, check=True)
    subprocess.run(["./main"], cwd=tmp_path, check=True, env={"ASAN_OPTIONS": "detect_leaks=0"})


def test_standardisation_far_from_zero_is_not_folded():
    chain = random_chain((4, 6, 2), ("relu", "linear"), offset=[-1e6, 1, 2, 3], scale=[1, 1, 2, 0.5])
    assert make_plan(SingleChain.of(chain)).standardisation is not None
    x = events_of(40, 4) + np.float32([1e6, 0, 0, 0])
    assert_agrees(chain, FAST, x)
    assert (
        make_plan(SingleChain.of(random_chain((4, 6, 2), ("relu", "linear"), offset=[1, 1, 2, 3]))).standardisation
        is None
    )


def test_dead_and_constant_units_are_dropped():
    kernel, after = np.ones((3, 4)), np.ones((4, 2))
    kernel[:, 1], after[2] = 0, 0
    chain = chain_of((kernel, [1, 2, 3, 4], "sigmoid"), (after, [0, 0]))
    plan = make_plan(SingleChain.of(chain))
    assert [layer.kernel.shape for layer in plan.layers] == [(3, 2), (2, 2)]
    assert_agrees(chain, FAST, np.concatenate([events_of(20, 3), [[0, np.nan, 0]]]))


def test_constant_networks_pass_a_nan_on():
    chain = chain_of((np.zeros((3, 4)), np.ones(4), "relu"), (np.zeros((4, 2)), [1, 2]))
    assert_agrees(chain, FAST, edge_events(3))


def test_literals_read_back_as_the_same_float32():
    for value in np.random.default_rng(0).integers(0, 2**32, 2000, dtype=np.uint32).view(np.float32):
        if np.isfinite(value):
            assert np.float32(number(value)[:-1]) == value
    assert number(1.0) == "1.0f"


def test_check_cpp_and_errors(tmp_path, monkeypatch):
    chain = random_chain((3, 4, 2), ("relu", "linear"))
    assert check_cpp(chain, events_of(20, 3)) < 1e-6
    with pytest.raises(DataError, match="expected events, finite"):
        check_cpp(chain, [[np.nan, 1, 2]])
    with pytest.raises(DataError, match="expected a file"):
        write_cpp(chain, tmp_path)
    with pytest.raises(DataError, match="a word of C"):
        cpp_source(random_chain((3, 4, 2), ("relu", "linear")), name="namespace")
    with pytest.raises(ToolError, match="g\\+\\+: failed"):
        CompiledNetwork(chain, flags=("--no-such-flag",))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="g\\+\\+ is not installed"):
        CompiledNetwork(chain)
