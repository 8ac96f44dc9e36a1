"""What can be said of the pages without Sphinx: `make docs` says the rest."""

import configparser
import re
import shlex

import pytest

import codesign
from codesign.cli.main import _parsers
from tests.docs.pages import DOCS, PAGES, README, ROOT, blocks, program, prose


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def toctree(text: str) -> list[str]:
    lines = "\n".join(blocks(text, r"\{toctree\}")).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith(":")]


def test_every_page_is_in_the_toctree_once():
    listed = sorted(entry for text in PAGES.values() for entry in toctree(text))
    assert listed == sorted(set(PAGES) - {"index"})


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(PAGES[page])):
        file, _, anchor = target.partition("#")
        if "://" in target:
            continue
        path = (DOCS / page).parent / file if file else DOCS / f"{page}.md"
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text()), target


def test_the_reference_names_what_is_public():
    named = {line.strip() for line in re.findall(r"^   (\w+)$", PAGES["reference"], re.MULTILINE)}
    mentioned = {"keras", "__version__"}
    assert named | mentioned == set(codesign.__all__)
    assert all(f"`codesign.{name}`" in PAGES["reference"] for name in mentioned)


@pytest.mark.parametrize("page", PAGES)
def test_python_compiles(page):
    compile(program(PAGES[page]), f"docs/{page}.md", "exec")
    for shown in blocks(PAGES[page], "py"):
        compile(shown, f"docs/{page}.md", "exec")


@pytest.mark.parametrize("page", [*PAGES, "README"])
def test_commands_are_those_of_the_command_line(page):
    text = README if page == "README" else PAGES[page]
    parser, _ = _parsers()
    for line in "\n".join(blocks(text, "(?:bash|console)")).replace("\\\n", " ").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        if words[:1] == ["codesign"]:
            parser.parse_args(words[1:])


def test_what_make_docs_installs_is_what_setup_says():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    wanted = set(setup["options.extras_require"]["docs"].split())
    assert wanted <= set(re.findall(r"^(\S+==\S+)", (DOCS / "requirements.txt").read_text(), re.MULTILINE))
