import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import CodesignError, DataError
from codesign.export import load_network, write_json, write_reader
from codesign.export.agreement import compare
from codesign.network import FixedPoint
from codesign.network.same_function import draw_events
from codesign.network.summary import size_text
from codesign.read.lwtnn.file import parse_json_text
from codesign.tools.find import require_tool
from tests.export.example_chains import chain_of, evaluate, events_of, keras_classifier, random_chain
from tests.export.quantised_chains import random_quantised_chain, random_type
from tests.export.test_quantizers import BAD_FILES

WARNINGS = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
SANITIZERS = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
DRIVER = Path(__file__).with_name("json_reader_driver.cpp")


def build(folder, options):
    write_reader(folder / "codesign_reader.hpp")
    command = [
        *require_tool("g++").command,
        *WARNINGS,
        *options,
        f"-I{folder}",
        str(DRIVER),
        "-o",
        str(folder / "driver"),
    ]
    subprocess.run(command, check=True)
    return folder / "driver"


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    return build(tmp_path_factory.mktemp("sanitized"), SANITIZERS)


def predictions(driver, chain, x, folder):
    """Outputs of events one by one, and of the batch."""
    write_json(chain, folder / "net.json")
    x.tofile(folder / "x.bin")
    subprocess.run([driver, "predict", folder / "net.json", folder / "x.bin", folder / "y.bin"], check=True)
    return np.fromfile(folder / "y.bin", np.float32).reshape(2, len(x), chain.n_outputs)


CHAINS = [
    random_chain((6, 15, 1), ("sigmoid", "sigmoid")),
    random_chain((59, 150, 6), ("relu", "softmax")),
    random_chain((16, 64, 32, 32, 5), ("tanh", "relu", "linear", "softmax")),
    random_chain((1, 1), ("linear",)),
    random_chain((3, 1100, 2), ("relu", "sigmoid")),
    random_chain((2, 2500, 1), ("sigmoid", "tanh")),
]


