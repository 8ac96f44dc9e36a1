"""Limits of the readers, and what they say."""

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from codesign._untrusted import parse_json, parse_xml, parse_yaml, read_arrays, read_text
from codesign.errors import DataError, PrecisionError, UnreadableError, UnsupportedLayerError
from codesign.network import FixedPoint, Network
from tests.mutations import within_limits
from tests.random_networks import random_events, random_network

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' is there twice"),
        ("a: {b: 1, b: 2}", "the key 'b' is there twice"),
        ("a: &x [1]\nb: *x", "line 1: expected no reference"),
        ("a: !!python/object/apply:os.system [ls]", "expected no tag"),
        ("a: !!int abc", "expected no tag"),
        ("a: " + "[" * 3000, "more than 20 deep"),
        ("a: " + "9" * 5000, "a number of 5000 characters"),
        ("a: [" + "1," * 50_000 + "1]", "more than 10,000 values"),
        ("a: 'open", "scanning"),
        ("? [1, 2]\n: 3", "expected a key of one word"),
        ("a: \x07", "special characters"),
    ],
)
def test_yaml_is_refused_with_its_line(text, message):
    with within_limits(seconds=3), pytest.raises(UnreadableError, match=message):
        parse_yaml(text)


def test_yaml_numbers_are_those_that_people_mean():
    text = (
        "{a: 1e-3, b: 010, c: 1:30, d: 2001-99-99, e: 1_000, f: -.5, h: 0x10, i: yes, j: '5', k: 1., l: 0, m: <<, n: =}"
    )
    expected = {
        "a": 1e-3,
        "b": "010",
        "c": "1:30",
        "d": "2001-99-99",
        "e": 1000,
        "f": -0.5,
        "h": "0x10",
        "i": True,
        "j": "5",
    }
    assert parse_yaml(text) == {**expected, "k": 1.0, "l": 0, "m": "<<", "n": "="}
    for number in (".inf", "-.inf", ".NaN"):
        with pytest.raises(UnreadableError, match=f"line 2: {re.escape(number)}, where only finite numbers can be"):
            parse_yaml(f"a: 1\nb: [{number}]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested more than 64 deep"),
        ('{"a": 1, "a": 2}', "the key 'a' twice"),
        ("NaN", "NaN"),
        ("[-Infinity]", "Infinity"),
        ("1e999", "beyond double precision"),
        ("9" * 400, "400 digits"),
        ("9" * 5000, "5000 digits"),
        ("[" + "0," * 8_000_001 + "0]", "more than 8,000,000 values"),
        ('{"a": ', "not all of it"),
        ("", "not all of it"),
    ],
)
def test_json_is_refused(text, message):
    with within_limits(seconds=3), pytest.raises(UnreadableError, match=message):
        parse_json(text)


def test_json_depth_is_not_counted_in_strings():
    assert parse_json(json.dumps({"a": "[" * 500, "b\\": '"[[['})) == {"a": "[" * 500, "b\\": '"[[['}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        ("<a>" * 5000, "not complete XML|nested"),
        ("<a>" * 100 + "</a>" * 100, "nested more than 64 deep"),
        ("<a>", "not complete XML"),
        ("\ud800", "not complete XML"),
    ],
)
def test_xml_is_refused(text, message):
    with within_limits(seconds=3), pytest.raises(UnreadableError, match=message):
        parse_xml(text)


def archive(name="x.npy", content=b"", compression=zipfile.ZIP_DEFLATED):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        file.writestr(name, content)
    return buffer.getvalue()


