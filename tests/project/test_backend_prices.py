"""What a sweep, a search, its notes and the page's schedule say is of the compiler of the project's own back end."""

import json
import tarfile
from types import SimpleNamespace

import numpy as np
import pytest

from codesign.cli.main import main
from codesign.fpga import Design, estimate
from codesign.fpga.estimate.by_layer import estimate_layers
from codesign.fpga.estimate.heaviest import layer_notes
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.project.config import read_project
from codesign.project.pick_blocks import blocks, quality_blocks
from codesign.read import read_file
from tests.project.test_deployed import GOLDEN, PROJECT

PART = "xc7z020clg400-1"
YML = "data: {{source: jets_hlf}}\nmodel: {{path: none.h5}}\nhardware: {{backend: {backend}, part: {part}}}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prices")
    with tarfile.open(GOLDEN / f"{PROJECT}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    np.save(folder / "x.npy", np.random.default_rng(0).normal(size=(60, network(folder).n_inputs)))
    return folder


def network(folder):
    return read_file(folder / PROJECT).design_network()


@pytest.mark.parametrize("searched", [[], ["--search", "3"]])
def test_a_sweep_of_a_project_is_priced_by_its_own_backend(folder, searched, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    words = ["--implementations", "hls4ml-latency", "--weights", "4", "--activations", "6", "--jobs", "1", *searched]
    assert main(["sweep", PROJECT, "--data", "x.npy", "--part", PART, *words, "--json", "-"]) == 0
    rows = {row["precision"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    design = Design(network(folder), "hls4ml-latency", part=PART)
    prices = [estimate(design, toolchain=Toolchain.of(PART, backend)).as_dict() for backend in ("Vivado", "Vitis")]
    own = rows["as read"]
    assert prices[0]["csynth"] != prices[1]["csynth"]
    assert [own["csynth"], own["lut"], own["latency_cycles"]] == [
        prices[0][name] for name in ("csynth", "lut", "latency_cycles")
    ]


@pytest.mark.parametrize("backend", ["Vivado", "Vitis", "Quartus"])
def test_the_page_and_the_notes_take_the_projects_backend(folder, backend, tmp_path, monkeypatch):
    part = PART if backend != "Quartus" else "10ax115n2f45e1sg"
    (tmp_path / "project.yml").write_text(YML.format(backend=backend, part=part))
    config = read_project(tmp_path)
    assert config.toolchain == (None if backend == "Quartus" else Toolchain.of(part, backend))
    design = Design(network(folder), "hls4ml-latency", part=part)
    heaviest = max(estimate_layers(design, toolchain=config.toolchain), key=lambda one: one.lut)
    assert layer_notes(design, "lut", toolchain=config.toolchain)[0].startswith(heaviest.name)
    given = {}
    monkeypatch.setattr(blocks, "schedule_blocks", lambda _, **options: given.update(options) or {})
    monkeypatch.setattr(blocks, "inputs_block", lambda *_, **__: [])
    monkeypatch.setattr("codesign.project.pick_blocks.quality_of", lambda *_, **__: {})
    monkeypatch.setattr("codesign.project.pick_blocks._accuracies", lambda _: {})
    data = SimpleNamespace(features=(), words=None, test=None)
    built = SimpleNamespace(outputs=np.zeros((1, 9)), rtl=None)
    one = SimpleNamespace(design=design, built=built, decisions=None, metrics={})
    quality_blocks(one, SimpleNamespace(config=config, data=data), None)
    assert given["toolchain"] == config.toolchain
