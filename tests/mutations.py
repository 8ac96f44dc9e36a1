"""Damaged files for tests of readers: every reader meets the same kinds of damage, by a fixed seed.

``mutated(content, rng)`` damages bytes without knowing what they mean; ``mutated_tree(value, rng)`` changes a JSON-like
value so that it stays well-formed and is wrong, which is what a parser's own checks do not see.
"""

import copy
import json
import resource
import time
from contextlib import contextmanager

import numpy as np

STRANGE_BYTES = (
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\x1b[31m",
    b"\r\n",
    b'"',
    b"{",
    b"[" * 200,
    b"-",
    b"1e999",
    b"9" * 400,
    b"\xed\xa0\x80",
    b"<!",
    b"&a;",
)
STRANGE_VALUES = (
    None,
    True,
    -1,
    0,
    8.5,
    1e-320,
    1e300,
    10**23,
    10**400,
    float("nan"),
    float("inf"),
    "",
    "\x1b[31mred",
    "a\nb",
    "\ud800",
    "\x00",
    "$(touch pwned)",
    "[exec touch pwned]",
    "9" * 400,
    [],
    {},
    [[]],
    [None],
    [1, "a"],
    {"": 0},
    "1" * 5000,
)


def mutated(content: bytes, rng: np.random.Generator, other: bytes = b"") -> bytes:
    """Return the content with one to four damages: flips, cuts, insertions, repetitions, splices with `other`."""
    damaged = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        if not damaged:
            break
        start, stop = sorted(rng.integers(0, len(damaged) + 1, 2))
        match rng.integers(0, 8):
            case 0 | 1:
                for place in rng.integers(0, len(damaged), rng.integers(1, 9)):
                    damaged[place] ^= 1 << rng.integers(0, 8)
            case 2:
                del damaged[start:]
            case 3:
                del damaged[start : min(stop, start + 64)]
            case 4:
                damaged[start:start] = STRANGE_BYTES[rng.integers(len(STRANGE_BYTES))]
            case 5:
                damaged[start:start] = damaged[start : min(stop, start + 256)]
            case 6:
                damaged[start : start + 8] = rng.bytes(8)
            case 7:
                source = other or content
                begin = rng.integers(0, len(source) + 1)
                damaged[start : min(stop, start + 128)] = source[begin : begin + 128]
    return bytes(damaged)


def mutated_tree(value: object, rng: np.random.Generator) -> object:
    """Return a copy with one to three entries replaced by strange ones, dropped, doubled, renamed, or nested deeper."""
    root = [copy.deepcopy(value)]
    for _ in range(rng.integers(1, 4)):
        places = list(_places(root))
        holder, key = places[rng.integers(len(places))]
        match rng.integers(0, 7):
            case 0 | 1 | 2:
                holder[key] = copy.deepcopy(STRANGE_VALUES[rng.integers(len(STRANGE_VALUES))])
            case 3 if holder is not root:
                del holder[key]
            case 4 if isinstance(holder, list) and holder is not root:
                holder.insert(key, copy.deepcopy(holder[key]))
            case 5 if isinstance(holder, dict):
                holder[f"{key}{rng.integers(10)}"] = holder.pop(key)
            case _:
                for _ in range(rng.choice([1, 3, 100])):
                    holder[key] = [holder[key]]
    return root[0]


def _places(holder: object):
    """Every entry below, as (what holds it, its key)."""
    pending = [holder]
    while pending:
        current = pending.pop()
        for key, entry in list(current.items() if isinstance(current, dict) else enumerate(current)):
            yield current, key
            if isinstance(entry, (dict, list)) and len(entry) < 100:
                pending.append(entry)


def json_bytes(value: object) -> bytes:
    """Return the value as JSON; lists that are too deep for the standard library as brackets."""
    try:
        return json.dumps(value).encode()
    except RecursionError:
        return b"[" * 5000


@contextmanager
def within_limits(*, seconds: float = 5.0, grown_bytes: int = 2 * 2**30):
    """Fail where a file takes longer, or makes the process grow by more."""
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - start < seconds
    assert 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < grown_bytes
