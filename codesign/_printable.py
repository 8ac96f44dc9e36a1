"""Foreign text that is safe on a terminal and within one line of a message."""

_LONGEST = 1500  # characters of a message: more is a file's content, not what is wrong with it


def printable(text: object) -> str:
    """Return the text with what does not print (control codes, newlines, half surrogates) as ``\\x1b`` or the like."""
    return "".join(one if one.isprintable() else _escaped(one) for one in str(text))


def one_line(text: object) -> str:
    """Return the text printable, without its middle if it is very long."""
    text = str(text)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"
    return printable(text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
