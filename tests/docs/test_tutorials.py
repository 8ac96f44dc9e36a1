"""The Python of the pages runs, top to bottom, with the smaller values that each page names at its end."""

import pytest

from codesign import keras
from tests.docs.pages import PAGES, program, settings

SLOW = {
    "bring/bdt",
    "bring/model",
    "faq",
    "layers",
    "start",  # build_design compiles and simulates, as the test of the README's example does
    "tasks/distil_forest",
    "tasks/lut_budget",
    "tasks/prune_features",
    "tasks/training_recipes",
}
RUN = [page for page, text in PAGES.items() if settings(text) is not None]


@pytest.mark.parametrize("page", [pytest.param(page, marks=pytest.mark.slow if page in SLOW else ()) for page in RUN])
def test_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    exec(compile(program(PAGES[page]), f"docs/{page}.md", "exec"), {"__name__": "__main__"})
