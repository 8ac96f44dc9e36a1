import shutil

import numpy as np
import pytest

from codesign.cpu import Timing, catalogue, runtimes, time_network, time_networks
from codesign.cpu.flat_ends import with_flat_ends
from codesign.cpu.process import RuntimeProcess
from codesign.cpu.runtime import Program, Runtime
from codesign.errors import (
    AgreementError,
    CodesignError,
    ConfigError,
    DataError,
    EnvironmentSetupError,
    ToolError,
    UnsupportedLayerError,
)
from codesign.export.agreement import Reference
from codesign.export.load import Source
from codesign.network import FixedPoint, Input, Network, Node, quantize_network
from codesign.network.ops import Activation, Affine, Concatenate, Dense, Mean
from tests.export.example_chains import chain_of

NEEDS_COMPILER = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
QUICK = {"batches": (1, 7), "repeats": 2, "min_time_s": 1e-4}


def random_chain(*sizes, activation="relu", last="linear", seed=0, options=(), **inputs):
    rng = np.random.default_rng(seed)
    layers = [(rng.standard_normal(pair), rng.standard_normal(pair[1]), activation) for pair in zip(sizes, sizes[1:])]
    layers[0] = (*layers[0][: 2 if len(layers) == 1 else 3], *options)
    layers[-1] = (*layers[-1][:2], last)
    return chain_of(*layers, offset=rng.standard_normal(sizes[0]), scale=1 + rng.random(sizes[0]), **inputs)


CHAIN = random_chain(6, 15, 2, last="sigmoid")
FIXED = quantize_network(CHAIN, np.random.default_rng(0).standard_normal((500, 6)) * 3, weights=12, activations=12)


def test_every_runtime_is_listed_with_what_it_misses():
    found = runtimes()
    assert list(found)[:2] == ["keras", "keras-predict"] and {"litert", "litert-int8", "json", "cpp"} <= set(found)
    assert not found["keras"]


def test_missing_package_names_the_extra(monkeypatch):
    absent = Runtime("onnxruntime", "C API", None, ("no_such_package",), "pip install '.[runtimes]'")
    monkeypatch.setattr(catalogue, "_ALL", (absent,))
    with pytest.raises(
        EnvironmentSetupError, match=r"expected onnxruntime.* no_such_package missing: pip install '.\[runtimes\]'"
    ):
        time_network(CHAIN, runtimes=["onnxruntime"])


