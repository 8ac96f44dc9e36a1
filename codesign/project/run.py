"""The main job: from a project folder to a verified design and its report."""

import shutil
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.data import Dataset, load_dataset
from codesign.errors import DataError
from codesign.fpga import Design, Picked, find_part, pick, sweep
from codesign.fpga.hls4ml_project import AMD_BACKENDS, SIMULATORS
from codesign.fpga.tools import require_tool
from codesign.fpga.vendor import require_vendor_tool
from codesign.project.build import build_design, vendor_reports
from codesign.project.config import ProjectConfig, read_project
from codesign.project.journal import Journal
from codesign.project.models import TrainedNetwork, check_training, obtain_networks
from codesign.project.output import ProjectRun, write_outputs

_CALIBRATION_EVENTS = 20_000
_HELD_OUT = 0.1
_ROLES = (("smallest", "fastest"), ("smallest",), ("fastest",))


def run_project(path: str | PathLike, *, out: str | PathLike | None = None, build: bool = False, jobs: int = -1) -> dict:
    """Run a project folder from data to report, and return what report.json holds.

    A tenth of the training events is held out of the training: precisions are compared and designs picked on those, and
    the accuracy of what was picked is measured on the test events. Trained models and the sweep's results are kept in
    `out`, so that a run that was stopped goes on where it was.

    Args:
        path: folder with a ``project.yml``, or the file.
        out: where to write; default ``build`` inside the project's folder.
        build: also run the vendor's HLS compiler, which must be on the PATH.
        jobs: processes of the sweep, -1 for all cores.

    Raises:
        CodesignError: one line; everything finished before it is kept.
    """
    config = read_project(path)
    _check_tools(config, build)
    out = _output_folder(config, out)
    with Journal(out / "run.log") as journal:
        _say_whose_resources(config, journal)
        with journal.step("load data"):
            data, x_held, y_held = _load(config)
            for note in data.notes:
                journal.say(f"note: {note}")
            check_training(config, data)
        with journal.step("train or load"):
            networks = obtain_networks(config, data, out / "models")
        with journal.step("sweep"):
            calibration = data.x_train[:_CALIBRATION_EVENTS]
            swept = {one: _sweep(config, one, x_held, y_held, calibration=calibration, out=out, jobs=jobs) for one in networks}
        designs = [design for group in swept.values() for design in group]
        picked = pick(designs, config.budget)
        built = []
        for design, roles in _with_roles(picked):
            trained = next(trained for trained, group in swept.items() if design in group)
            notes = tuple(dict.fromkeys(note for role in roles for note in picked.notes[role]))
            settings = {"config": config, "trained": trained, "data": data, "out": out, "journal": journal}
            one = build_design(design, roles, pick_notes=notes, **settings)
            built.append(replace(one, vendor=vendor_reports(one, config.backend, journal)) if build else one)
        with journal.step("report"):
            return write_outputs(ProjectRun(config, data, len(x_held), tuple(designs), tuple(built)), journal, out)


def _say_whose_resources(config: ProjectConfig, journal: Journal) -> None:
    part = find_part(config.grid.part, config.grid.capacity)
    if config.backend not in AMD_BACKENDS:
        journal.say(f"note: {config.backend} builds for its own device; resources are estimated as those of AMD parts")
    if part.lut_kind != "LUT6":
        counted = f"of {part.name}: its {part.lut:,} {part.lut_kind}s are another kind"
        journal.say(f"note: LUTs are counted as AMD's 6-input LUTs, and not as those {counted}, so shares of the part are rough")


def _check_tools(config: ProjectConfig, build: bool) -> None:
    """Find a missing compiler now, and not after the training."""
    require_tool(SIMULATORS.get(config.backend, "g++"))
    if build:
        require_vendor_tool(config.backend)


def _output_folder(config: ProjectConfig, out: str | PathLike | None) -> Path:
    """Make the folder, and take away what an earlier run picked."""
    out = Path(out) if out is not None else config.directory / "build"
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"out: expected a folder that can be made. Received: {out} ({error.strerror})") from None
    for roles in _ROLES:
        shutil.rmtree(out / "-".join(roles), ignore_errors=True)
    return out


def _load(config: ProjectConfig) -> tuple[Dataset, np.ndarray, np.ndarray]:
    data = load_dataset(config.data_source, kind=config.data_kind)
    data = data.standardized() if config.standardize else data
    return data.hold_out(_HELD_OUT, seed=config.seed)


def _sweep(
    config: ProjectConfig,
    trained: TrainedNetwork,
    x: np.ndarray,
    y: np.ndarray,
    *,
    calibration: np.ndarray,
    out: Path,
    jobs: int,
) -> list[Design]:
    grid = replace(config.grid, weights=trained.weights)
    label = f"sweep of {trained.name}"
    return sweep(trained.network, x, y, grid, calibration=calibration, cache=out / "sweep.jsonl", jobs=jobs, label=label)


def _with_roles(picked: Picked) -> list[tuple[Design, tuple[str, ...]]]:
    both, smallest, fastest = _ROLES
    if picked.smallest is picked.fastest:
        return [(picked.smallest, both)]
    return [(picked.smallest, smallest), (picked.fastest, fastest)]
