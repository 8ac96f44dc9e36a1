"""The library's errors name arguments of Python; on the command line they are options."""

import re
from collections.abc import Collection, Iterable, Mapping

_FRONT = re.compile(r"[\w.-]+(?:, [\w.-]+)*(?=:| of )")
_ASKED = re.compile(r"\b(\w+)=(?:True\b|\.\.\.)")
_DOTTED = re.compile(r"(?<![\w./\\'\"-])\w+(?:\.\w+)+(?![\w/\\'\"-]|\.\w)")


def with_options(
    line: str, options: Iterable[str], other_names: Mapping[str, str], *, given: Collection[str] = ()
) -> str:
    """Return an error's line with the arguments that it names written as the options of a command.

    Those in front, ``max_units, hidden: expected ...``, those that it asks for, ``force=True`` or ``positive=...``, and
    keys of project.yml such as ``budget.confidence``; never what was received, such as the name of a file.

    Args:
        line: of the error.
        options: of the command: ``--max-units``.
        other_names: the options of arguments that are called otherwise: ``{"mean=..., std=...": "--standardize"}``;
            also what lines begin with: ``{"jobs-dir: expected a folder": "FILE: expected a trial in a folder"}``.
        given: words of the user, such as a path: a line that begins with one may be about that.
    """
    by_name = {option.lstrip("-").replace("-", "_"): option for option in options} | dict(other_names)
    told, received, value, cure = _parts(line)
    begins = next((text for text in other_names if ": " in text and told.startswith(text)), None)
    front = _FRONT.match(told)
    if begins is not None:
        told = other_names[begins] + told[len(begins) :]
    elif front and (front[0] not in given or told[front.end() :].startswith(": expected")):
        names = (by_name.get(name, name) for name in front[0].split(", "))
        told = ", ".join(names) + told[front.end() :]
    return _asked(told, by_name) + received + value + _asked(cure, by_name)


def _parts(line: str) -> tuple[str, str, str, str]:
    """What was expected, the word between, what came, and what to do."""
    told, received, rest = line.partition("Received: ")
    end = rest.rfind("; ")
    return (told, received, rest, "") if end < 0 else (told, received, rest[:end], rest[end:])


def _asked(text: str, by_name: Mapping[str, str]) -> str:
    for name in by_name:
        if "=" in name:
            text = text.replace(name, by_name[name])
    text = _ASKED.sub(lambda found: by_name.get(found[1], found[0]), text)
    return _DOTTED.sub(lambda found: by_name.get(found[0], found[0]), text)
