"""The main job: from a project folder to a verified design and its report."""

import time
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import checked
from codesign._folder_lock import FolderLock
from codesign._folders import check_files, check_folder, claim, remove_folder
from codesign.errors import SaturationWarning
from codesign.fpga import Design, Picked, find_part, pick, sweep
from codesign.fpga.hls4ml.project import AMD_BACKENDS
from codesign.project.build import build_pick, vendor_reports
from codesign.project.check import CheckedProject, check_project
from codesign.project.config import ProjectConfig, read_project
from codesign.project.models import TrainedNetwork, obtain_networks
from codesign.project.output import REPORTS, ProjectRun, write_outputs
from codesign.project.run_log import RunLog

_CALIBRATION_EVENTS = 20_000
_LOGS = ("run.log", "sweep.jsonl")
_ROLES = (("smallest", "fastest"), ("smallest",), ("fastest",))


@checked
def run_project(
    path: str | PathLike, *, out: str | PathLike | None = None, build: bool = False, jobs: int = -1
) -> dict:
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
        DataError: at once, for an output folder that another run writes, or where results would replace what codesign
            has not made.
        CodesignError: one line; everything finished before it is kept.

    Example:
        >>> from pathlib import Path
        >>> from codesign import run_project
        >>> Path("tiny").mkdir()
        >>> train = "model: {train: {hidden: [4], epochs: 1, weight_bits: 6}}"
        >>> _ = Path("tiny/project.yml").write_text(f"data: {{source: b_decay}}\\n{train}\\ngrid: {{weights: [4]}}")
        >>> sorted(run_project("tiny", jobs=1)["picked"])
        ['fastest', 'smallest']
    """
    start = time.perf_counter()
    config = read_project(path)
    out = config.directory / "build" if out is None else Path(out)
    with FolderLock(out):  # a second run need not read the data to see the first
        _check_output(out)
        return _run(check_project(config, out=out, build=build), start, build=build, jobs=jobs)


def _run(checked: CheckedProject, start: float, *, build: bool, jobs: int) -> dict:
    config, data, out = checked.config, checked.data, checked.out
    claim(out, _LOGS)
    with RunLog(out / "run.log") as log:
        _say_whose_resources(config, log)
        for note in checked.notes:
            log.say(f"note: {note}")
        log.add("check", time.perf_counter() - start)
        with log.step("train or load"):
            networks = obtain_networks(config, data, out / "models")
        with log.step("sweep"), log.noting(SaturationWarning):
            calibration = data.x_train[:_CALIBRATION_EVENTS]
            swept = {one: _sweep(config, one, checked, calibration=calibration, out=out, jobs=jobs) for one in networks}
        designs = [design for group in swept.values() for design in group]
        picked = pick(designs, config.budget)
        built = []
        for design, roles in _with_roles(picked):
            trained = next(trained for trained, group in swept.items() if design in group)
            notes = tuple(dict.fromkeys(note for role in roles for note in picked.notes[role]))
            settings = {"config": config, "trained": trained, "data": data, "out": out, "log": log}
            one = build_pick(design, roles, pick_notes=notes, **settings)
            built.append(replace(one, vendor=vendor_reports(one, config.backend, log)) if build else one)
        for roles in _ROLES:
            if roles not in [one.roles for one in built]:  # an old design must not pass for a new one
                remove_folder(out / "-".join(roles))
        with log.step("report"):
            return write_outputs(ProjectRun(config, data, len(checked.held.x), tuple(designs), tuple(built)), log, out)


def _say_whose_resources(config: ProjectConfig, log: RunLog) -> None:
    part = find_part(config.grid.part, config.grid.capacity)
    if config.backend not in AMD_BACKENDS:
        log.say(f"note: {config.backend} builds for its own device; resources are estimated as those of AMD parts")
    if part.lut_kind != "LUT6":
        counted = f"of {part.name}: its {part.lut:,} {part.lut_kind}s are another kind"
        log.say(
            f"note: LUTs are counted as AMD's 6-input LUTs, and not as those {counted}, so shares of the part are rough"
        )


def _check_output(out: Path) -> None:
    """Refuse a folder in which the results would take the place of what codesign has not made."""
    check_files(out, (*_LOGS, *REPORTS))
    for roles in _ROLES:
        check_folder(out / "-".join(roles))


def _sweep(
    config: ProjectConfig,
    trained: TrainedNetwork,
    checked: CheckedProject,
    *,
    calibration: np.ndarray,
    out: Path,
    jobs: int,
) -> list[Design]:
    grid = replace(config.grid, weights=trained.weights)
    label = f"sweep of {trained.name}"
    x, y, _ = checked.held
    return sweep(
        trained.network, x, y, grid, calibration=calibration, cache=out / "sweep.jsonl", jobs=jobs, label=label
    )


def _with_roles(picked: Picked) -> list[tuple[Design, tuple[str, ...]]]:
    both, smallest, fastest = _ROLES
    if picked.smallest is picked.fastest:
        return [(picked.smallest, both)]
    return [(picked.smallest, smallest), (picked.fastest, fastest)]
