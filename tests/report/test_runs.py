"""Runs side by side: differences in units of their error, sources, settings, the page and the command line."""

import copy
import json
import math

import pytest

from codesign.cli.main import main
from codesign.errors import ReportError
from codesign.report import compare_runs, write_comparison_page
from codesign.report.charts import SCRIPT
from tests.report.example import example_report
from tests.report.test_page import Page
from tests.report.test_sections import HOSTILE, small


def changed():
    """The golden report, and a later run: better by twice the error, smaller, its LUTs from an estimate."""
    old, new = small(), small()
    pick = new["picked"][0]
    error = pick["metrics_test"]["auc"]["error"]
    pick["metrics_test"]["auc"]["value"] += 2 * math.sqrt(2) * error
    pick |= {"lut": pick["lut"] // 2, "role": "smallest and best"}
    pick["sources"]["lut"] = "estimate"
    new["budget"]["lut"] = 1000
    new["project_yml"] = "name: jet_tagger\nmodel: {train: {epochs: 9}}\n"
    return old, new


@pytest.fixture
def folders(tmp_path):
    for name, report in zip(("old", "new"), changed()):
        (tmp_path / name / "build").mkdir(parents=True)
        (tmp_path / name / "build" / "report.json").write_text(json.dumps(report))
    return tmp_path


def test_differences_ratios_sources_and_settings():
    comparison = compare_runs(dict(zip(("old", "new"), changed())))
    rows = {(row.role, row.key): row for row in comparison.rows}
    assert rows["smallest", "auc"].sigmas == (None, pytest.approx(2.0, rel=1e-3))
    assert rows["smallest", "lut"].ratios == (1.0, pytest.approx(0.5, rel=1e-2))
    assert rows["smallest", "lut"].sources == ("yosys", "estimate")
    assert rows["best", "auc"].values[0] is None and rows["best", "auc"].sigmas == (None, None)
    assert rows["smallest", "latency_ns"].sources == ("rtl-sim", "rtl-sim")  # Yosys counts LUTs, and times nothing
    assert [(row.name, row.values) for row in comparison.settings] == [
        ("budget: lut", ("2500", "1000")),
        ("project.yml: model.train.epochs", ("\N{EN DASH}", "9")),
    ]
    assert any("smallest, LUT: yosys in old, estimate in new" in warning for warning in comparison.warnings)
    assert "+2.0 sigma" in comparison.to_text() and "yosys in old" in comparison.to_text()
    assert json.loads(json.dumps(comparison.as_dict()))["runs"] == ["old", "new"]


def test_equal_runs_differ_in_nothing():
    comparison = compare_runs({"a": small(), "b": small(), "c": small()})
    assert not comparison.settings and not comparison.warnings
    assert all(sigma in (None, 0) for row in comparison.rows for sigma in row.sigmas)
    assert all(ratio in (None, 1) for row in comparison.rows for ratio in row.ratios)


def test_runs_without_anything_and_with_too_few():
    assert compare_runs({"a": {}, "b": {"picked": None, "project_yml": "a: [", "budget": 3}}).settings
    with pytest.raises(ReportError, match="expected at least two runs to compare. Received: 1"):
        compare_runs({"a": {}})


def test_the_page_of_runs(tmp_path):
    old, new = changed()
    new["picked"][0]["role"] = new["project_yml"] = f"smallest {HOSTILE}"
    new["front"][0]["precision"] = HOSTILE
    comparison = compare_runs({"old": old, f"new {HOSTILE}": new})
    text = write_comparison_page(comparison, tmp_path / "a.html").read_text()
    page = Page(text)
    assert page.tags.count("script") == 1 and "img" not in page.tags and page.tags.count("svg") >= 2
    assert SCRIPT.source in text and "alert(1)</script>" not in text
    assert write_comparison_page(compare_runs({"a": {}, "b": {}}), tmp_path / "b.html").exists()


def test_the_command_compares_runs_by_their_folders(folders, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    page, content = tmp_path / "both.html", tmp_path / "both.json"
    paths = [str(folders / name) for name in ("old", "new")]
    assert main(["compare", *paths, "--html", str(page), "--json", str(content)]) == 0
    out = capsys.readouterr().out
    assert "smallest: AUC" in out and "+2.0 sigma" in out and "what differs" in out and str(page) in out
    assert json.loads(content.read_text())["paths"] == paths
    Page(page.read_text())


def test_reports_of_tools_are_compared_as_before(folders, capsys, tmp_path):
    run = str(folders / "old" / "build" / "report.json")
    assert main(["compare", run]) == 0 and "yosys" in capsys.readouterr().out
    tool = copy.deepcopy(example_report()["picked"][0]["reports"][1])
    (tmp_path / "tool.json").write_text(json.dumps(tool))
    assert main(["compare", run, str(tmp_path / "tool.json")]) == 0
    assert "sigma" not in capsys.readouterr().out
    assert main(["compare", run, str(tmp_path / "tool.json"), "--html", str(tmp_path / "x.html")]) == 0
    assert "reports side by side" in (tmp_path / "x.html").read_text()