def array(shape, dtype="<f8", data=b""):
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"pt,eta\n1,2\n", "text such as CSV"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x80\x04\x95", "a Python pickle"),
        (b"\x1f\x8b\x08", "gzip"),
        (bytes(range(128, 200)), "not NumPy's format"),
        (array((2**40,)), "takes 8,796,093,022,208 bytes, and 0 are there"),
        (array((2,), data=bytes(24)), "takes 16 bytes, and 24 are there"),
        (array((2,), "|O", bytes(16)), "expected numbers or text. Received: object|no header"),
        (array((1,), "<U1", b"\xff\xff\xff\xff"), "bytes that are no <U1"),
        (array((1,), "|b1", b"\x05"), "bytes that are no bool"),
        (array((0, 10**12)), "expected a shape"),
        (lambda: archive(content=array((75 * 2**20,), data=bytes(600 * 2**20))), "more than 512 MiB when unpacked"),
        (archive("x.txt", b"1"), "which is no array"),
        (archive(content=array((2,), data=bytes(16)), compression=zipfile.ZIP_LZMA), "packed by another method"),
    ],
    ids=range(15),
)
def test_what_is_no_array_is_called_what_it_is(content, message, tmp_path):
    (tmp_path / "x.npz").write_bytes(content() if callable(content) else content)
    with within_limits(grown_bytes=2**29), pytest.raises(UnreadableError, match=message):
        read_arrays(tmp_path / "x.npz")


def test_arrays_are_numpys_to_the_bit(tmp_path):
    rng = np.random.default_rng(0)
    stored = {
        "a": rng.normal(size=(5, 3)),
        "b": np.asfortranarray(rng.normal(size=(4, 2)).astype("f2")),
        "c": np.array(["pt", "φ"]),
        "d": np.array(3),
    }
    stored |= {
        "e": np.arange(6, dtype=">i4").reshape(2, 3),
        "f": np.array([True, False]),
        "g": np.zeros((0, 3)),
        "h": np.array([b"ab"]),
    }
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "x.npz", **stored)
        read = read_arrays(tmp_path / "x.npz")
        assert read.keys() == stored.keys()
        for name, values in stored.items():
            assert (read[name].dtype, read[name].shape) == (values.dtype, values.shape)
            np.testing.assert_array_equal(read[name], values)


def test_what_is_no_file_is_said(tmp_path):
    for path, message in (
        ("none", "does not exist"),
        (".", "a folder"),
        ("/dev/zero", "not a file"),
        ("a\0b", "no path"),
        ("x" * 300, "too long"),
    ):
        with pytest.raises(UnreadableError, match=message):
            read_text(tmp_path / path)
    (tmp_path / "large").write_bytes(b"a" * 11)
    with pytest.raises(UnreadableError, match="larger than 10 bytes"):
        read_text(tmp_path / "large", largest_bytes=10)


def change(content, *keys, value):
    for key in keys[:-1]:
        content = content[key]
    content[keys[-1]] = value


def former(network):
    """A network as files of version 2 held it: layers in a row."""

    def packed(precision):
        if precision is None or not precision.per_element:
            return precision and str(precision)
        bits = {"width": np.asarray(precision.width).tolist(), "integer": np.asarray(precision.integer).tolist()}
        return bits | {name: getattr(precision, name) for name in ("signed", "rounding", "overflow")}

    layers = []
    for layer in network.layers:
        types = ("weight", "bias", "accum", "result", "output", "table")
        precision = {name: packed(getattr(layer.precision, name)) for name in types}
        content = {"name": layer.name, "activation": layer.activation, "quantizer": packed(layer.quantizer)}
        content |= {"kernel": layer.kernel.tolist(), "bias": layer.bias.tolist()}
        layers.append(content | {"precision": precision | {"table_size": layer.precision.table_size}})
    ends = {"input_precision": packed(network.input_precision), "input_quantizer": packed(network.input_quantizer)}
    return {"format": "codesign-network", "version": 2, **ends, "layers": layers}


def test_former_files_are_read(tmp_path):
    for seed in range(6):
        network = random_network(np.random.default_rng(seed), per_element=seed % 2 == 1)
        (tmp_path / "network.json").write_text(json.dumps(former(network)))
        x = random_events(np.random.default_rng(seed), network)
        np.testing.assert_array_equal(Network.load(tmp_path / "network.json").emulate(x), network.emulate(x))