def test_missing_compiler_is_said(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "g++" in runtimes()["cpp"] and not runtimes()["keras"]
    with pytest.raises(EnvironmentSetupError, match="runtimes: expected cpp to be installed"):
        time_network(CHAIN, runtimes=["cpp"])


# emlearn: fast mathematics and its own sigmoid.
AGREEMENT = {"litert-int8": 0.1, "emlearn": 1e-3, "cpp-integer": 0.1}


@NEEDS_COMPILER
@pytest.mark.parametrize("name", [name for name in catalogue.NAMES if not name.startswith("keras")])
def test_runtime_computes_the_network(name):
    if runtimes()[name]:
        pytest.skip(runtimes()[name])
    timings = time_network(FIXED if name == "cpp-integer" else CHAIN, runtimes=[name], **QUICK)
    assert [(one.runtime, one.batch, one.threads, one.repeats) for one in timings] == [(name, 1, 1, 2), (name, 7, 1, 2)]
    for one in timings:
        assert one.largest_difference < AGREEMENT.get(name, 1e-5)
        assert 0 < one.best_ns <= one.ns_per_event and one.spread_ns >= 0 and 0 < one.best_cpu_ns <= one.cpu_ns


def quantised_chain():
    """A standardisation, quantizers of the inputs and behind a layer, and a softmax."""
    first = FixedPoint(6, 2, False, "RND_CONV", "SAT")
    inputs = FixedPoint(np.array([8, 0, 6]), np.array([3, 1, 1]), True, "RND", "SAT_SYM")
    return random_chain(3, 4, 2, last="softmax", options=(first,), input_quantizer=inputs)


@pytest.mark.parametrize(
    "chain",
    [random_chain(3, 2, last="softmax"), pytest.param(quantised_chain(), marks=pytest.mark.slow)],
    ids=["plain", "quantised"],
)
def test_keras_runs_in_a_process_of_its_own(chain):
    (timing,) = time_network(chain, runtimes=["keras"], batches=(400,), repeats=1, min_time_s=1e-4)
    assert timing.call == "Python" and timing.largest_difference < 1e-6 and timing.ns_per_event > 10


@pytest.mark.slow
@NEEDS_COMPILER
def test_quantizers_are_computed_or_refused_by_name():
    chain, here = quantised_chain(), [name for name, reason in runtimes().items() if not reason]
    exact = [name for name in here if name not in ("keras", "keras-predict", "litert-int8", "emlearn", "cpp-integer")]
    for timing in time_network(chain, runtimes=exact, batches=(500,), repeats=1, min_time_s=1e-4):
        assert timing.largest_difference < 1e-6
    for name in {"litert-int8", "emlearn"}.intersection(here):
        with pytest.raises(UnsupportedLayerError, match="trained without quantizers"):
            time_network(chain, runtimes=[name], batches=(1,), repeats=1, min_time_s=1e-4)


def graph():
    """Two inputs, one of particles that are standardised, two heads: what Keras, LiteRT, ONNX Runtime and C++ time."""
    rng = np.random.default_rng(3)
    ops = [("scaled", Affine(rng.random(3) + 1, rng.random(3)), ["particles"])]
    ops += [
        ("shared", Dense(rng.normal(size=(3, 4)), np.ones(4)), ["scaled"]),
        ("relu", Activation("relu"), ["shared"]),
    ]
    ops += [("mean", Mean(1), ["relu"]), ("all", Concatenate(), ["mean", "x"])]
    ops += [("sums", Dense(rng.normal(size=(6, 3)), np.ones(3)), ["all"]), ("p", Activation("softmax"), ["sums"])]
    return Network([Node(*one) for one in ops], [Input("x", (2,)), Input("particles", (5, 3))], ["p", "mean"])


def test_flat_ends_change_nothing():
    flat = with_flat_ends(graph())
    assert (flat.input_layout.is_vector, flat.output_layout.is_vector) == (True, True)
    x = np.random.default_rng(0).normal(size=(30, 17))
    np.testing.assert_allclose(flat.predict(x), graph().predict(x), rtol=1e-12)
    assert with_flat_ends(CHAIN) is CHAIN or with_flat_ends(CHAIN).shapes == CHAIN.shapes


@pytest.mark.slow
@NEEDS_COMPILER
def test_graphs_are_timed():
    here = [name for name in ("keras", "litert", "onnxruntime", "openvino", "cpp") if not runtimes()[name]]
    timings = time_network(graph(), runtimes=here, batches=(40,), repeats=1, min_time_s=1e-4)
    assert [one.runtime for one in timings] == here
    assert all(one.largest_difference < 1e-6 for one in timings)
    with pytest.raises(UnsupportedLayerError, match="json: expected dense layers in a row"):
        time_network(graph(), runtimes=["json"], batches=(1,), repeats=1)


@NEEDS_COMPILER
def test_a_runtime_that_is_not_the_users_model_is_an_error_with_both_numbers():
    chain = Source(CHAIN, reference=Reference(lambda x: CHAIN.predict(x) + 1e-3))
    with pytest.raises(
        AgreementError, match=r"cpp: expected what the model computes. Received: \S+ instead of \S+ in output 0"
    ):
        time_network(chain, runtimes=["cpp"], batches=(20,), repeats=1, min_time_s=1e-4)


@pytest.mark.slow
@NEEDS_COMPILER
def test_networks_side_by_side_keep_their_names():
    chains = {"a": CHAIN, "b": random_chain(6, 4, 3, seed=1)}
    timings = time_networks(chains, runtimes=["json", "cpp"], **QUICK)
    keys = [(one.batch, one.network, one.runtime) for one in timings]
    assert keys == [(batch, network, name) for batch in (1, 7) for network in "ab" for name in ("json", "cpp")]
    assert max(one.largest_difference for one in timings) < 1e-5


@NEEDS_COMPILER
def test_given_events_are_evaluated():
    x = np.full((3, 6), 1e4, np.float32)
    (timing,) = time_network(random_chain(6, 3), x=x, runtimes=["cpp"], batches=(5,), repeats=1, min_time_s=1e-4)
    assert 0 < timing.largest_difference < 0.1  # float32 at outputs of 1e4 and more


def test_emlearn_takes_softmax_and_refuses_a_single_layer():
    pytest.importorskip("emlearn")
    (timing,) = time_network(
        random_chain(6, 5, 3, last="softmax"), runtimes=["emlearn"], batches=(9,), repeats=1, min_time_s=1e-4
    )
    assert timing.largest_difference < 1e-3
    with pytest.raises(UnsupportedLayerError, match="emlearn: expected at least two layers"):
        time_network(random_chain(3, 2), runtimes=["emlearn"])


@NEEDS_COMPILER
def test_what_cannot_evaluate_a_network_is_left_out_unless_asked_for(monkeypatch):
    def refuse(*_):
        raise UnsupportedLayerError("odd: expected something else")

    kept = next(runtime for runtime in catalogue._ALL if runtime.name == "cpp")
    monkeypatch.setattr(catalogue, "_ALL", (Runtime("odd", "C", refuse), kept))
    assert {one.runtime for one in time_network(CHAIN, **QUICK)} == {"cpp"}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"runtimes": ["onnx"]}, ConfigError, r"runtimes: .* Received: onnx \(did you mean 'onnxruntime'\?\)"),
        ({"runtimes": []}, ConfigError, "runtimes: expected at least one"),
        ({"runtimes": ["keras", "keras"]}, ConfigError, "runtimes: .* each once"),
        ({"batches": (0,)}, ConfigError, "batches: "),
        ({"batches": ()}, ConfigError, "batches: "),
        ({"batches": (5, 5)}, ConfigError, "batches: "),
        ({"repeats": 0}, ConfigError, "repeats: expected at least 1. Received: 0"),
        ({"threads": -1}, ConfigError, "threads: "),
        ({"min_time_s": 0}, ConfigError, "min_time_s: "),
        ({"x": np.zeros((4, 5))}, DataError, r"x: expected finite numbers, \(n_events, 6\)"),
        ({"x": np.full((4, 6), np.nan)}, DataError, "x: .* NaN"),
        ({"x": np.zeros((0, 6))}, DataError, "x: "),
    ],
)
def test_bad_arguments(options, error, message):
    with pytest.raises(error, match=message) as raised:
        time_network(CHAIN, **options)
    assert isinstance(raised.value, CodesignError) and "\n" not in str(raised.value)


