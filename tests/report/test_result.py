import io
import json
import math

import pytest
from rich.console import Console

from codesign.errors import DataError
from codesign.report.result import QUICK_NOTE, goal, goal_line, write_json, write_result
from codesign.report.table import print_goals, print_table


def test_goal_knows_whether_it_is_met():
    assert goal("a", 1.0, "<=", 1.0)["met"] and goal("a", 2, ">=", 1)["met"] and goal("a", 0, "==", 0)["met"]
    assert not goal("a", math.nan, "<=", 1.0)["met"]
    unmeasured = goal("a", None, ">=", 1)
    assert not unmeasured["met"] and "not measured" in goal_line(unmeasured)


def test_json_holds_the_contract(tmp_path):
    path = tmp_path / "new" / "result.json"
    write_json(
        path, "pid", "STAND-IN", [{"method": "a", "auc_mean": 0.9}], [goal("g", 1, ">=", 0)], seeds=[0, 1], tracks=600
    )
    content = json.loads(path.read_text())
    assert {"task", "data_kind", "seeds", "versions", "rows", "goals"} <= set(content)
    assert set(content["goals"][0]) == {"name", "value", "target", "comparison", "met"}
    assert {"python", "codesign", "tensorflow"} <= set(content["versions"]) and content["tracks"] == 600


def test_json_to_nowhere_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="^json: expected a writable place for the JSON"):
        write_json(tmp_path / "file" / "x.json", "pid", "REAL", [], [], seeds=[0])


def test_table_says_how_real_the_data_are(capsys):
    print_table("title", "STAND-IN", {"method": ["a"], "value": [None]}, notes=["a note"])
    printed = capsys.readouterr().out
    assert "title [STAND-IN data]" in printed and "a note" in printed and " - " in printed


def test_a_quick_run_has_no_goals_and_says_why(tmp_path):
    write_json(tmp_path / "x.json", "pid", "STAND-IN", [{"method": "a"}], [], seeds=[0], quick=True)
    content = json.loads((tmp_path / "x.json").read_text())
    assert content["goals"] == [] and content["note"] == QUICK_NOTE
    file = io.StringIO()
    print_goals([], console=Console(file=file, width=200), quick=True)
    assert file.getvalue().strip() == QUICK_NOTE


def test_a_dash_prints_the_json(capsys):
    write_result("pid", "STAND-IN", [{"method": "a"}], [goal("b", 1.0, "<=", 2)], path="-", seeds=[0])
    printed = capsys.readouterr()
    assert json.loads(printed.out)["goals"][0]["met"] and "goal: b" in printed.err
