import io
import json
import math
import subprocess
import sys

import pytest
from rich.console import Console

from codesign.errors import DataError
from codesign.report.result import QUICK_NOTE, goal, goal_line, write_json, write_result
from codesign.report.table import print_goals, print_table
from codesign.reproduce.columns import mean_and_error, with_error
from codesign.reproduce.result_cache import ResultCache


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


def test_mean_and_standard_error():
    assert mean_and_error([1.0, 2.0, 3.0]) == pytest.approx((2.0, 1 / math.sqrt(3)))
    assert mean_and_error([1.5]) == (1.5, None)
    assert (
        with_error(0.95132, 0.00041) == "0.9513(4)"
        and with_error(0.95132, None) == "0.9513"
        and with_error(None, None) == "-"
    )


def test_table_says_how_real_the_data_are(capsys):
    print_table("title", "STAND-IN", {"method": ["a"], "value": [None]}, notes=["a note"])
    printed = capsys.readouterr().out
    assert "title [STAND-IN data]" in printed and "a note" in printed and " - " in printed


def test_cache_computes_each_result_once(tmp_path):
    path, calls = tmp_path / "results.jsonl", []
    for _ in range(2):
        with ResultCache(path, {}) as cache:
            assert cache.get("a/0", lambda: calls.append(1) or {"auc": 0.5}) == {"auc": 0.5}
    with ResultCache(path, {}) as cache:
        assert calls == [1] and "a/0" in cache and "b/0" not in cache


def test_cache_drops_a_line_that_was_cut_off(tmp_path):
    path = tmp_path / "results.jsonl"
    for key in ("a", "b"):
        with ResultCache(path, {}) as cache:
            cache.get(key, lambda: {"auc": 0.5})
    path.write_text(path.read_text()[:-7])
    with ResultCache(path, {}) as cache:
        assert "a" in cache and "b" not in cache
        cache.get("b", lambda: {"auc": 0.6})
    with ResultCache(path, {}) as cache:
        assert cache.get("b", dict) == {"auc": 0.6}


def test_cache_refuses_other_settings_and_other_files(tmp_path):
    path = tmp_path / "results.jsonl"
    ResultCache(path, {"tracks": 600})
    with pytest.raises(DataError, match="results of the same settings"):
        ResultCache(path, {"tracks": 1200})
    path.write_text("not json\n")
    with pytest.raises(DataError, match="expected a file of results"):
        ResultCache(path, {"tracks": 600})


@pytest.mark.parametrize("theirs", ["results.jsonl", "models/dense-0.h5", "verilog/dense-0/top.v", "auc.png"])
def test_files_of_the_user_are_refused_before_anything_is_trained(tmp_path, theirs):
    def begin():
        with ResultCache(tmp_path / "results.jsonl", {}) as cache:
            cache.reserve(["models/dense-0.h5", "verilog/dense-0"], ["auc"])

    (tmp_path / theirs).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / theirs).write_text("mine")
    with pytest.raises(DataError, match=f"out: .*where {theirs} was not made by codesign"):
        begin()
    assert (tmp_path / theirs).read_text() == "mine"
    (tmp_path / theirs).unlink()
    begin()
    (tmp_path / "models").mkdir(exist_ok=True)
    (tmp_path / "models" / "dense-0.h5").write_text("trained")
    begin()


def test_cache_computes_a_damaged_result_again(tmp_path):
    path = tmp_path / "results.jsonl"
    with ResultCache(path, {}) as cache:
        for key in "abc":
            cache.get(key, lambda: {"auc": 0.5})
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1] + b"\xff" + lines[2] + b'{"result": 1}\n' + lines[3])
    with ResultCache(path, {}) as cache:
        assert ["a" in cache, "b" in cache, "c" in cache] == [True, False, True]


def test_cache_refuses_results_of_another_version(tmp_path, monkeypatch):
    path = tmp_path / "results.jsonl"
    ResultCache(path, {})
    monkeypatch.setattr("codesign.reproduce.result_cache.__version__", "0.0.0")
    with pytest.raises(DataError, match="results of the same version of codesign"):
        ResultCache(path, {})


def test_cache_has_one_writer(tmp_path):
    path = tmp_path / "results.jsonl"
    cache = ResultCache(path, {})
    code = f"from codesign.reproduce.result_cache import ResultCache; ResultCache({str(path)!r}, {{}})"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "no other run writes" in other.stderr
    del cache
    subprocess.run([sys.executable, "-c", code], check=True)


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
