"""A network that is deployed is priced as its project says that it is built."""

import re
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from codesign.fpga import Design, estimate
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.project.deployed import Deployed
from codesign.read import read_file

GOLDEN = Path(__file__).parents[1] / "read" / "hls4ml_project" / "golden"
PROJECT = "vivado_0_8_1_1"  # two dense layers, Strategy: Latency


@pytest.fixture
def project(tmp_path):
    with tarfile.open(GOLDEN / f"{PROJECT}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / PROJECT


def restated(project, word, values):
    """The project with other values of a constant, layer after layer."""
    path = next(project.glob("**/parameters.h"))
    given = iter(values)
    path.write_text(re.sub(rf"({word} = )[^;]+;", lambda found: f"{found[1]}{next(given)};", path.read_text()))
    return project


def deployed(path):
    network = read_file(path).design_network()
    return Deployed.read(path, network.n_inputs, 5.0, "xcvu9p")


@pytest.mark.parametrize("name", sorted(path.name.removesuffix(".tar.gz") for path in GOLDEN.glob("*.tar.gz")))
def test_every_project_says_its_strategy(name):
    with tarfile.open(GOLDEN / f"{name}.tar.gz") as archive:
        config = next(one for one in archive.getnames() if one.endswith("hls4ml_config.yml"))
        text = archive.extractfile(config).read().decode()
    asked = re.search(r"^ {4}Strategy: (\w+)$", text, re.MULTILINE)[1].lower()
    assert read_file(GOLDEN / f"{name}.tar.gz").about["strategy"] == asked


@pytest.mark.parametrize("strategy", ["latency", "resource"])
def test_it_is_priced_by_its_strategy(project, strategy):
    found = deployed(restated(project, "strategy", [f"nnet::{strategy}"] * 9))
    assert found.design.implementation == f"hls4ml-{strategy}" and found.is_exact
    reuse = found.design.reuse_factor
    again = Design(found.typed.network, f"hls4ml-{strategy}", reuse, found.design.clock_period_ns, found.design.part)
    assert found.design.report == estimate(again, toolchain=Toolchain.of(again.part, "Vivado"))


@pytest.mark.parametrize(("backend", "tool"), [("Vitis", "vitis_hls"), ("VivadoAccelerator", "vivado_hls")])
def test_it_is_priced_as_its_backend_compiles_it(project, backend, tool):
    path = next(project.glob("**/hls4ml_config.yml"))
    path.write_text(re.sub(r"^Backend: .*$", f"Backend: {backend}", path.read_text(), flags=re.MULTILINE))
    found = deployed(project).design
    bare = replace(found, report=None)
    assert found.report == estimate(bare, toolchain=replace(Toolchain.of(found.part), tool=tool))
    path.write_text(path.read_text().replace(backend, "Quartus"))
    assert "expected Vitis or Vivado, whose designs can be estimated. Received: Quartus" in deployed(project).note


def test_a_strategy_for_each_layer_has_no_costs_and_says_so(project):
    strategies = ["nnet::latency", "nnet::resource", *["nnet::latency"] * 9]
    found = deployed(restated(project, "strategy", strategies))
    assert found.design is None
    assert "its costs are not known: strategy: expected latency or resource in all layers" in found.note


def test_reuse_factors_of_layers_are_those_of_the_design(project):
    found = deployed(restated(project, "reuse_factor", [1, 1, 1, 5, 1, 1]))  # the fourth structure is a dense layer
    assert list(found.design.reuse_factor.values()) == [1, 5]
    assert "reuse 1/5" in found.note


def test_a_reuse_factor_that_hls4ml_cannot_build_has_no_costs_and_says_so(project):
    found = deployed(restated(project, "reuse_factor", [3] * 9))
    assert found.design is None and "its costs are not known: reuse_factor" in found.note
