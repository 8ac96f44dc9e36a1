"""The library's errors name arguments of Python; on the command line they are options."""

import re
from collections.abc import Iterable

_NAMES = re.compile(r"\w+(?:, \w+)*(?=:)")


def with_options(line: str, options: Iterable[str], other_names: dict[str, str]) -> str:
    """Return an error's line with the arguments that it names written as the options of a command.

    Those in front, ``max_units, hidden: expected ...``, and those that it asks for, ``force=True`` or ``positive=...``.

    Args:
        line: of the error.
        options: of the command: ``--max-units``.
        other_names: the options of arguments that are called otherwise: ``{"mean=..., std=...": "--standardize"}``.
    """
    by_name = {option.lstrip("-").replace("-", "_"): option for option in options}
    for text, option in other_names.items():
        line = line.replace(text, option)
    front = _NAMES.match(line)
    if front:
        names = (by_name.get(name, name) for name in front[0].split(", "))
        line = ", ".join(names) + line[front.end() :]
    return re.sub(r"\b(\w+)=(?:True\b|\.\.\.)", lambda found: by_name.get(found[1], found[0]), line)
