"""The main job: from a project folder to a verified design and its report."""

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.data import Dataset, load_dataset
from codesign.errors import DataError
from codesign.fpga import Design, DesignReport, Synthesis, pick, sweep, synthesize
from codesign.fpga.vendor import require_vendor_tool, run_vendor_tool
from codesign.project.config import ProjectConfig, read_project
from codesign.project.journal import Journal
from codesign.project.models import TrainedNetwork, check_training, obtain_networks
from codesign.project.output import write_outputs
from codesign.report import find_reports

_CALIBRATION_EVENTS = 20_000


@dataclass(frozen=True, eq=False)
class BuiltDesign:
    """A picked design after its build.

    Args:
        roles: ``smallest``, ``fastest`` or both.
        synthesis: what was built and found.
        accuracy_float: of the Keras model it was made from.
        argmax_flips: test events on which its decision differs from the float model's.
        vendor: the vendor tool's reports, the best-founded last; empty if it was not run.
    """

    roles: tuple[str, ...]
    synthesis: Synthesis
    accuracy_float: float
    argmax_flips: int
    vendor: tuple[DesignReport, ...] = ()


def run_project(path: str | PathLike, *, out: str | PathLike | None = None, build: bool = False, jobs: int = -1) -> dict:
    """Run a project folder from data to report, and return what report.json holds.

    Trained models and the sweep's results are kept in `out`, so that a run that was stopped goes on where it was.

    Args:
        path: folder with a ``project.yml``, or the file.
        out: where to write; default ``build`` inside the project's folder.
        build: also run the vendor's HLS compiler, which must be on the PATH.
        jobs: processes of the sweep, -1 for all cores.

    Raises:
        CodesignError: one line; everything finished before it is kept.
    """
    config = read_project(path)
    if build:
        require_vendor_tool(config.backend)
    out = Path(out) if out is not None else config.directory / "build"
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"out: expected a folder that can be made. Received: {out} ({error.strerror})") from None
    with Journal(out / "run.log") as journal:
        with journal.step("load data"):
            data = load_dataset(config.data_source, kind=config.data_kind)
            data = data.standardized() if config.standardize else data
            check_training(config, data)
        with journal.step("train or load"):
            networks = obtain_networks(config, data, out / "models")
        with journal.step("sweep"):
            swept = {trained: _sweep(config, data, trained, out, jobs) for trained in networks}
        designs = [design for group in swept.values() for design in group]
        picked = pick(designs, config.budget)
        built = []
        for design, roles in _roles(picked):
            trained = next(trained for trained, group in swept.items() if design in group)
            built.append(_build(config, journal, design, roles, trained, data, out, build))
        with journal.step("report"):
            return write_outputs(config, journal, data, networks, designs, built, out)


def _sweep(config: ProjectConfig, data: Dataset, trained: TrainedNetwork, out: Path, jobs: int) -> list[Design]:
    return sweep(
        trained.network,
        data.x_test,
        data.y_test,
        replace(config.grid, weights=trained.weights),
        calibration=data.x_train[:_CALIBRATION_EVENTS],
        cache=out / "sweep.jsonl",
        jobs=jobs,
        label=f"sweep of {trained.name}",
    )


def _roles(picked) -> list[tuple[Design, tuple[str, ...]]]:
    if picked.smallest is picked.fastest:
        return [(picked.smallest, ("smallest", "fastest"))]
    return [(picked.smallest, ("smallest",)), (picked.fastest, ("fastest",))]


def _build(
    config: ProjectConfig,
    journal: Journal,
    design: Design,
    roles: tuple[str, ...],
    trained: TrainedNetwork,
    data: Dataset,
    out: Path,
    with_vendor: bool,
) -> BuiltDesign:
    title = " and ".join(roles)
    journal.say(
        f"build the {title} design: {design.implementation}, {design.precision}, reuse {design.reuse_factor}", style="bold"
    )
    result = synthesize(
        design,
        out / "-".join(roles),
        data.x_test,
        backend=config.backend,
        yosys_time_limit_s=config.yosys_time_limit_s,
        step=lambda step: journal.waiting(f"{title}: {step}"),
    )
    for note in result.notes:
        journal.say(f"  note: {note}")
    vendor = ()
    if with_vendor:
        with journal.waiting(f"{title}: {config.backend} build"):
            found = find_reports(run_vendor_tool(result.directory / "hls4ml", config.backend))
            vendor = tuple(reversed(found.values()))
    flips = int(np.count_nonzero(result.outputs.argmax(1) != trained.decisions))
    return BuiltDesign(roles, result, trained.accuracy, flips, vendor)
