"""The pages of docs/, as text: what Sphinx would read, without Sphinx."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix(): path.read_text()
    for path in sorted(DOCS.rglob("*.md"))
    if not {"_build", "generated"} & set(path.parts)
}
README = (ROOT / "README.md").read_text()
_FENCE = r"^(```+|:::+)({language})[ \t]*\n(.*?)^\1[ \t]*$"
_SMALLER = re.compile(r"^\*The tests run this page with (.+)\.\*$", re.MULTILINE)


def blocks(text: str, language: str) -> list[str]:
    """Return the contents of a page's fenced blocks of one language, in order."""
    return [block for _, _, block in re.findall(_FENCE.format(language=language), text, re.MULTILINE | re.DOTALL)]


def prose(text: str) -> str:
    """Return a page without its fenced blocks and code."""
    return re.sub(
        r"`[^`\n]*`", "``", re.sub(_FENCE.format(language=r"[^\n]*"), "", text, flags=re.MULTILINE | re.DOTALL)
    )


def settings(text: str) -> dict[str, str] | None:
    """Return the smaller values that a page says the tests run it with, or None where it is not run."""
    found = _SMALLER.search(text)
    pairs = re.findall(r"`([\w, ]+) = ([^`]+)`", found.group(1)) if found else []
    assert not found or pairs, found.group()
    return dict(pairs) if found else None


def program(text: str) -> str:
    """Return all Python of a page as one program, with the values that the tests run it with."""
    code = "\n".join(blocks(text, "python"))
    for name, value in (settings(text) or {}).items():
        code, count = re.subn(rf"^{name} = .*$", f"{name} = {value}", code, flags=re.MULTILINE)
        assert count == 1, f"{name} is set {count} times"
    return code