@pytest.mark.parametrize("chain", CHAINS, ids=size_text)
def test_predicts_what_the_chain_predicts(driver, chain, tmp_path):
    x = events_of(chain, 43)
    one, batch = predictions(driver, chain, x, tmp_path)
    np.testing.assert_array_equal(one, batch)
    np.testing.assert_allclose(one, chain.predict(x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_quantizers_round_as_the_chain_does(driver, seed, tmp_path):
    chain = random_quantised_chain(seed)
    x = draw_events(chain, 200)
    one, batch = predictions(driver, chain, x, tmp_path)
    np.testing.assert_array_equal(one, batch)
    compare(chain, x, batch, "reader")


def test_quantizers_leave_nan_and_end_at_infinity(driver, tmp_path):
    x = np.float32([[np.nan, 1], [np.inf, 1], [-np.inf, 0], [1e30, -1e30], [0.3, -7.6]])
    for seed in range(20):
        chain = chain_of((np.eye(2), [0, 0]), input_quantizer=random_type(np.random.default_rng(seed), 2))
        with np.errstate(invalid="ignore"):
            expected = evaluate(chain, x).astype(np.float32)
        np.testing.assert_array_equal(predictions(driver, chain, x, tmp_path)[0], expected)


def test_bad_quantizers_are_refused_as_python_does(driver, tmp_path):
    for text, answer in texts_and_answers(driver, [text.encode() for text, _ in BAD_FILES], tmp_path):
        assert answer.startswith("error: codesign: "), (text, answer)


def test_predicts_what_keras_predicts(driver, tmp_path):
    model = keras_classifier()
    chain = load_network(model)
    x = events_of(chain, 60)
    np.testing.assert_allclose(predictions(driver, chain, x, tmp_path)[1], model.predict(x, verbose=0), atol=1e-6)


def test_nan_and_infinity_follow_ieee(driver, tmp_path):
    chain = chain_of((np.eye(3), [0, 0, 0], "relu"), (np.diag([1, 1, 2]), [0, 0, 0], "sigmoid"))
    x = np.float32([[np.nan, 1, 2], [np.inf, 1, 1], [-np.inf, -1, 0], [3e38, -3e38, 1], [0, -0.0, 1e-45]])
    with np.errstate(invalid="ignore"):
        expected = evaluate(chain, x)
    for y in predictions(driver, chain, x, tmp_path):
        np.testing.assert_allclose(y, expected, atol=1e-6)
    assert np.isnan(expected[:2]).any()


def texts_and_answers(driver, texts, folder):
    packed = b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    (folder / "corpus.bin").write_bytes(packed)
    command = [driver, "many", folder / "corpus.bin"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, errors="replace")
    answers = printed.stdout.split("\n")[:-1]
    assert len(answers) == len(texts)
    return zip(texts, answers)


def changed(content, path, value):
    content = json.loads(json.dumps(content))
    *way, last = path
    place = content
    for step in way:
        place = place[step]
    place[last] = value
    return json.dumps(content).encode()


def test_errors_name_the_layer(driver, tmp_path):
    write_json(random_chain(), tmp_path / "net.json")
    content, text = json.loads((tmp_path / "net.json").read_text()), (tmp_path / "net.json").read_bytes()
    second = text.rindex(b'"weights"')
    cases = {
        text[: second + 30]: "layer 1: .*truncated",
        text[: text.index(b'"weights"') + 30]: "layer 0: .*truncated",
        text[:40]: "truncated",
        b"": "truncated",
        changed(content, ["layers", 1, "weights", 3], float("nan")): "layer 1: expected a JSON value",
        changed(content, ["layers", 1, "bias", 0], 1e39): "layer 1: expected finite float32 numbers for 'bias'",
        changed(content, ["layers", 0, "weights"], [1]): "layer 0: expected weights of 5 units x 6 inputs. Received: 1",
        changed(content, ["layers", 1, "bias"], []): "layer 1: expected 1 to 16384 values. Received: 0",
        changed(content, ["layers", 1, "activation"], "gelu"): "layer 1: expected activation .* Received: gelu",
        changed(content, ["layers", 0, "activation"], "softmax"): "layer 0: expected softmax only at the end",
        changed(content, ["layers", 0, "architecture"], 3): "layer 0: expected a string for 'architecture'",
        changed(content, ["layers", 1], None): "layer 1: expected an object with the key 'architecture'",
        changed(content, ["layers"], []): "expected at least one layer",
        changed(content, ["inputs"], []): "expected 1 to 16384 values",
        changed(content, ["outputs"], ["a", "a", "b"]): "expected different names of outputs",
        changed(content, ["more"], "[" * 3): "",
        text.replace(b'"outputs"', b'"layers"'): "expected the key 'layers' once",
        b"[" * 100_000: "expected at most 32 levels",
        text + b"x": "expected the end",
        text.replace(b"x0", b"\xc3\x28"): "expected UTF-8",
    }
    for message, (_, answer) in zip(cases.values(), texts_and_answers(driver, list(cases), tmp_path)):
        assert re.search("^error: codesign: (.*)" + message if message else r"^-?\d", answer), (message, answer)
    result = subprocess.run([driver, "predict", tmp_path / "no.json", "x", "y"], capture_output=True, text=True)
    assert (result.returncode, result.stderr.count("\n")) == (3, 1) and "expected a readable file" in result.stderr


def mutations(valid, n):
    """What a damaged file, a bad disk or another program make of a valid one."""
    rng = np.random.default_rng(0)
    pieces = [
        b"NaN",
        b"1e999",
        b"3.5e38",
        b"1e-999",
        b"-0",
        b"1.",
        b"01",
        b"[1]",
        b'"x"',
        b"null",
        b"",
        b"\\u00e9",
        b"\xc3\xa9",
    ]
    numbers = [match.span() for match in re.finditer(rb"-?\d[-+.eE\d]*", valid)]
    for kind in rng.integers(0, 5, n):
        at, length = rng.integers(0, len(valid)), int(rng.integers(1, 8))
        start, end = numbers[rng.integers(0, len(numbers))]
        yield {
            0: lambda: valid[:at] + bytes([valid[at] ^ (1 << int(rng.integers(0, 8)))]) + valid[at + 1 :],
            1: lambda: valid[:at],
            2: lambda: valid[:at] + valid[at + length :],
            3: lambda: valid[:start] + pieces[rng.integers(0, len(pieces))] + valid[end:],
            4: lambda: valid[:at] + valid[at : at + length] + valid[at:],
        }[int(kind)]()


@pytest.mark.parametrize("quantised", [False, True])
def test_takes_and_refuses_the_files_that_python_does(driver, quantised, tmp_path):
    chain = random_chain((3, 4, 2), ("tanh", "softmax"))
    if quantised:
        several = FixedPoint(np.array([4, 0, 6, 5]), np.array([1, 1, 3, 0]), True, "RND", "SAT_SYM")
        first, last = (tuple(getattr(layer, name) for name in ("kernel", "bias")) for layer in chain.layers)
        inputs = FixedPoint(8, 4, False, "RND_CONV", "SAT")
        chain = chain_of((*first, "tanh", several), (*last, "softmax"), input_quantizer=inputs)
    write_json(chain, tmp_path / "net.json", input_names=["pT", "η", 'a"b\\'])
    event = np.float32([(i * 7 % 11 - 5) * 0.25 for i in range(200)])
    taken = 0
    for text, answer in texts_and_answers(
        driver, list(mutations((tmp_path / "net.json").read_bytes(), 1000)), tmp_path
    ):
        try:
            expected = parse_json_text(text.decode())[0]
        except (CodesignError, UnicodeDecodeError) as error:
            assert answer.startswith("error: ") or "printable" in str(error), text
            continue
        assert not answer.startswith("error: "), (text, answer)
        taken += 1
        with np.errstate(all="ignore"):
            y = evaluate(expected, event[None, : expected.n_inputs])[0]
        np.testing.assert_allclose(np.float64(answer.split()), y, atol=1e-5)
    assert taken > 100


def test_mutated_files_never_crash(driver, tmp_path):
    write_json(random_chain((3, 4, 2), ("tanh", "softmax")), tmp_path / "net.json")
    subprocess.run([driver, "fuzz", tmp_path / "net.json", "1", "10000", "60"], check=True)


@pytest.mark.slow
def test_mutated_files_never_crash_for_a_minute(driver, tmp_path):
    write_json(random_chain(), tmp_path / "net.json")
    result = subprocess.run(
        [driver, "fuzz", tmp_path / "net.json", "2", "1000000000", "60"], check=True, capture_output=True
    )
    done, taken = map(int, result.stdout.split())
    assert done > 50_000 and taken > 1000


@pytest.mark.slow
@pytest.mark.parametrize("options", ["-O3 -march=native", "-O3 -mavx2 -mfma", "-O2", "-O2 -U__GNUC__"])
def test_every_vector_width_predicts_the_same(options, tmp_path):
    driver = build(tmp_path, options.split())
    for chain in CHAINS:
        x = events_of(chain, 43)
        one, batch = predictions(driver, chain, x, tmp_path)
        np.testing.assert_array_equal(one, batch)
        np.testing.assert_allclose(one, chain.predict(x), rtol=0, atol=1e-6)


def test_reader_is_not_written_to_nowhere(tmp_path):
    with pytest.raises(DataError, match="writable place for the header"):
        write_reader(Path(__file__) / "reader.hpp")
