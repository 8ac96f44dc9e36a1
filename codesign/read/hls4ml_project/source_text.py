"""The text of one translation unit: includes followed within the project, comments and untaken branches left out.

A comment of one word is kept, since hls4ml writes the name of a layer beside its call and above its configuration.
Initialisers that are numbers alone are put aside, so that a million weights are not a million tokens.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from codesign.errors import UnreadableError
from codesign.read.hls4ml_project.tree import SourceTree

BEHIND, ABOVE, NUMBERS = "\x01", "\x02", "\x03"  # a word behind code, a word on a line of its own, numbers put aside
DEFINED = {"__SYNTHESIS__": "1"}
_LARGEST_UNIT = 256_000_000  # characters
_MOST_INCLUDES = 4_000
_DEEPEST = 40
_MOST_MACROS = 10_000

_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_DIRECTIVE = re.compile(r"\s*#\s*(\w+)[ \t]*(.*)")
_WORD = re.compile(r"//\s*([A-Za-z_]\w*)\s*")
_INCLUDE = re.compile(r'"([^"]+)"')
_INITIALISER = re.compile(r"=\s*(\{[-+0-9.eEfFuUlL,\s{}]*\})\s*;")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LIBRARY = re.compile(r"(?:^|/)(?:nnet?_utils|a[cp]_types|ac_math|ac_simutils)/|(?:^|/)nnet_\w+\.h$")
_DEFINE = re.compile(r"([A-Za-z_]\w*)(\([^)]*\))?\s*(.*)")


@dataclass
class SourceText:
    """The text of a unit so far.

    Attributes:
        pieces: of text, with numbers put aside.
        numbers: the initialisers, by the place that their mark names.
        macros: words and what they stand for.
        missing: includes that are not in the project.
        follows: whether includes are followed.
    """

    tree: SourceTree
    pieces: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    macros: dict[str, str] = field(default_factory=lambda: dict(DEFINED))
    missing: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    follows: bool = True
    _size: int = 0

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.pieces)

    def add(self, name: str, depth: int = 0) -> None:
        """Add a file and what it includes.

        Raises:
            UnreadableError: for more text than a project has.
        """
        self.seen.add(name)
        text = self.tree.read(name)
        self._size += len(text)
        if self._size > _LARGEST_UNIT or len(self.seen) > _MOST_INCLUDES or depth > _DEEPEST:
            raise UnreadableError(f"more text than an hls4ml project has ({_LARGEST_UNIT:,} characters)")
        kept, taken = [], [True]
        for line in _without_comments(text).replace("\\\n", " ").split("\n"):
            match = _DIRECTIVE.match(line) if "#" in line else None
            if match is None:
                if taken[-1]:
                    kept.append(line)
                continue
            if match[1] == "include" and taken[-1] and self.follows:
                self._keep(kept)
                kept = []
                self._include(match[2], name, depth)
            else:
                self._direct(match[1], match[2].strip(), taken)
        self._keep(kept)

    def _include(self, what: str, name: str, depth: int) -> None:
        match = _INCLUDE.match(what)
        found = self.tree.find(match[1], name) if match else None
        if match and found is None:
            self.missing.append(match[1])
        if found is not None and found not in self.seen and not _LIBRARY.search(found):
            self.add(found, depth + 1)

    def _direct(self, word: str, rest: str, taken: list[bool]) -> None:
        if word in ("if", "ifdef", "ifndef"):
            first = rest.split()[0] if rest.split() else ""
            holds = {"if": self._holds(rest), "ifdef": first in self.macros, "ifndef": first not in self.macros}[word]
            taken.extend((taken[-1], taken[-1] and holds))
        elif word in ("else", "elif") and len(taken) > 2:
            had = taken[-1]
            taken[-1] = taken[-2] and not had and (word == "else" or self._holds(rest))
            if had:
                taken[-2] = False
        elif word == "endif" and len(taken) > 2:
            del taken[-2:]
        elif word == "define" and taken[-1] and len(self.macros) < _MOST_MACROS:
            match = _DEFINE.match(rest)
            if match and not match[2]:
                self.macros[match[1]] = match[3].strip()

    def _holds(self, condition: str) -> bool:
        """Whether a condition of ``#if`` holds: defined(), numbers, and words that stand for numbers."""
        negative = condition.startswith("!")
        words = re.findall(r"\w+", condition)
        if "defined" in words:
            return (words[-1] in self.macros) != negative
        value = self.macros.get(words[0], words[0]) if words else "0"
        return (value.isdigit() and int(value[:9]) > 0) != negative

    def _keep(self, lines: list[str]) -> None:
        self.pieces.append(_INITIALISER.sub(self._put_aside, "\n".join(lines)))

    def _put_aside(self, match: re.Match) -> str:
        self.numbers.append(match[1])
        return f"= {NUMBERS}{len(self.numbers) - 1} ;"


def parse_numbers(text: str) -> np.ndarray:
    """Return all numbers of a text, float64, in their order."""
    plain = re.sub(r"[{}fFuUlL\s]", " ", text)
    try:
        return np.array(plain.replace(",", " ").split(), np.float64)
    except (ValueError, OverflowError):
        return np.array(_NUMBER.findall(plain), np.float64)


def _without_comments(text: str) -> str:
    text = text.replace(BEHIND, " ").replace(ABOVE, " ").replace(NUMBERS, " ").replace("\r\n", "\n")
    return _COMMENT.sub(_commented(text), text)


def _commented(text: str) -> Callable[[re.Match], str]:
    def replace(match: re.Match) -> str:
        if match[0][0] != "/":
            return match[0]
        word = _WORD.fullmatch(match[0])
        if word is None:
            return "\n" if "\n" in match[0] else " "
        start = text.rfind("\n", 0, match.start()) + 1
        return f" {BEHIND if text[start : match.start()].strip() else ABOVE}{word[1]} "

    return replace
