"""The section ``data`` of project.yml: which events, how they are read, and how they come to the network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from codesign.data.dataset import KINDS, NOT_STATED
from codesign.data.word_choice import FREE
from codesign.errors import ConfigError, nearest
from codesign.project.entries import flag, number, section, text

_READING = ("features", "label", "weight", "test", "task")  # arguments of load_dataset
KEYS = ("source", "kind", *_READING, "words", "standardize")
_FEWEST_BITS, _MOST_BITS = 1, 32


@dataclass(frozen=True)
class DataConfig:
    """Which events a project takes.

    Args:
        source: of :func:`codesign.data.load_dataset`; relative paths begin at the project's folder.
        kind: REAL, GENERATED, STAND-IN or not stated.
        reading: further arguments of :func:`codesign.data.load_dataset`: the columns, and which events are for testing.
        words: formats of detector words by feature, or the number of bits of those found from the data, or ``free``:
            ranges are found too; None for events in floating point.
        standardize: whether events are standardised; None where project.yml does not say.
    """

    source: object
    kind: str = NOT_STATED
    reading: Mapping[str, object] = field(default_factory=dict)
    words: Mapping[str, object] | int | str | None = None
    standardize: bool | None = None


def read_data(content: object, *, words: int | None) -> DataConfig:
    """Return the section of a project.

    Args:
        words: how many bits detector words have where neither ``data.words`` nor ``data.standardize`` says anything.

    Raises:
        ConfigError: for a key or a value that is none of these.
    """
    data = section(content, "data", KEYS, required=("source",))
    standardize = flag(data["standardize"], "data.standardize") if "standardize" in data else None
    if standardize is not None and "words" in data and data["words"] is not False:
        raise ConfigError(
            "data.words, data.standardize: expected one of them: detector words are scaled by powers of two, in the "
            "network. Received: both"
        )
    reading = {key: data[key] for key in _READING if key in data}
    return DataConfig(
        source=data["source"],
        kind=_kind(data.get("kind", NOT_STATED)),
        reading=reading,
        words=_words(data["words"]) if "words" in data else (words if standardize is None else None),
        standardize=standardize,
    )


def _kind(kind: object) -> str:
    if kind not in KINDS:
        raise ConfigError(
            f"data.kind: expected one of {', '.join(KINDS)}. Received: {kind!r:.60}{nearest(kind, KINDS)}"
        )
    return str(kind)


def _words(words: object) -> Mapping[str, object] | int | str | None:
    if words is False:
        return None
    if words == FREE:
        return FREE
    if isinstance(words, Mapping) and words:
        return {text(name, "data.words"): form for name, form in words.items()}
    if isinstance(words, bool) or not isinstance(words, int):
        raise ConfigError(
            "data.words: expected a number of bits, free, false, or a format for each feature, such as "
            f"{{pt: 'ap_ufixed<14,12>'}}. Received: {words!r:.100}"
        )
    return number(words, "data.words", _FEWEST_BITS, _MOST_BITS, whole=True)
