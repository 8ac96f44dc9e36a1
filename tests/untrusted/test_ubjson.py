"""Universal Binary JSON: what was written comes back, and nothing else gets through."""

import struct

import numpy as np
import pytest

from codesign._untrusted import parse_ubjson
from codesign.errors import UnreadableError

VALUE = {"a": [1, -2.5, True, None, "tree", []], "b": {"c": 300, "d": {}}, "e": 2**40}


def text(word):
    return b"L" + struct.pack(">q", len(word)) + word.encode()


def written(value):
    if isinstance(value, dict):
        return b"{" + b"".join(text(name) + written(one) for name, one in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b"".join(map(written, value)) + b"]"
    if isinstance(value, str):
        return b"S" + text(value)
    if isinstance(value, float):
        return b"D" + struct.pack(">d", value)
    if value is None or value is True:
        return b"Z" if value is None else b"T"
    return b"L" + struct.pack(">q", value)


def test_values_come_back():
    assert parse_ubjson(written(VALUE)) == VALUE


@pytest.mark.parametrize(("kind", "dtype"), [(b"d", ">f4"), (b"D", ">f8"), (b"l", ">i4"), (b"U", ">u1"), (b"L", ">i8")])
def test_an_array_of_one_type_is_an_array(kind, dtype):
    numbers = np.array([0, 1, 7], dtype)
    found = parse_ubjson(b"[$" + kind + b"#L" + struct.pack(">q", 3) + numbers.tobytes())
    assert found.tolist() == [0, 1, 7] and found.dtype == np.dtype(dtype).newbyteorder("=")


def test_no_part_and_no_change_of_it_is_taken_for_more_than_it_is():
    whole, rng = written(VALUE), np.random.default_rng(0)
    for end in range(len(whole)):
        with pytest.raises(UnreadableError):
            parse_ubjson(whole[:end])
    for _ in range(300):
        changed = bytearray(whole)
        changed[rng.integers(len(whole))] = rng.integers(256)
        try:
            parse_ubjson(bytes(changed))
        except UnreadableError:
            pass


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100,
        b"[$d#L" + struct.pack(">q", 2**40),
        b"[$Z#L" + struct.pack(">q", 2**40),
        b"{" + 2 * (text("a") + b"T") + b"}",
        b"D" + struct.pack(">d", float("nan")),
        b"S" + b"U\x01\xff",
        b"TT",
    ],
    ids=["deep", "long", "many", "twice", "nan", "no text", "more"],
)
def test_what_is_beyond_a_limit_is_refused(content):
    with pytest.raises(UnreadableError):
        parse_ubjson(content)
