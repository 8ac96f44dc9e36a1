"""Build a picked design and see how well it agrees with the float model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign._folders import mark_folder
from codesign.data import Dataset
from codesign.fpga import BuiltDesign, Design, DesignReport, decide
from codesign.fpga.hls4ml.vendor import run_vendor_tool
from codesign.handover import Origin, build_design
from codesign.project.config import ProjectConfig
from codesign.project.models import TrainedNetwork
from codesign.project.run_log import RunLog
from codesign.report import find_reports


@dataclass(frozen=True, eq=False)
class BuiltPick:
    """A picked design after its build.

    Args:
        roles: ``smallest``, ``fastest`` or both.
        built: what was built and found.
        trained: the network it was made from.
        accuracy: share of right decisions on the test events.
        argmax_flips: test events on which its decision differs from the float model's.
        pick_notes: what to know about the choice; see :func:`codesign.fpga.design.pick.pick_notes`.
        vendor: the vendor tool's reports on the hls4ml project, the best-founded last; empty if it was not run.
    """

    roles: tuple[str, ...]
    built: BuiltDesign
    trained: TrainedNetwork
    accuracy: float
    argmax_flips: int
    pick_notes: tuple[str, ...] = ()
    vendor: tuple[DesignReport, ...] = ()

    @property
    def design(self) -> Design:
        """The design with each cost from the best-founded of its reports.

        Of an unrolled design, what a vendor's compiler makes of the hls4ml project is another circuit than the RTL.
        """
        design = self.built.design
        if design.implementation == "unrolled" or not self.vendor:
            return design
        return design.with_reports((*self.vendor, design.report) if design.report else self.vendor)

    @property
    def reports(self) -> tuple[DesignReport, ...]:
        """Every report, the estimate first."""
        return (*self.built.reports, *self.vendor)


def build_pick(
    design: Design,
    roles: tuple[str, ...],
    *,
    config: ProjectConfig,
    trained: TrainedNetwork,
    data: Dataset,
    out: Path,
    log: RunLog,
    pick_notes: tuple[str, ...] = (),
) -> BuiltPick:
    """Build one pick in a folder named by its roles, and compare its decisions on the test events.

    Raises:
        CodesignError: as :func:`codesign.handover.build_design`.
    """
    title = " and ".join(roles)
    log.say(
        f"build the {title} design: {design.implementation}, {design.precision}, reuse {design.reuse_factor}",
        style="bold",
    )
    result = build_design(
        design,
        out / "-".join(roles),
        data.x_test,
        name=f"{config.name} {'-'.join(roles)}",
        features=data.features,
        outputs=_output_names(design, data),
        words=data.words,
        origin=Origin(data.name, data.kind, f"codesign synthesize {config.directory.name}"),
        backend=config.backend,
        yosys_time_limit_s=config.yosys_time_limit_s,
        step=lambda step: log.waiting(f"{title}: {step}"),
    )
    for note in (*pick_notes, *result.notes):
        log.say(f"  note: {note}")
    decisions = decide(design.network, result.outputs)
    accuracy = float(np.mean(decisions == data.y_test))
    return BuiltPick(
        roles, result, trained, accuracy, int(np.count_nonzero(decisions != trained.decisions)), pick_notes
    )


def _output_names(design: Design, data: Dataset) -> tuple[str, ...]:
    """What each output stands for: its class, of one output the second of two; () where that is not known."""
    names = data.classes[1:] if design.network.n_outputs == 1 and data.n_classes == 2 else data.classes
    return names if len(names) == design.network.n_outputs else ()


def vendor_reports(pick: BuiltPick, backend: str, log: RunLog) -> tuple[DesignReport, ...]:
    """Run the backend's HLS compiler on a built design and return its reports, the best-founded last."""
    with log.waiting(f"{' and '.join(pick.roles)}: {backend} build"):
        folder = run_vendor_tool(pick.built.directory / "hls4ml", backend)
        mark_folder(pick.built.directory)
    return tuple(map(pick.built.design.on_its_part, reversed(find_reports(folder).values())))
