import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from codesign.fpga import Budget, Grid
from codesign.fpga.sweep.grid import BITS
from codesign.project import config, data_section, read_project, train_section
from codesign.train import FitSettings

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "fpga_projects" / "jet_tagger" / "project.yml"
KEYS = [
    *("name", "seed", "metrics", "cpu"),
    *(f"data.{key}" for key in data_section.KEYS),
    "model.path",
    *(f"model.train.{key}" for key in train_section.SHARED),
    *(f"model.train.{method}.{key}" for method, known in train_section.SETTINGS.items() for key in known),
    *(f"grid.{field.name}" for field in fields(Grid) if field.name not in config._SHARED),
    *(f"hardware.{key}" for key in config._HARDWARE),
    *(f"budget.{field.name}" for field in fields(Budget) if field.name != "metrics"),
]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained(key):
    assert f"`{key}`" in (ROOT / "docs" / "project.md").read_text()
    assert re.search(rf"\b{key.split('.')[-1]}:", DEMO.read_text())


def test_the_defaults_in_the_document_are_those_of_the_code():
    text = (ROOT / "docs" / "project.md").read_text()
    rows = dict(re.findall(r"^\| `([\w.]+)` \|.*\| ([^|]+) \|$", text, re.M))
    for key, value in vars(FitSettings()).items():
        assert key == "seed" or float(rows[f"model.train.qkeras.{key}"]) == value
    grid = Grid()
    lists = {**BITS, "adder_levels_per_stage": grid.adder_levels_per_stage}
    for key, values in lists.items():
        assert tuple(yaml.safe_load(re.search(r"\[.*\]", rows[f"grid.{key}"])[0])) == values
    assert (
        rows["hardware.part"].strip("`") == grid.part
        and float(rows["hardware.clock_period_ns"]) == grid.clock_period_ns
    )


def test_the_demo_is_valid_with_every_key_that_it_only_mentions(tmp_path):
    lines = [
        re.sub(r"^(\s*)# (kind|inputs|capacity|yosys_time_limit_s):", r"\1\2:", line)
        for line in DEMO.read_text().splitlines()
    ]
    (tmp_path / "project.yml").write_text("\n".join(lines))
    with_all, demo = read_project(tmp_path), read_project(DEMO)
    assert with_all.data.kind == "REAL" and with_all.grid.inputs == (10,) and with_all.grid.capacity["lut"] == 1_728_000
    assert demo.data.kind == "not stated" and demo.grid.inputs is None and demo.grid.capacity is None
