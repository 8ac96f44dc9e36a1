"""Foreign text in Markdown: as it is, never as markup, HTML or the end of a table's cell."""

import re

from codesign._printable import printable

_MARKUP = re.compile(r"([\\`*_{}\[\]#|~$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def markdown_text(text: object) -> str:
    """Return a text for a line of Markdown; what does not print is written out.

    Example:
        >>> markdown_text("a|b <i>")
        'a\\\\|b &lt;i&gt;'
    """
    shown = "".join(_ENTITIES.get(one, one) for one in printable(text))
    return _MARKUP.sub(r"\\\1", shown)


def code_text(text: object) -> str:
    """Return a text as code, in as many backticks as it needs; a bar, which would end a cell, becomes another one."""
    shown = printable(text).replace("|", "\u2502")
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{space}{shown}{space}{fence}"
