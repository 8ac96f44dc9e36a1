"""report.json and report.html of a run."""

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from codesign._version import __version__
from codesign.data import Dataset
from codesign.fpga import Design, find_part, layer_reuse_factors, pareto_front
from codesign.fpga.tools import installed_tools
from codesign.project.config import ProjectConfig
from codesign.project.journal import Journal
from codesign.project.models import TrainedNetwork
from codesign.report import figure_to_svg, plot_pareto, plot_resources, write_page

if TYPE_CHECKING:
    from codesign.project.run import BuiltDesign

_PACKAGES = ("tensorflow", "tf-keras", "qkeras", "tensorflow-model-optimization", "hls4ml", "da4ml", "scikit-learn", "numpy")


def write_outputs(
    config: ProjectConfig,
    journal: Journal,
    data: Dataset,
    networks: list[TrainedNetwork],
    designs: list[Design],
    built: list["BuiltDesign"],
    out: Path,
) -> dict:
    """Write ``report.json`` and ``report.html`` into `out` and return the content of the former."""
    front = pareto_front(designs)
    report = {
        "task": config.name,
        "project": config.name,
        "data_kind": data.kind,
        "data": _describe(data),
        "seed": config.seed,
        "seeds": [config.seed],
        "part": config.grid.part,
        "clock_period_ns": config.grid.clock_period_ns,
        "budget": dict(config.budget.limits()),
        "accuracy_float": max(trained.accuracy for trained in networks),
        "designs": len(designs),
        "picked": [_row(entry) for entry in built],
        "agreement": _worst_agreement(built),
        "front": [design.as_dict() for design in front],
        "seconds": dict(journal.seconds),
        "versions": _versions(),
        "project_yml": config.text,
    }
    partial = out / "report.json.partial"
    partial.write_text(json.dumps(report, indent=1) + "\n")
    os.replace(partial, out / "report.json")
    reports = {"-".join(entry.roles): entry.synthesis.design.report for entry in built}
    figures = {
        "pareto": figure_to_svg(plot_pareto(designs, report["picked"], config.budget)),
        "resources": figure_to_svg(plot_resources(reports, find_part(config.grid.part))),
    }
    write_page(report, out / "report.html", figures)
    return report


def _row(entry: "BuiltDesign") -> dict:
    result = entry.synthesis
    reports = [*result.reports, *entry.vendor]
    return {
        "role": " and ".join(entry.roles),
        **result.design.as_dict(),
        "reuse_factors": layer_reuse_factors(result.design.network.sizes, result.design.reuse_factor),
        "n_weights": result.design.network.n_weights,
        "accuracy_float": entry.accuracy_float,
        "agreement": {**vars(result.agreement), "argmax_flips": entry.argmax_flips},
        "reports": [report.as_dict() for report in reports],
        "directory": result.directory.name,
        "notes": list(result.notes),
    }


def _worst_agreement(built: list["BuiltDesign"]) -> dict:
    """The sums over the picks: 0 only if every implementation of every pick agrees with the emulation."""
    agreements = [entry.synthesis.agreement for entry in built]
    rtl = [agreement.rtl_mismatches for agreement in agreements if agreement.rtl_mismatches is not None]
    return {
        "events": agreements[0].events,
        "csim_mismatches": sum(agreement.csim_mismatches for agreement in agreements),
        "rtl_mismatches": sum(rtl) if rtl else None,
        "argmax_flips": max(entry.argmax_flips for entry in built),
    }


def _describe(data: Dataset) -> dict:
    return {
        "name": data.name,
        "kind": data.kind,
        "origin": data.origin,
        "events_train": len(data.x_train),
        "events_test": len(data.x_test),
        "features": list(data.features),
        "classes": list(data.classes),
    }


def _versions() -> dict[str, str]:
    versions = {"codesign": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions | {tool.name: tool.version for tool in installed_tools() if tool.version}
