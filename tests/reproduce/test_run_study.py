import importlib
import io
import json
import math
import threading
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from rich.console import Console

from codesign._folders import claim
from codesign.cli.reproduce import NAMES
from codesign.data import Dataset
from codesign.errors import ConfigError, DataError
from codesign.report.result import goal
from codesign.reproduce import Study, run_study
from codesign.reproduce.columns import Column, Table, mean_and_error, with_error
from codesign.reproduce.curves import cost_at, value_at
from codesign.reproduce.figures import Curve, curve_figure
from codesign.reproduce.study import Job
from codesign.train.progress import StepProgress


@dataclass(frozen=True)
class Sizes:
    sizes: tuple[int, ...] = (1, 2)


def data(settings):
    x, y = np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1])
    return Dataset(x, y, x, y, features=("a", "b"), classes=("0", "1"), name="tiny", kind="GENERATED")


class Counted:
    """Jobs that note each computation; the last one fails while it is told to."""

    def __init__(self):
        self.done, self.fails = [], False

    def jobs(self, run):
        for seed in run.seeds:
            for size in run.settings.sizes:
                yield Job(
                    f"size {size}", seed, lambda size=size, seed=seed: self.compute(run, size, seed), ("net.txt",)
                )

    def compute(self, run, size, seed):
        if self.fails and size == 2:
            raise KeyboardInterrupt
        self.done.append((size, seed))
        before = [one[seed]["value"] for one in run.results.values() if seed in one]
        return {"value": size + seed, "before": before, "shared": run.shared("once", lambda: self.once())["value"]}

    def once(self):
        self.done.append("shared")
        return {"value": 7}

    def study(self):
        columns = (Column("method", "method"), Column("value", "mean", ".2f", error="error"), Column("none", "none"))
        return Study(
            name="tiny",
            title="A tiny study",
            settings=Sizes(),
            quick=Sizes(sizes=(1,)),
            load=data,
            jobs=self.jobs,
            rows=lambda run: [
                {"method": name, "value": run.of(name)[0]["value"], "error": 0.1} for name in run.results
            ],
            tables=lambda run: [
                Table("first", columns, run.rows, ["a note"]),
                Table("second", columns, [], empty="none"),
            ],
            goals=lambda run: [goal("largest value", max(row.get("value", 2) for row in run.rows), ">=", 2)],
            figures={"values": lambda run: curve_figure([Curve([1, 2], [1, 2], "a", {"color": "red"}, [None, 0.1])])},
            extra=lambda run: {"times": [1]},
        )


@pytest.fixture
def counted():
    return Counted()


def test_a_run_prints_writes_and_goes_on(counted, tmp_path):
    printed, out = io.StringIO(), tmp_path / "out"
    options = {"out": out, "seeds": [0, 5], "console": Console(file=printed, width=100)}
    counted.fails = True
    with pytest.raises(KeyboardInterrupt):
        run_study(counted.study(), **options)
    counted.fails = False
    for _ in range(2):
        found = run_study(counted.study(), json_path=tmp_path / "x.json", **options)
    assert counted.done == [(1, 0), "shared", (2, 0), (1, 5), (2, 5)]
    content = json.loads((tmp_path / "x.json").read_text())
    assert (content["task"], content["data_kind"], content["seeds"]) == ("tiny", "GENERATED", [0, 5])
    assert content["rows"] == found["rows"] and content["settings"] == {"sizes": [1, 2]} and content["times"] == [1]
    assert content["goals"] == [goal("largest value", 2, ">=", 2)] and found["times"] == [1]
    text = printed.getvalue()
    assert "first [GENERATED data]" in text and "1.00(10)" in text and "a note" in text and "second: none." in text
    assert "goal: largest value: 2 (>= 2) met" in text and "plots, net.txt and finished results: " in text
    assert {"values.png", "values.svg", "results.jsonl"} <= {path.name for path in out.iterdir()}


