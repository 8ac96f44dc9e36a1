"""Every picture of the gallery has its script, and the scripts still run."""

import subprocess
import sys

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT

SCRIPTS = sorted((DOCS / "gallery").glob("*.py"))


def test_pictures_are_small_and_shown():
    for script in SCRIPTS:
        picture = script.with_suffix(".png")
        assert picture.stat().st_size < 60_000 and f"gallery/{picture.name}" in PAGES["gallery"]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script_runs(script, tmp_path):
    picture = tmp_path / "picture.png"
    subprocess.run([sys.executable, str(script), str(picture)], cwd=ROOT, check=True, capture_output=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
