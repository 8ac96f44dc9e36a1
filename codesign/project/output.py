"""report.json and report.html of a run."""

import json
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from codesign._files import replace_file
from codesign._folders import made_files
from codesign._version import __version__
from codesign.data import Dataset
from codesign.fpga import Design, layer_reuse_factors, pareto_front
from codesign.fpga.design.design import binomial_error
from codesign.fpga.design.reuse import kernel_shapes
from codesign.project.build import BuiltPick
from codesign.project.config import ProjectConfig
from codesign.project.run_log import RunLog
from codesign.report import write_page
from codesign.tools.find import installed_tools

REPORTS = ("report.json", "report.html")
_PACKAGES = (
    "tensorflow",
    "tf-keras",
    "qkeras",
    "tensorflow-model-optimization",
    "hls4ml",
    "da4ml",
    "scikit-learn",
    "numpy",
)


@dataclass(frozen=True, eq=False)
class ProjectRun:
    """What a run made: `designs` are the swept ones, compared on `events_held_out` events; `built` the picked ones."""

    config: ProjectConfig
    data: Dataset
    events_held_out: int
    designs: tuple[Design, ...]
    built: tuple[BuiltPick, ...]


def write_outputs(run: ProjectRun, log: RunLog, out: Path) -> dict:
    """Write ``report.json`` and ``report.html`` into `out` and return the content of the former."""
    report = {**_what_was_run(run), **_what_was_found(run), "seconds": dict(log.seconds), "versions": _versions()}
    with made_files(out) as partial:
        replace_file(partial / REPORTS[0], (json.dumps(report, indent=1) + "\n").encode(), "the report")
        write_page(report, partial / REPORTS[1])
    return report


def _what_was_run(run: ProjectRun) -> dict:
    config = run.config
    return {
        "task": config.name,
        "project": config.name,
        "data_kind": run.data.kind,
        "data": {**_describe(run.data), "events_held_out": run.events_held_out},
        "seed": config.seed,
        "seeds": [config.seed],
        "part": config.grid.part,
        "backend": config.backend,
        "clock_period_ns": config.grid.clock_period_ns,
        "budget": dict(config.budget.limits()),
        "project_yml": config.text,
    }


def _what_was_found(run: ProjectRun) -> dict:
    return {
        "accuracy_float": max(one.trained.accuracy for one in run.built),
        "designs": len(run.designs),
        "picked": [_row(one) for one in run.built],
        "agreement": _sum_of_agreements(run.built),
        "front": [design.as_dict() for design in pareto_front(run.designs)],
        "compared": [design.as_dict() for design in run.designs],
    }


def _row(one: BuiltPick) -> dict:
    design, agreement = one.design, one.built.agreement
    return {
        "role": " and ".join(one.roles),
        **design.as_dict(),
        **_accuracies(one),
        "reuse_factors": layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor),
        "n_weights": design.network.n_weights,
        "agreement": {**vars(agreement), "argmax_flips": one.argmax_flips},
        "reports": [report.as_dict() for report in one.reports],
        "directory": one.built.directory.name,
        "notes": [*one.pick_notes, *one.built.notes],
    }


def _accuracies(one: BuiltPick) -> dict:
    """Shares of right decisions with their binomial errors.

    On the test events, on those held out, of the model as given.
    """
    events, design = one.built.agreement.events, one.design
    return {
        "accuracy": one.accuracy,
        "accuracy_error": binomial_error(one.accuracy, events),
        "accuracy_held_out": design.accuracy,
        "accuracy_held_out_error": design.accuracy_error,
        "accuracy_float": one.trained.accuracy,
        "accuracy_float_error": binomial_error(one.trained.accuracy, events),
    }


def _sum_of_agreements(built: tuple[BuiltPick, ...]) -> dict:
    """0 mismatches only if every implementation of every pick agrees with the emulation; the most flips of any pick."""
    agreements = [one.built.agreement for one in built]
    keys = ("csim_mismatches", "rtl_mismatches", "cpp_mismatches")
    found = {key: [getattr(one, key) for one in agreements if getattr(one, key) is not None] for key in keys}
    return {
        "events": agreements[0].events,
        **{key: sum(counts) if counts else None for key, counts in found.items()},
        "argmax_flips": max(one.argmax_flips for one in built),
    }


def _describe(data: Dataset) -> dict:
    return {
        "name": data.name,
        "kind": data.kind,
        "origin": data.origin,
        "notes": list(data.notes),
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
