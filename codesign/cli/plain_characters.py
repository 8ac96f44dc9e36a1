"""Output for a terminal or a file whose encoding lacks a character.

Lines of tables become ASCII, the rest a question mark.
"""

import codecs
import io

_ASCII = {
    **dict.fromkeys("─━═╌┄", "-"),
    **dict.fromkeys("│┃║╎┆", "|"),
    **dict.fromkeys("┌┏┐┓└┗┘┛├┣┤┫┬┳┴┻┼╋┡┩┢┪╇╈╞╡╪╭╮╯╰", "+"),
    **dict.fromkeys("–—", "-"),
    "·": ".",
    "…": "...",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
}


def use_plain_characters(stream: object) -> None:
    """Make a text stream replace what it cannot encode instead of failing."""
    codecs.register_error("codesign_plain", _replacement)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="codesign_plain")


def _replacement(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(character, "?") for character in error.object[error.start : error.end]), error.end
