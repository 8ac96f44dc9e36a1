"""C++ in words, and constant expressions of them."""

import re
from collections.abc import Callable, Sequence

from codesign.errors import UnreadableError
from codesign.read.hls4ml_project.source_text import ABOVE, BEHIND, NUMBERS

Tokens = list[str]
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")": "(", "]": "[", "}": "{"}
_TOKEN = re.compile(
    rf"[{ABOVE}{BEHIND}{NUMBERS}]\w+|[A-Za-z_]\w*|(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)\w*"
    r'|"(?:\\.|[^"\\\n])*"|::|->|<<|[-+*/%<>=!]=?|[&|^~?:;,.(){}\[\]]'
)
_MOST_TOKENS = 4_000_000
_LARGEST = 2**62
_DEEPEST = 60


def tokens_of(text: str, macros: dict[str, str]) -> Tokens:
    """Return the words of a text; words that stand for others are replaced by these.

    Raises:
        UnreadableError: for more of them than a project has.
    """
    found: Tokens = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        found += _expanded(word, macros) if word in macros else [word]
        if len(found) > _MOST_TOKENS:
            raise UnreadableError(f"more than {_MOST_TOKENS:,} words")
    return found


def _expanded(word: str, macros: dict[str, str], depth: int = 0) -> Tokens:
    """What a macro stands for; nothing where it is empty."""
    if word not in macros or depth > 8:
        return [word]
    words = _TOKEN.findall(macros[word])[:64]
    return [one for part in words for one in _expanded(part, macros, depth + 1)]


def closing(tokens: Sequence[str], start: int) -> int:
    """Return the place of the bracket that closes the one at `start`.

    Raises:
        UnreadableError: if none does.
    """
    depth = 0
    for place in range(start, len(tokens)):
        if tokens[place] in OPEN:
            depth += 1
        elif tokens[place] in CLOSE:
            depth -= 1
            if depth == 0:
                return place
    raise UnreadableError(f"a '{tokens[start]}' that nothing closes; copy the project again")


def closing_angle(tokens: Sequence[str], start: int) -> int:
    """Return the place of the ``>`` that closes the ``<`` at `start`.

    Raises:
        UnreadableError: if none does.
    """
    depth, place = 0, start
    while place < len(tokens):
        if tokens[place] in OPEN:
            place = closing(tokens, place)
        depth += (tokens[place] == "<") - (tokens[place] == ">")
        if depth == 0:
            return place
        place += 1
    raise UnreadableError("a '<' that nothing closes; copy the project again")


def parted(tokens: Sequence[str], *, angles: bool) -> list[Tokens]:
    """Return what stands between commas that are in no bracket.

    Args:
        angles: whether ``<`` and ``>`` are brackets.
    """
    parts, depth = [[]], 0
    for word in tokens:
        depth += (word in OPEN) - (word in CLOSE) + (angles and word == "<") - (angles and word == ">")
        if word == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


_BINARY: Sequence[dict[str, Callable]] = (
    {"||": lambda a, b: int(bool(a or b))},
    {"&&": lambda a, b: int(bool(a and b))},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
    },
    {"<<": lambda a, b: int(a) << max(0, min(int(b), 62))},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: _quotient(a, b), "%": lambda a, b: int(a) % (int(b) or 1)},
)
_CALLS: dict[str, Callable] = {
    "DIV_ROUNDUP": lambda a, b: -(-int(a) // (int(b) or 1)),
    "MIN": min,
    "MAX": max,
    "min": min,
    "max": max,
}


def _quotient(a: float, b: float) -> float:
    if not b:
        return 0
    return (
        a / b if isinstance(a, float) or isinstance(b, float) else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    )


class Expression:
    """Evaluates a constant expression; a name that is no number is an enumerator, given as text.

    Args:
        tokens: all of it.
        look_up: gives the value of a name, or None.
    """

    def __init__(self, tokens: Sequence[str], look_up: Callable[[str], float | str | None]) -> None:
        self._tokens, self._place, self._look_up, self._depth = list(tokens), 0, look_up, 0

    def value(self) -> int | float | str:
        """Evaluate.

        Raises:
            UnreadableError: for what is no constant expression.
        """
        try:
            found = self._choice()
        except (TypeError, IndexError, ValueError, OverflowError, RecursionError):
            raise self._unread() from None
        if self._place < len(self._tokens) or (isinstance(found, (int, float)) and abs(found) > _LARGEST):
            raise self._unread()
        return found

    def _unread(self) -> UnreadableError:
        return UnreadableError(f"expected a constant. Received: {' '.join(self._tokens)[:60] or 'nothing'}")

    def _next(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _choice(self) -> int | float | str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._unread()
        found = self._binary(0)
        if self._next() == "?":
            self._place += 1
            yes = self._choice()
            self._place += 1
            no = self._choice()
            found = yes if found else no
        self._depth -= 1
        return found

    def _binary(self, level: int) -> int | float | str:
        if level == len(_BINARY):
            return self._unary()
        found = self._binary(level + 1)
        while self._operator() in _BINARY[level]:
            word = self._operator()
            self._place += 2 if word in ("||", "&&") else 1
            found = _BINARY[level][word](found, self._binary(level + 1))
            if isinstance(found, (int, float)) and abs(found) > _LARGEST**2:
                raise self._unread()
        return found

    def _operator(self) -> str:
        """The next operator; two of them are one in ``&&`` and ``||``."""
        word = self._next()
        return word * 2 if word in ("|", "&") else word

    def _unary(self) -> int | float | str:
        word = self._tokens[self._place]
        self._place += 1
        if word in ("-", "+", "!", "~"):
            value = self._unary()
            return {"-": lambda: -value, "+": lambda: value, "!": lambda: int(not value), "~": lambda: ~value}[word]()
        if word in ("(", "{"):
            found = self._choice()
            self._place += 1
            return found
        if word[0].isdigit() or word[0] == ".":
            return _number(word)
        return self._named(word)

    def _named(self, word: str) -> int | float | str:
        while self._next() == "::":
            word = self._tokens[self._place + 1]
            self._place += 2
        if self._next() == "<":  # a cast or a template
            self._place = closing_angle(self._tokens, self._place) + 1
        if self._next() == "(":
            end = closing(self._tokens, self._place)
            inner = parted(self._tokens[self._place + 1 : end], angles=False)
            self._place = end + 1
            values = [Expression(part, self._look_up).value() for part in inner]
            return _CALLS[word](*values) if word in _CALLS else values[0]
        if word in ("true", "false"):
            return int(word == "true")
        found = self._look_up(word)
        return word if found is None else found


def _number(word: str) -> int | float:
    if word[:2] in ("0x", "0X"):
        return int(word.rstrip("uUlL"), 16)
    plain = word.rstrip("uUlLfF")
    return int(plain) if plain.isdigit() else float(plain)
