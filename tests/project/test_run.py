import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from codesign._folder_lock import FolderLock
from codesign._folders import mark_folder
from codesign.cli.main import main
from codesign.errors import BudgetError, DataError, ToolError
from codesign.fpga import Agreement, BuiltDesign, Design, DesignReport, Hls4mlProject
from codesign.project import run_project
from codesign.project.build import BuiltPick
from tests.project.small_project import write_events_and_network
from tests.random_networks import random_network

GOLDEN = Path(__file__).parents[1] / "report" / "golden"


@pytest.fixture
def project(tmp_path):
    """A small project: 4 features, 3 classes, a saved network, 240 events."""
    write_events_and_network(tmp_path)

    def write(**changes):
        content = {
            "name": "small",
            "data": {"source": "events.npz", "kind": "GENERATED", "standardize": False},
            "model": {"path": "tagger.json"},
            "grid": {"weights": [4], "activations": [6], "adder_levels_per_stage": [3]},
            "budget": {"min_accuracy": 0.6},
            "cpu": False,
        }
        (tmp_path / "project.yml").write_text(yaml.safe_dump({**content, **changes}))
        return tmp_path

    return write


@pytest.fixture
def simulated_at_once(monkeypatch):
    """The C simulation without its compiler, where it is not the subject."""
    monkeypatch.setattr(Hls4mlProject, "simulate", lambda self, x: self.network.emulate(x))


