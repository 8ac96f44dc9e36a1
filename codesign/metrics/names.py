"""Names of metrics: the word, the class or target in brackets, the level behind an @."""

import re
from dataclasses import dataclass

from codesign.errors import ConfigError, nearest

CLASSIFICATION, REGRESSION = TASKS = ("classification", "regression")
DEFAULT_METRIC = {CLASSIFICATION: "accuracy", REGRESSION: "rmse"}
_NAME = re.compile(r"\s*(\w+)\s*(?:\[(.+)\])?\s*(?:@\s*([^@\s\[\]]+))?\s*")


@dataclass(frozen=True)
class _Word:
    task: str
    is_share: bool = False  # 0 to 1, and better when high
    takes_part: bool = True
    level: str = ""  # what the number behind the @ is; none is taken if empty
    needs_level: bool = False


_WORDS = {
    "accuracy": _Word(CLASSIFICATION, is_share=True, takes_part=False),
    "auc": _Word(CLASSIFICATION, is_share=True),
    "signal_efficiency": _Word(CLASSIFICATION, is_share=True, level="a background rate", needs_level=True),
    "rmse": _Word(REGRESSION),
    "bias": _Word(REGRESSION),
    "resolution": _Word(REGRESSION, level="the share of events between the quantiles"),
}


@dataclass(frozen=True)
class MetricName:
    """A name taken apart; which class its text means, only the data know.

    Args:
        word: such as ``auc``.
        part: the class or target; empty for all.
        level: such as a background rate; None for the word's own.
    """

    word: str
    part: str = ""
    level: float | None = None

    @property
    def text(self) -> str:
        """The name, written in one way."""
        return self.word + (f"[{self.part}]" if self.part else "") + ("" if self.level is None else f"@{self.level:g}")

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return _WORDS[self.word].task

    @property
    def is_share(self) -> bool:
        """Whether it is a share, 0 to 1."""
        return _WORDS[self.word].is_share

    @property
    def higher_is_better(self) -> bool:
        """Whether a budget sets a floor on it, and no ceiling."""
        return self.is_share

    def loss(self, value: float) -> float:
        """Return a value as what should be low: minus it, or its size."""
        return -value if self.higher_is_better else abs(value)


def parse_metric(name: str, task: str | None = None) -> MetricName:
    """Return a metric's name, taken apart.

    Raises:
        ConfigError: for an unknown word (it names the nearest), one of another task, or a part or level that is
            missing, too much, or no share.
    """
    match = _NAME.fullmatch(name)
    word, part, level = match.groups() if match else (name, None, None)
    kind = _WORDS.get(word)
    given = f"Received: {name!r:.60}"
    if kind is None:
        examples = ", ".join(one + "@0.01" * each.needs_level for one, each in _WORDS.items())
        raise ConfigError(f"metric: expected one of {examples}. {given}{nearest(word, _WORDS)}")
    if task not in (None, kind.task):
        fitting = ", ".join(one for one, each in _WORDS.items() if each.task == task)
        raise ConfigError(f"metric: expected one for a {task}: {fitting}. {given}, for a {kind.task}")
    if part is not None and not kind.takes_part:
        raise ConfigError(f"metric: expected no class behind it. {given}")
    if level is None and kind.needs_level:
        raise ConfigError(f"metric: expected {kind.level} behind it, such as {name.strip()}@0.01. {given}")
    if level is not None and not kind.level:
        raise ConfigError(f"metric: expected nothing behind an @. {given}")
    if level is not None and not _is_share(level):
        raise ConfigError(f"metric: expected {kind.level} behind the @, between 0 and 1. {given}")
    return MetricName(word, (part or "").strip(), None if level is None else float(level))


def _is_share(text: str) -> bool:
    try:
        return 0 < float(text) < 1
    except ValueError:
        return False
