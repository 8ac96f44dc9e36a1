"""JSON as the standard has it (RFC 8259): no NaN, no key twice, nothing deeper or longer than a report needs."""

import json
import math
import re

from codesign.errors import UnreadableError

_LARGEST_DEPTH = 64
_MOST_VALUES = 8_000_000
_LONGEST_INTEGER = 20  # characters: what 64 bits hold
_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[][{}]', re.DOTALL)


def parse_json(text: str, *, as_floats: bool = False, with_infinity: bool = False) -> object:
    """Return the value that the text holds.

    Args:
        as_floats: make every number a float, NaN and inf included: the caller checks them, and says where they are.
        with_infinity: take Python's ``Infinity`` too, as Keras writes it.

    Raises:
        UnreadableError: for text that is no JSON, is truncated, or is beyond a limit.
    """
    if text.count(",") > _MOST_VALUES:
        raise UnreadableError(f"JSON with more than {_MOST_VALUES:,} values")
    _check_depth(text)
    try:
        return json.loads(
            text,
            parse_int=float if as_floats else _integer,
            parse_float=float if as_floats else _number,
            parse_constant=float if as_floats else _infinity if with_infinity else _constant,
            object_pairs_hook=_without_repetition,
        )
    except UnreadableError:
        raise
    except json.JSONDecodeError as error:
        raise UnreadableError(f"not JSON, or not all of it: {error}") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not JSON: {error}") from None


def _check_depth(text: str) -> None:
    depth = 0
    for found in _STRUCTURE.finditer(text):
        sign = text[found.start()]
        if sign == '"':
            continue
        depth += 1 if sign in "[{" else -1
        if depth > _LARGEST_DEPTH:
            raise UnreadableError(f"JSON nested more than {_LARGEST_DEPTH} deep")


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise UnreadableError(f"a whole number of {len(digits)} digits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise UnreadableError(f"a number beyond double precision: {digits[:20]}")
    return number


def _infinity(name: str) -> float:
    return float(name) if name != "NaN" else _constant(name)


def _constant(name: str) -> float:
    raise UnreadableError(f"{name}, which is no number of JSON")


def _without_repetition(pairs: list[tuple[str, object]]) -> dict:
    content = dict(pairs)
    if len(content) < len(pairs):
        seen = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise UnreadableError(f"the key '{twice}' twice in one object")
    return content
