"""Turn what a tool prints into numbers, or raise: a field that cannot be read never becomes a wrong number."""

import math
import re
from collections.abc import Iterator

from codesign._untrusted import parse_json
from codesign.errors import ReportError, UnreadableError

_WHOLE = re.compile(r"\d+|\d{1,3}(?:,\d{3})+")
_DECIMAL = re.compile(r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_UNKNOWN = frozenset(
    {"", "-", "?", "x", "undef", "N/A", "NA"}
)  # what HLS compilers print for a number that they do not know


def whole(value: object, name: str) -> int:
    """Return a count, from ``4182``, ``"4182"`` or ``"4,182"``.

    Raises:
        ReportError: for anything else, a negative or fractional number included.
    """
    text = str(value).strip()
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if isinstance(value, bool) or not _WHOLE.fullmatch(text) or len(text) > 15:
        raise ReportError(
            f"{name}: expected a whole number. Received: {text[:40]!r}; the report is damaged or of a new version"
        )
    return int(text.replace(",", ""))


def optional_whole(value: object, name: str) -> int | None:
    """Return a count, or None where the tool prints ``?``, ``-``, ``undef`` or nothing."""
    return None if value is None or str(value).strip() in _UNKNOWN else whole(value, name)


def decimal(value: object, name: str) -> float:
    """Return a number that is finite and not negative.

    Raises:
        ReportError: for anything else.
    """
    text = str(value).strip()
    number = float(text) if not isinstance(value, bool) and _DECIMAL.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise ReportError(
            f"{name}: expected a number. Received: {text[:40]!r}; the report is damaged or of a new version"
        )
    return number


def nanoseconds(text: object, name: str) -> float | None:
    """Return a time in ns from ``"5.00 ns"`` or ``"5.00"``, None where the tool does not know it."""
    if text is None or str(text).strip() in _UNKNOWN:
        return None
    return decimal(str(text).strip().removesuffix("ns"), name)


def load_json(text: str, what: str) -> dict:
    """Return the JSON object in `text`.

    Raises:
        ReportError: if it is truncated or is not an object.
    """
    try:
        value = parse_json(text)
    except UnreadableError as error:
        raise ReportError(
            f"{what}: not complete JSON ({error}); the file is truncated or damaged, write it again"
        ) from None
    if not isinstance(value, dict):
        raise ReportError(f"{what}: expected a JSON object. Received: {type(value).__name__}")
    return value


def table_rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each ``| a | b |`` line; a line that is cut before its last bar is not a row."""
    for line in text.splitlines():
        line = line.strip()
        if len(line) > 1 and line.startswith("|") and line.endswith("|"):
            yield [cell.strip() for cell in line[1:-1].split("|")]
