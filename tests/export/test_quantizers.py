"""Quantizers in every format: what was written gives what the user's own Keras model gives, or what the chain does."""

import shutil
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import CodesignError, DataError, PrecisionError, UnsupportedLayerError
from codesign.export import cpp_source, read_json, write_json, write_onnx, write_tflite
from codesign.export.agreement import compare, random_events
from codesign.export.formats import predict_exported
from codesign.export.load import Source, load_source
from codesign.export.single_chain import SingleChain
from codesign.network import FixedPoint
from codesign.network.same_function import draw_events
from codesign.network.types.fixed_point import OVERFLOWS, ROUNDINGS
from codesign.read.lwtnn.file import parse_json_text
from tests.export.compiled_together import CompiledTogether
from tests.export.example_chains import chain_of, evaluate
from tests.export.quantised_chains import random_quantised_chain, tutorial_tagger
from tests.read.random_keras import random_model

HAS_COMPILER = shutil.which("g++") is not None
WRITERS = {"json": write_json, "onnx": write_onnx, "tflite": write_tflite}
FORMATS = ["json", "tflite", *["onnx"] * bool(find_spec("onnx") and find_spec("onnxruntime"))]
SEVERAL = FixedPoint(np.array([4, 0, 6]), np.array([1, 1, 3]), True, "RND", "SAT")


def keras_source(seed):
    return load_source(random_model(np.random.default_rng(seed), quantised=True))


def sources_of(seeds, keras_seeds):
    chains = {f"chain_{seed}": Source(random_quantised_chain(seed)) for seed in seeds}
    return chains | {f"keras_{seed}": keras_source(seed) for seed in keras_seeds}


def check(sources, folder, formats=FORMATS):
    """Every format of every network, on events at random and on others that saturate."""
    networks = {name: source.network for name, source in sources.items()}
    compiled = CompiledTogether(networks, folder) if HAS_COMPILER else None
    left_out = []
    for name, network in networks.items():
        x = np.concatenate([random_events(network, 150), draw_events(network, 150)])
        for to in formats:
            path = folder / f"{name}.{to}"
            WRITERS[to](network, path)
            found = compare(network, x, predict_exported(path, to, x), path.name, sources[name].model)
            left_out.append(found.n_left_out / len(x))
        for outputs in compiled.predict(name, x) if compiled else ():
            compare(network, x, outputs, f"{name}.hpp", sources[name].model)
    assert np.median(left_out) < 0.02


@pytest.mark.parametrize(
    ("seeds", "keras_seeds"), [((0, 3), (1,)), pytest.param((7,), (2, 4), marks=pytest.mark.slow)], ids=["few", "more"]
)
def test_what_is_written_gives_what_the_model_gives(seeds, keras_seeds, tmp_path):
    check(sources_of(seeds, keras_seeds), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 80, 8))
def test_many_networks_in_every_format(start, tmp_path):
    check(sources_of(range(100 + start, 108 + start), range(2000 + start, 2008 + start)), tmp_path)


@pytest.mark.parametrize("quantised", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["part 1", "part 4"])
def test_taggers_of_the_tutorial_are_within_a_millionth(quantised, tmp_path):
    """Random weights, here; benchmarks/tutorial_taggers.py trains them."""
    model = tutorial_tagger(quantised=quantised)
    source = load_source(model)
    chain = source.network
    x = random_events(chain, 2000)
    expected, outputs = model.predict(x, batch_size=2000, verbose=0), {}
    for to in FORMATS:
        WRITERS[to](chain, tmp_path / "net")
        outputs[to] = [predict_exported(tmp_path / "net", to, x)]
    if HAS_COMPILER and quantised:
        outputs["cpp"] = CompiledTogether({"tagger": chain}, tmp_path).predict("tagger", x)
    for to, found in outputs.items():
        for values in found:
            assert compare(chain, x, values, to, source.model).difference < 1e-6
            assert (np.abs(values - expected) < 1e-6).all(1).mean() > (
                0.99 if quantised else 0.9999
            )  # single precision on ties


@pytest.mark.skipif(not HAS_COMPILER, reason="needs g++")
def test_nan_stays_and_infinity_saturates_in_cpp(tmp_path):
    """On every rounding and overflow, of whole layers and of single values, dense and straight-line, and at inputs."""
    x = np.float32(
        [[np.nan, 1, 2], [np.inf, 1, 2], [-np.inf, 0, 3], [1e30, -1e30, 1], [1e-45, -0.0, 0.5], [0.3, -7.6, 4.4]]
    )
    types = [FixedPoint(5, 3, True, rounding, overflow) for rounding in ROUNDINGS for overflow in OVERFLOWS]
    chains = {}
    for index, kind in enumerate([*types, SEVERAL, replace(SEVERAL, overflow="WRAP")]):
        kernel = np.eye(3) if index % 2 else np.ones((3, 3))
        quantizers = {"input_quantizer": kind} if index % 3 else {}
        layers = (kernel, np.zeros(3), "relu", kind), (np.eye(3), np.zeros(3))
        chains[f"edge_{index}"] = chain_of(*layers, **quantizers)
    compiled = CompiledTogether(chains, tmp_path)
    for name, chain in chains.items():
        with np.errstate(all="ignore"):
            expected = evaluate(chain, x)
        for outputs in compiled.predict(name, x):
            usual = np.isfinite(x).all(1) | (
                chain.input_quantizer is not None
            )  # else zero weights make NaN of inf, in float64 too
            np.testing.assert_array_equal(outputs[usual], expected[usual].astype(np.float32), name)
            assert np.isnan(outputs[0]).any()


