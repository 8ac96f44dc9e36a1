"""`codesign synthesize --open`."""

import webbrowser

import pytest

from codesign.cli.main import main
from codesign.report.page import write_page
from tests.report.test_sections import small


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose run is over at once: its report is that of another."""

    def run_project(path, *, out=None, **_):
        report = small() | {"budget": {}}
        write_page(report, tmp_path / "build" / "report.html")
        return report

    monkeypatch.setattr("codesign.project.run_project", run_project)
    (tmp_path / "project.yml").write_text("name: a\ndata: {source: jets_hlf}\nmodel: {train: {hidden: [4]}}\n")
    return tmp_path


@pytest.mark.parametrize("found", [True, False])
def test_open_shows_the_page_or_says_where_it_is(project, monkeypatch, capsys, found):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or found)
    assert main(["synthesize", str(project), "--open", "--out", str(project / "build")]) == 0
    page = project / "build" / "report.html"
    assert opened == [page.resolve().as_uri()] and page.exists()
    assert ("--open: no browser to be found here" in capsys.readouterr().out) is not found


def test_without_the_option_nothing_opens(project, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda address: pytest.fail(address))
    assert main(["synthesize", str(project), "--out", str(project / "build")]) == 0