@pytest.mark.slow
def test_saved_network_to_report(project):
    directory = project(grid={"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]})
    report = run_project(directory, jobs=1)
    assert json.loads((directory / "build" / "report.json").read_text()) == json.loads(json.dumps(report))
    assert report["agreement"] == {
        "events": 120,
        "csim_mismatches": 0,
        "rtl_mismatches": None,
        "cpp_mismatches": 0,
        "argmax_flips": report["agreement"]["argmax_flips"],
    }
    picked = report["picked"][0]
    assert (
        picked["role"] == "smallest, fastest and best" and picked["source"] == "estimate" and picked["accuracy"] > 0.6
    )
    for key, events in (("accuracy", 120), ("accuracy_held_out", 12), ("accuracy_float", 120)):
        assert picked[f"{key}_error"] == pytest.approx((picked[key] * (1 - picked[key]) / events) ** 0.5)
    assert set(picked["sources"].values()) == {"estimate"} and picked["latency_clock"] == "target"
    assert report["data_kind"] == "GENERATED" and set(report["budget"]) == {"min_accuracy"}
    page = (directory / "build" / "report.html").read_text()
    assert "small" in page and "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.slow
def test_unrolled_pick_is_simulated_and_synthesised(project):
    grid = {"weights": [4], "activations": [6], "implementations": ["unrolled"], "adder_levels_per_stage": [3]}
    report = run_project(project(grid=grid), jobs=1)
    assert report["agreement"]["csim_mismatches"] == report["agreement"]["rtl_mismatches"] == 0
    assert {row["implementation"] for row in report["picked"]} == {"unrolled"}
    picked = report["picked"][0]
    assert picked["source"] == "yosys"
    resources = dict.fromkeys(("lut", "ff", "dsp", "bram_18k", "uram"), "yosys")
    assert picked["sources"] == resources | dict.fromkeys(("latency_cycles", "initiation_interval"), "rtl-sim")
    assert (picked["latency_clock"], picked["latency_ns"]) == ("target", 5.0 * picked["latency_cycles"])
    yosys = next(one for one in picked["reports"] if one["source"] == "yosys")
    assert yosys["lut"] == picked["lut"] and yosys["sources"] == resources


def test_second_run_goes_on_from_the_first(project, simulated_at_once):
    directory = project(grid={"weights": [4, 5], "activations": [6], "implementations": ["hls4ml-latency"]})
    run_project(directory, jobs=1)
    cached = (directory / "build" / "sweep.jsonl").read_text()
    run_project(directory, jobs=1)
    assert (directory / "build" / "sweep.jsonl").read_text() == cached


def test_impossible_budget_names_the_nearest_limit(project):
    directory = project(
        grid={"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]},
        budget={"latency_ns": 100, "lut": 1},
    )
    with pytest.raises(BudgetError, match="needs lut") as error:
        run_project(directory, jobs=1)
    assert "\n" not in str(error.value)


def test_wrong_feature_count_is_said(project, tmp_path):
    directory = project()
    np.savez(
        tmp_path / "events.npz",
        x_train=np.ones((6, 2)),
        y_train=np.arange(6) % 3,
        x_test=np.ones((6, 2)),
        y_test=np.arange(6) % 3,
    )
    with pytest.raises(DataError, match="4 -> 3"):
        run_project(directory, jobs=1)


def test_missing_vendor_tool_is_said_before_the_work(project):
    if shutil.which("vitis-run"):
        pytest.skip("vitis-run is installed")
    directory = project()
    with pytest.raises(ToolError, match="vitis-run is not installed"):
        run_project(directory, build=True)
    assert not (directory / "build").exists()


def test_vendor_report_is_read(project, simulated_at_once, tmp_path, monkeypatch):
    """A stand-in for vitis-run leaves a real csynth.xml, as the tool does."""
    tool = tmp_path / "bin" / "vitis-run"
    tool.parent.mkdir()
    report = next(GOLDEN.glob("*csynth.xml"))
    tool.write_text(
        f"#!/bin/sh\nmkdir -p codesign_prj/solution1/syn/report\ncp '{report}' "
        "codesign_prj/solution1/syn/report/csynth.xml\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    directory = project(grid={"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]})
    result = run_project(directory, build=True, jobs=1)
    assert result["picked"][0]["source"] == result["picked"][0]["reports"][-1]["source"] == "csynth"
    assert result["picked"][0]["lut"] == result["picked"][0]["reports"][-1]["lut"] == 2532
    assert set(result["picked"][0]["sources"].values()) == {"csynth"}


@pytest.mark.parametrize(
    ("implementation", "lut", "cycles"),
    [("hls4ml-latency", (500, "vsynth"), (7, "csynth")), ("unrolled", (90, "yosys"), (3, "rtl-sim"))],
)
def test_the_vendor_of_the_hls4ml_project_says_nothing_about_the_rtl(implementation, lut, cycles):
    network = random_network(np.random.default_rng(1), (4, 3))
    estimated = DesignReport("estimate", lut=100, latency_cycles=4, clock_target_ns=5.0)
    counted, timed = DesignReport("yosys", lut=90), DesignReport("rtl-sim", latency_cycles=3)
    vendor = DesignReport("vsynth", lut=500), DesignReport("csynth", lut=900, latency_cycles=7, clock_target_ns=5.0)
    reports = (estimated, timed, counted) if implementation == "unrolled" else (estimated,)
    design = Design(network, implementation=implementation).with_reports(reports)
    built = BuiltDesign(design, Path("nowhere"), reports, Agreement(1), np.zeros((1, 3)), {})
    picked = BuiltPick(("smallest",), built, {}, vendor=vendor)
    row = picked.design.as_dict()
    assert (row["lut"], row["sources"]["lut"]) == lut
    assert (row["latency_cycles"], row["sources"]["latency_cycles"]) == cycles
    assert picked.reports == (*reports, *vendor)


def test_output_folder_that_is_a_file(project):
    directory = project()
    with pytest.raises(DataError, match="out: expected a folder"):
        run_project(directory, out=directory / "project.yml")


def test_a_mismatch_is_an_error(project, monkeypatch, capsys):
    """One forged bit in the C simulation: the run ends, and its exit status says that it failed."""

    def forged(self, x):
        outputs = self.network.emulate(x)
        outputs[7, 0] += 1
        return outputs

    monkeypatch.setattr(Hls4mlProject, "simulate", forged)
    directory = project(grid={"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]})
    assert main(["synthesize", str(directory), "--jobs", "1"]) == 1
    assert "1 mismatches in C simulation" in capsys.readouterr().err


def test_old_builds_do_not_stay_beside_new_ones(project, simulated_at_once):
    directory = project(grid={"weights": [4], "activations": [6], "implementations": ["hls4ml-latency"]})
    stale = directory / "build" / "fastest" / "hls4ml" / "csynth.xml"
    stale.parent.mkdir(parents=True)
    stale.write_text("somebody's")
    before = sorted(directory.rglob("*"))
    with pytest.raises(
        DataError, match="out: expected .* where hls4ml/csynth.xml was not made by codesign.*; move it away"
    ):
        run_project(directory, jobs=1)
    assert sorted(path for path in directory.rglob("*") if path.name != ".codesign.lock") == before
    mark_folder(directory / "build" / "fastest")
    run_project(directory, jobs=1)
    assert not stale.exists()
    config = directory / "build" / "smallest-fastest-best" / "hls4ml" / "hls4ml_config.yml"
    assert f"OutputDir: {config.parent}\n" in config.read_text() and "codesign-partial" not in config.read_text()


def test_a_run_in_a_folder_that_another_run_writes_is_refused_at_once(project, monkeypatch):
    monkeypatch.setattr(
        "codesign.project.run.check_project", lambda *args, **options: pytest.fail("the data were read")
    )
    directory = project()
    with (
        FolderLock(directory / "build"),
        pytest.raises(DataError, match="out: expected a folder that no other run writes"),
    ):
        run_project(directory, jobs=1)