def test_no_network_is_refused():
    with pytest.raises(ConfigError, match="models: expected at least one"):
        time_networks({})


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo broken >&2; exit 3", "one: expected a runtime that starts.* Received: broken"),
        ("exit 3", "one: .* no answer"),
    ],
)
def test_runtime_that_fails_is_one_line(script, message, tmp_path):
    with pytest.raises(ToolError, match=message):
        RuntimeProcess(
            "one", Program(("sh", "-c", script)), np.zeros((1, 2), np.float32), 1, threads=1, folder=tmp_path
        )


def test_runtime_that_dies_while_timed_is_one_line(tmp_path):
    script = 'printf "\\0\\0\\0\\0" > "$5"; echo ready; read calls; echo gone >&2'
    with RuntimeProcess(
        "one", Program(("sh", "-c", script)), np.zeros((1, 2), np.float32), 1, threads=1, folder=tmp_path
    ) as process:
        with pytest.raises(ToolError, match="one: expected times. Received: gone"):
            process.sample(10)


def test_timing_is_a_flat_record():
    timing = Timing("net", "cpp", "C++", 1, 1, 2.0, 1.0, 0.5, 2.0, 1.0, 0.0, 15)
    assert timing.as_dict()["ns_per_event"] == 2.0 and len(timing.as_dict()) == 12
