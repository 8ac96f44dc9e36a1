"""Whether a report is empty, or a part of one: what a full disk, or a tool that was stopped, leaves."""

import re

from codesign._untrusted import parse_xml
from codesign.errors import UnreadableError

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OF_A_TOOL = re.compile(
    r"\| Tool Version|^Copyright .*(?:Xilinx|Advanced Micro Devices)|^=+\s*(?:$|== ?V|\+ )|^== |Quartus|"
    r"^; (?:Fitter|Flow)|Printing statistics\.",
    re.MULTILINE,
)
_HEAD = re.compile(r"Copyright |[-=]{2,}")  # lines that something always follows
_ROW = ("|", ";", "==")


def what_is_missing(text: str) -> str:
    """Return ``is empty`` or ``ends early`` of a text that is no complete report; empty where neither is so."""
    text = text.strip("\ufeff\0 \t\r\n")
    if not text:
        return "is empty"
    is_cut = _is_cut_json if text[0] in "{[" else _is_cut_xml if text[0] == "<" else _is_cut_text
    return "ends early" if is_cut(text) else ""


def _is_cut_json(text: str) -> bool:
    """More brackets, or a quotation mark more, are opened than closed."""
    rest = _STRING.sub("", text)
    return '"' in rest or sum(map(rest.count, "{[")) > sum(map(rest.count, "}]"))


def _is_cut_xml(text: str) -> bool:
    try:
        parse_xml(text)
    except UnreadableError as error:
        return any(words in str(error) for words in ("no element found", "unclosed"))
    return False


def _is_cut_text(text: str) -> bool:
    """The last line is of a tool's head or table, behind which something always comes."""
    last = text.splitlines()[-1].lstrip()
    return bool(_OF_A_TOOL.search(text)) and (
        last.startswith(_ROW) or bool(_HEAD.match(last)) or last == "Printing statistics."
    )
