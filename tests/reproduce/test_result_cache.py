import subprocess
import sys

import pytest

from codesign.errors import DataError
from codesign.reproduce.result_cache import ResultCache


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
