"""A miniature of ``make demo``: the project that is shipped, with a smaller network and fewer epochs and precisions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from codesign.project import read_project, run_project
from codesign.project.check import check_project
from codesign.project.models import obtain_networks

PROJECT = Path(__file__).parents[2] / "fpga_projects" / "jet_tagger" / "project.yml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of the project behind one run, and what the run returned."""
    folder = tmp_path_factory.mktemp("jet_tagger")
    content = yaml.safe_load(PROJECT.read_text())
    content["model"]["train"] |= {"hidden": [8], "epochs": 3, "batch_size": 1024, "sparsity": 0.5}
    content["grid"] |= {"weights": [4], "activations": [6], "adder_levels_per_stage": [3]}
    content["grid"]["implementations"] = ["unrolled"]
    content["budget"]["min_accuracy"] = 0.4
    (folder / "project.yml").write_text(yaml.safe_dump(content))
    return folder, run_project(folder, jobs=1)


def test_every_event_is_the_same_in_every_implementation(demo):
    folder, report = demo
    assert report["agreement"]["events"] > 10_000
    assert report["agreement"]["csim_mismatches"] == report["agreement"]["rtl_mismatches"] == 0
    for row in report["picked"]:
        assert row["accuracy"] > 0.4 and row["lut"] < 5_000 and row["latency_ns"] <= 100
    assert "<svg" in (folder / "build" / "report.html").read_text()


def test_what_was_trained_is_used_again_and_other_settings_are_trained_anew(demo):
    folder, _ = demo
    config, models = read_project(folder), folder / "build" / "models"
    data = check_project(config).data
    (path,) = models.glob("*.h5")
    before = path.stat().st_mtime_ns
    (first,), (again,) = (obtain_networks(config, data, models) for _ in range(2))
    assert path.stat().st_mtime_ns == before and first.accuracy == again.accuracy > 0.4
    for one, other in zip(first.network.layers, again.network.layers):
        np.testing.assert_array_equal(one.kernel, other.kernel)
    other = replace(config, train=replace(config.train, fit={**config.train.fit, "epochs": 1}))
    obtain_networks(other, data, models)
    assert len(list(models.glob("*.h5"))) == 2
