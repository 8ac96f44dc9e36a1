"""The main job: from a project folder to a verified design and its report."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from os import PathLike
from pathlib import Path

from codesign._arguments import checked
from codesign._folder_lock import FolderLock
from codesign._folders import check_files, check_folder, claim, remove_folder
from codesign.errors import SaturationWarning
from codesign.fpga import Design, Picked, find_part
from codesign.fpga.estimate.heaviest import layer_notes
from codesign.fpga.hls4ml.project import AMD_BACKENDS
from codesign.jobs import Runner
from codesign.project.build import build_pick, folder_name, vendor_reports
from codesign.project.candidates import KEPT, sweep_model, train_candidates
from codesign.project.check import CheckedProject, check_project
from codesign.project.config import ProjectConfig, read_project
from codesign.project.output import REPORTS, ProjectRun, write_outputs
from codesign.project.run_log import RunLog

_LOG = "run.log"
_ROLES = ("smallest", "fastest", "best")
_COMBINED = [roles for n in (3, 2, 1) for roles in combinations(_ROLES, n)]


@checked
def run_project(
    path: str | PathLike, *, out: str | PathLike | None = None, build: bool = False, jobs: int | Runner = -1
) -> dict:
    """Run a project folder from data to report, and return what report.json holds.

    A tenth of the training events is held out of the training: designs are compared and picked on those, and what was
    picked is measured on the test events. Trainings and the sweep's results are kept in `out`, so that a run that was
    stopped goes on where it was.

    Args:
        path: folder with a ``project.yml``, or the file.
        out: where to write; default ``build`` inside the project's folder.
        build: also run the vendor's HLS compiler, which must be on the PATH.
        jobs: processes of trainings and sweep, -1 for all cores; or a :class:`codesign.Runner`.

    Raises:
        DataError: at once, for an output folder that another run writes, or where results would replace what codesign
            has not made.
        CodesignError: one line; everything finished before it is kept.

    Example:
        >>> from pathlib import Path
        >>> from codesign import run_project
        >>> Path("tiny").mkdir()
        >>> model = "model: {train: {hidden: [4], epochs: 2, teacher: none}}"
        >>> _ = Path("tiny/project.yml").write_text(f"data: {{source: b_decay}}\\n{model}\\nbudget: {{lut: 200}}")
        >>> report = run_project("tiny", jobs=1)
        >>> report["agreement"]["rtl_mismatches"], report["picked"][0]["method"]
        (0, 'posterior')
    """
    start = time.perf_counter()
    config = read_project(path)
    out = config.directory / "build" if out is None else Path(out)
    with FolderLock(out):  # a second run need not read the data to see the first
        _check_output(out)
        return _run(check_project(config, out=out, build=build), start, build=build, jobs=jobs)


def _run(checked: CheckedProject, start: float, *, build: bool, jobs: int | Runner) -> dict:
    config, out = checked.config, checked.out
    claim(out, (_LOG, *KEPT))
    with RunLog(out / _LOG) as log:
        _say_whose_resources(config, log)
        for note in checked.notes:
            log.say(f"note: {note}")
        log.add("check", time.perf_counter() - start)
        with log.step("train" if config.model.train else "sweep"), log.noting(SaturationWarning):
            candidates = (train_candidates if config.model.train else sweep_model)(checked, jobs=jobs)
        built = []
        for design, roles in _with_roles(candidates.picked):
            picked = candidates.picked
            notes = tuple(dict.fromkeys(note for role in roles for note in picked.notes[role]))
            notes += layer_notes(design, picked.chances[roles[0]].weakest, toolchain=config.toolchain)
            one = build_pick(design, roles, checked, log, pick_notes=notes)
            built.append(replace(one, vendor=vendor_reports(one, config.backend, log)) if build else one)
        for roles in _COMBINED:
            if roles not in [one.roles for one in built]:  # an old design must not pass for a new one
                remove_folder(out / folder_name(roles))
        with log.step("report"):
            return write_outputs(ProjectRun(checked, candidates, tuple(built)), log)


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
    check_files(out, (_LOG, *KEPT, *REPORTS))
    for roles in _COMBINED:
        check_folder(out / folder_name(roles))


def _with_roles(picked: Picked) -> Iterator[tuple[Design, tuple[str, ...]]]:
    """Yield each design once, with all its roles."""
    designs = {role: getattr(picked, role) for role in _ROLES}
    for design in {id(one): one for one in designs.values()}.values():
        yield design, tuple(role for role, one in designs.items() if one is design)