def test_networks_without_quantizers_are_written_as_ever(tmp_path):
    chain = chain_of(([[1.0]], [0.0], "relu"))
    write_json(chain, tmp_path / "net.json")
    assert "fixed_point" not in (tmp_path / "net.json").read_text() and "quantise" not in cpp_source(chain)


@pytest.mark.parametrize("seed", range(6))
def test_json_reads_back_to_the_same_quantizers(seed, tmp_path):
    chain = random_quantised_chain(seed)
    write_json(chain, tmp_path / "net.json")
    read = read_json(tmp_path / "net.json")
    assert [layer.quantizer for layer in read.layers] == [layer.quantizer for layer in chain.layers]
    assert read.input_quantizer == chain.input_quantizer


ENTRY = (
    '{"architecture": "fixed_point", "width": 6, "integer": 1, "signed": true, "rounding": "RND", "overflow": "SAT"}'
)
DENSE = '{"architecture": "dense", "activation": "ACT", "weights": [1, 2], "bias": [0, 1]}'
FILE = '{"inputs": [{"name": "x", "offset": 0, "scale": 1}], "layers": [%s], "outputs": ["a", "b"]}'
BAD_FILES = [
    (FILE % f"{DENSE.replace('ACT', 'linear')}, {ENTRY}, {ENTRY}", "layer 2: expected one fixed_point at a time"),
    (FILE % f"{DENSE.replace('ACT', 'softmax')}, {ENTRY}", "behind a softmax"),
    (
        FILE % f"{ENTRY.replace('6', '6.5')}, {DENSE.replace('ACT', 'relu')}",
        "layer 0: expected whole numbers of bits for 'width'",
    ),
    (FILE % f"{ENTRY.replace('6', '[6, 6]')}, {DENSE.replace('ACT', 'relu')}", "layer 0: expected"),
    (FILE % f"{ENTRY.replace('6', '99')}, {DENSE.replace('ACT', 'relu')}", "layer 0: .*width"),
    (FILE % f"{ENTRY.replace('6', '30').replace('SAT', 'WRAP')}, {DENSE.replace('ACT', 'relu')}", "layer 0: .*24 bits"),
    (FILE % f"{ENTRY.replace('1', '-300')}, {DENSE.replace('ACT', 'relu')}", "layer 0: .*100"),
    (FILE % f"{ENTRY.replace('true', '1')}, {DENSE.replace('ACT', 'relu')}", "layer 0: expected true or false"),
    (FILE % f"{ENTRY.replace('true', '[2]')}, {DENSE.replace('ACT', 'relu')}", "layer 0: expected 0 and 1"),
    (FILE % f"{ENTRY.replace('true', '[1, 0]')}, {DENSE.replace('ACT', 'relu')}", "layer 0: expected .*'signed'"),
    (FILE % f"{ENTRY.replace('RND', 'UP')}, {DENSE.replace('ACT', 'relu')}", "layer 0: .*rounding"),
    (FILE % ENTRY, "expected"),
]


@pytest.mark.parametrize(("text", "message"), BAD_FILES)
def test_bad_quantizers_in_a_file_are_refused(text, message):
    with pytest.raises(CodesignError, match=message) as error:
        parse_json_text(text)
    assert "\n" not in str(error.value)


def test_what_no_format_can_hold_is_refused(tmp_path):
    layer = (np.eye(2), np.zeros(2), "linear")
    for kind, message in [
        (FixedPoint(30, 3), "at most 24 bits"),
        (FixedPoint(30, 200, overflow="SAT"), "steps from"),
    ]:
        for write in (write_json, write_tflite):
            with pytest.raises(PrecisionError, match=f"node 'layer_0_quantizer': .*{message}"):
                write(chain_of((*layer, kind)), tmp_path / "net")
    chain = chain_of((*layer, FixedPoint(8, 3)))
    with pytest.raises(UnsupportedLayerError, match="int8: expected a network that was trained without quantizers"):
        write_tflite(chain, tmp_path / "net.tflite", int8=True, x=np.zeros((2, 2)))
    with pytest.raises(DataError, match="different names"):
        write_json(chain, tmp_path / "net.json", input_names=("a", "a"))


def test_a_softmax_behind_a_quantizer_is_a_step_of_its_own():
    from qkeras import QActivation

    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(3, activation="relu")
    model = keras.Sequential(
        [keras.Input((4,)), dense, QActivation("quantized_bits(4,1,alpha=1)"), keras.layers.Softmax()]
    )
    source = load_source(model)
    chain = SingleChain.of(source.network)
    assert [layer.activation for layer in chain.layers] == ["relu", "softmax"]
    x = random_events(source.network, 50)
    compare(source.network, x, source.network.predict(x), "chain", source.model)