def test_jobs_see_the_results_before_them(counted, tmp_path):
    run_study(counted.study(), out=tmp_path, seeds=[3], console=Console(quiet=True))
    results = [json.loads(line.split(" ", 1)[1]) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    by_key = {entry["key"]: entry["result"] for entry in results if "key" in entry}
    assert by_key["size 2/3"]["before"] == [4] and by_key["size 1/3"]["before"] == []


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_seeds_side_by_side_give_the_same_results_and_files(jobs, tmp_path):
    """One process goes on with the parts that a run of more has left."""
    found = []
    for out in (tmp_path / "serial", tmp_path / "parts"):
        if out.name == "parts" and jobs == 1:
            claim(out, ["parts"])
            (out / "parts").mkdir()
        options = {"out": out, "seeds": [0, 5, 3], "console": Console(quiet=True)}
        found.append(run_study(Written().study(), jobs=jobs if out.name == "parts" else 1, **options))
        assert [(out / "nets" / f"{seed}.txt").read_text() for seed in (0, 5, 3)] == ["2 [1]", "7 [6]", "5 [4]"]
    assert found[0] == found[1] and not list((out / "parts").iterdir())


class Written(Counted):
    """Jobs that write what they saw of the results before them."""

    def jobs(self, run):
        for seed in run.seeds:
            for size in run.settings.sizes:
                files = (f"nets/{seed}.txt",) if size == 2 else ()
                yield Job(f"size {size}", seed, lambda size=size, seed=seed: self.write(run, size, seed), files)
        yield Job("all", run.seeds[0], lambda: {"value": sum(one["value"] for one in run.of("size 2"))}, alone=True)

    def study(self):
        return replace(super().study(), rows=lambda run: [{"method": name, **one} for name, one in run.results.items()])

    def write(self, run, size, seed):
        found = self.compute(run, size, seed)
        if size == 2:
            (run.folder / "nets").mkdir(parents=True, exist_ok=True)
            (run.folder / "nets" / f"{seed}.txt").write_text(f"{found['value']} {found['before']}")
        return found


def test_a_quick_run_has_no_goals(counted, tmp_path):
    found = run_study(counted.study(), quick=True, out=tmp_path, console=Console(quiet=True))
    assert found["goals"] == [] and counted.done == [(1, 0), "shared"] and len(found["rows"]) == 1


def test_results_belong_to_study_and_settings(counted, tmp_path):
    options = {"out": tmp_path, "seeds": [0], "console": Console(quiet=True)}
    run_study(counted.study(), **options)
    for study in (replace(counted.study(), name="other"), replace(counted.study(), settings=Sizes((1, 3)))):
        with pytest.raises(DataError, match="results of the same settings"):
            run_study(study, **options)


@pytest.mark.parametrize("is_terminal", [False, True])
def test_each_step_is_shown_when_it_begins(is_terminal, counted, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR" if is_terminal else "NO_COLOR", "1")
    seen = {}

    def load(settings):
        seen.setdefault("events", capsys.readouterr().err)
        return data(settings)

    def compute(run, size, seed):
        seen[size] = capsys.readouterr().err
        return {"value": size, "before": [], "shared": 0}

    monkeypatch.setattr(counted, "compute", compute)
    study = replace(counted.study(), load=load)
    for _ in range(2):
        run_study(study, out=tmp_path, seeds=[0], console=Console(quiet=True))
    if is_terminal:
        assert "tiny: reading or making the events" in seen["events"]
        return
    assert seen["events"].endswith("tiny: reading or making the events\n") and seen["events"].count("\n") == 1
    assert seen[1].endswith("s  size 1, seed 0 (0 of 2 done)\n") and seen[2].endswith(
        "s  size 2, seed 0 (1 of 2 done)\n"
    )
    rest = capsys.readouterr().err
    assert rest.count("tiny: tables") == rest.count("tiny: figures") == 1 and "size" not in rest  # what is kept


def test_a_step_that_goes_on_is_shown_again(capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with StepProgress(again_s=0.01) as shown:
        shown.step("long one", 1, 3)
        threading.Event().wait(0.2)
    text = capsys.readouterr().err
    assert text.count("s  long one (1 of 3 done)\n") == 1 and "s  still at it: long one (1 of 3 done)\n" in text
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1]])
def test_bad_seeds(seeds, counted, tmp_path):
    with pytest.raises(ConfigError, match="^seeds: expected different numbers"):
        run_study(counted.study(), seeds=seeds, out=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_every_study_is_declared_alike(name):
    study = importlib.import_module(f"codesign.reproduce.{name}").make_study()
    assert study.name == name and study.title and study.figures and not set(study.seeds) ^ set(range(len(study.seeds)))
    assert type(study.settings) is type(study.quick) and study.settings != study.quick
    assert all(hash(getattr(study.settings, field.name)) is not None for field in fields(study.settings))


def test_a_curve_is_read_both_ways():
    costs, values = [10, 100, 1000], [0.5, 0.7, 0.9]
    for cost in (10, 55, 100, 999, 1000):
        assert cost_at(costs, values, value_at(costs, values, cost)) == pytest.approx(cost)
    assert value_at(costs, values, 9) is None and cost_at(costs, values, 0.91) is None and cost_at([], [], 0.5) is None
    assert cost_at(costs, values, 0.1) == pytest.approx(10) and cost_at([0, 100], [0.5, 0.6], 0.55) == pytest.approx(10)


def test_mean_and_standard_error():
    assert mean_and_error([1.0, 2.0, 3.0]) == pytest.approx((2.0, 1 / math.sqrt(3)))
    assert mean_and_error([1.5]) == (1.5, None)
    assert (
        with_error(0.95132, 0.00041) == "0.9513(4)"
        and with_error(0.95132, None) == "0.9513"
        and with_error(None, None) == "-"
    )
