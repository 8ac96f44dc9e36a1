"""Advice is taken from one place, and that place is setup.cfg's."""

import configparser
import re
from pathlib import Path

from codesign.cli.main import main
from codesign.extras import EXTRAS, install_hint

ROOT = Path(__file__).parent.parent


def declared():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    section = parser["options.extras_require"]
    return {
        name: tuple(re.split(r"[=<>]", line)[0] for line in section[name].split("\n") if line and line[0] != "#")
        for name in section
    }


def test_extras_are_those_of_setup_cfg():
    assert {name: extra.packages for name, extra in EXTRAS.items()} == declared()


def test_the_docs_and_doctor_list_every_extra(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert main(["doctor"]) == 0
    printed, page = capsys.readouterr().out, (ROOT / "docs" / "commands.md").read_text()
    for extra in EXTRAS.values():
        assert f"extra [{extra.name}]" in printed
        assert f"| `{extra.name}` |" in page


def test_a_missing_package_is_brought_by_an_extra_or_by_its_own_name():
    assert install_hint("xgboost") == EXTRAS["teachers"].install_hint
    assert install_hint("torch") == "pip install torch"


def test_no_other_file_gives_advice_on_packages():
    """codesign is on no package index: what is not taken from extras.py would get out of step."""
    for path in (ROOT / "codesign").rglob("*.py"):
        if path.name != "extras.py":
            assert not re.search(r"pip install|'codesign\[|'\.\[", path.read_text()), path
