"""report.json and report.html of a run."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from codesign._files import replace_file
from codesign._folders import made_files
from codesign._version import __version__
from codesign.data import Dataset
from codesign.fpga import layer_reuse_factors, pareto_front
from codesign.fpga.design.reuse import kernel_shapes
from codesign.project.build import BuiltPick
from codesign.project.candidates import Candidates
from codesign.project.check import CheckedProject
from codesign.project.deployed import deployed_row
from codesign.project.pick_blocks import cpu_times, design_row, quality_blocks, reference_row
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
    """What a run made: it chose among `candidates`; `built` are the picks."""

    checked: CheckedProject
    candidates: Candidates
    built: tuple[BuiltPick, ...]


def write_outputs(run: ProjectRun, log: RunLog) -> dict:
    """Write ``report.json`` and ``report.html`` into the output folder and return the content of the former."""
    found = _what_was_found(run, log)
    report = {**_what_was_run(run), **found, "seconds": dict(log.seconds), "versions": _versions()}
    with made_files(run.checked.out) as partial:
        replace_file(partial / REPORTS[0], (json.dumps(report, indent=1) + "\n").encode(), "the report")
        write_page(report, partial / REPORTS[1])
    return report


def _what_was_run(run: ProjectRun) -> dict:
    config = run.checked.config
    return {
        "task": config.name,
        "project": config.name,
        "command": f"codesign synthesize {config.directory}",
        "data_kind": run.checked.data.kind,
        "data": {**_describe(run.checked.data), "events_held_out": run.candidates.n_held_out},
        "seed": config.seed,
        "seeds": [config.seed],
        "part": config.grid.part,
        "backend": config.backend,
        "clock_period_ns": config.grid.clock_period_ns,
        "metric": run.candidates.picked.metric,
        "budget": dict(config.budget.limits()),
        "budget_confidence": config.budget.confidence,
        "project_yml": config.text,
    }


def _what_was_found(run: ProjectRun, log: RunLog) -> dict:
    metric, reference = run.candidates.picked.metric, run.candidates.reference
    deployed = run.checked.deployed
    cpu = cpu_times(run.built, run.checked, log)
    picked = [{**_row(one, run), "cpu": cpu.get(one.role, [])} for one in run.built]
    found = {
        "designs": len(run.candidates.designs),
        "picked": picked,
        "agreement": _sum_of_agreements(picked),
        "front": [design.as_dict() for design in pareto_front(run.candidates.designs, metric)],
        "compared": [design.as_dict() for design in run.candidates.designs],
        "history": list(run.candidates.history),
        "references": [
            *([] if deployed is None else [deployed_row(deployed, run.checked.data, run.checked.metrics)]),
            *([] if reference is None else [reference_row(reference, run.checked)]),
            *(design_row(design, run.checked) for design in run.candidates.best_of_others),
        ],
    }
    floats = [row["accuracy_float"] for row in picked if row.get("accuracy_float") is not None]
    return {**found, "accuracy_float": max(floats)} if floats else found


def _row(one: BuiltPick, run: ProjectRun) -> dict:
    design = one.design
    row = {
        "role": one.role,
        **design.as_dict(),
        "reuse_factors": layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor),
        "n_weights": design.network.n_weights,
        "agreement": vars(one.built.agreement),
        "reports": [report.as_dict() for report in one.reports],
        "directory": one.built.directory.name,
        "notes": [*one.pick_notes, *one.built.notes],
        "chances": run.candidates.picked.chances[one.roles[0]].as_dict(),
    }
    return row | quality_blocks(one, run.checked, run.candidates.reference)


def _sum_of_agreements(picked: list[Mapping]) -> dict:
    """0 mismatches only if every implementation of every pick agrees with the emulation; the most flips of any pick."""
    agreements = [row["agreement"] for row in picked]
    counts = [key for key in agreements[0] if key.endswith("_mismatches")]
    known = {key: [one[key] for one in agreements if one[key] is not None] for key in counts}
    flips = [one["argmax_flips"] for one in agreements if one.get("argmax_flips") is not None]
    return {
        "events": agreements[0]["events"],
        **{key: sum(values) if values else None for key, values in known.items()},
        "argmax_flips": max(flips, default=None),
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
        "targets": list(data.targets),
        "words": None if data.words is None else data.words.as_dict(),
    }


def _versions() -> dict[str, str]:
    versions = {"codesign": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions | {tool.name: tool.version for tool in installed_tools() if tool.version}