WEIGHT = ("layers", 0, "precision", "weight")
FORMER = [
    (("version",), 99, r"version 99; this codesign reads versions? "),
    (("version",), True, "version True"),
    ((*WEIGHT, "width", 0, 0), 8.5, "layer 0: precision: weight: width: expected whole numbers. Received: 8.5"),
    ((*WEIGHT, "integer", 0, 0), 10**9, "integer: expected -512 to 512"),
    ((*WEIGHT, "width", 0), [1, 1], "equal lengths"),
    ((*WEIGHT, "width"), [[1], [1]], "weight: width: expected a number of bits for each"),
    ((*WEIGHT, "signed"), 1, "signed: expected true or false"),
    (("layers", 0, "precision", "table_size"), 2**40, "table_size: expected 2 to"),
    (WEIGHT, None, "weight: expected a type"),
    (("layers", 1, "kernel", 0, 0), None, "layer 1: kernel: expected numbers. Received: null"),
    (("layers", 1, "kernel", 0, 0), "1", "layer 1: kernel: expected numbers. Received: '1'"),
    (("layers", 1, "kernel", 0), 3.0, "layer 1: kernel: expected lists"),
    (("layers", 1, "bias", 0), True, "layer 1: bias: expected numbers. Received: True"),
    (("layers", 1, "name"), "a\x1b", "layer 1: name: expected a printable text"),
    (("layers", 1, "kernal"), [], "unknown key 'kernal' .did you mean 'kernel'"),
    (("input_precision",), "ap_fixed<99,3>", "expected 1 to 62 bits"),
]
TYPES = ("nodes", 0, "types", "weight")
PRESENT = [
    ((*TYPES, "width", 0, 0), 8.5, "node 0: types: weight: width: expected whole numbers. Received: 8.5"),
    ((*TYPES, "width"), [[1], [1]], "weight: width: expected a number of bits for each"),
    (TYPES, None, "weight: expected a type"),
    (("nodes", 0, "kernel", 0, 0), None, "node 0: kernel: expected numbers. Received: null"),
    (("nodes", 0, "kernel", 0), 3.0, "node 0: kernel: expected lists"),
    (("nodes", 0, "op"), "dens", "node 0: op: expected one of .* Received: 'dens' .did you mean 'dense'"),
    (("nodes", 0, "op"), ["dense"], "node 0: op: expected one of"),
    (("nodes", 0, "inputs"), ["nobody"], "node 0: expected inputs that stand before it. Received: 'nobody'"),
    (("nodes", 0, "inputs"), "x", "node 0: inputs: expected a list"),
    (("nodes", 0, "name"), "a\x1b", "node 0: name: expected a printable text"),
    (("nodes", 0, "kernal"), [], "unknown key 'kernal' .did you mean 'kernel'"),
    (("outputs",), ["nobody"], "outputs: expected different nodes. Received: nobody"),
    (("inputs", 0, "shape"), [0], "shape: expected a whole number from 1"),
    (("inputs", 0, "shape"), [], "shape: expected 1 to 8 axes"),
    (("inputs", 0, "precision"), "ap_fixed<99,3>", "expected 1 to 62 bits"),
]


@pytest.mark.parametrize(
    ("keys", "value", "message", "is_former"),
    [(*case, True) for case in FORMER] + [(*case, False) for case in PRESENT],
)
def test_a_network_that_is_not_whole_is_refused(keys, value, message, is_former, tmp_path):
    network = random_network(np.random.default_rng(0), (3, 4, 2), per_element=True)
    network.save(tmp_path / "network.json")
    content = former(network) if is_former else json.loads((tmp_path / "network.json").read_text())
    change(content, *keys, value=value)
    (tmp_path / "network.json").write_text(json.dumps(content))
    with pytest.raises((DataError, PrecisionError, UnsupportedLayerError), match=message) as error:
        Network.load(tmp_path / "network.json")
    assert "network.json" in str(error.value)


def test_a_binary_point_is_near():
    with pytest.raises(PrecisionError, match="integer"):
        FixedPoint(8, 10**18)


def test_what_is_installed_is_what_was_tested():
    """requirements.txt pins by hash what constraints.txt pins by version."""

    def pins(name):
        words = (
            line.split()[0]
            for line in (ROOT / name).read_text().splitlines()
            if "==" in line and not line.startswith("#")
        )
        return {re.sub("[._]", "-", name.lower()): version for name, version in (word.split("==") for word in words)}

    constrained, required = pins("constraints.txt"), pins("requirements.txt")
    assert {name: constrained.get(name) for name in required} == required
    text = (ROOT / "requirements.txt").read_text()
    assert "//" not in text and text.count("--hash=sha256:") > len(required)
