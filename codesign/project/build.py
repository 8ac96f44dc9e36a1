"""Build a picked design, hand it over, and see how good it is on the test events."""

from dataclasses import dataclass

import numpy as np

from codesign._folders import mark_folder
from codesign.data import Dataset
from codesign.fpga import BuiltDesign, Design, DesignReport
from codesign.fpga.hls4ml.vendor import run_vendor_tool
from codesign.fpga.sweep.decide import decide, measure, n_scores
from codesign.handover import Origin, build_design
from codesign.metrics import Measured, WorkingPoint
from codesign.project.check import CheckedProject
from codesign.project.quality import working_points
from codesign.project.run_log import RunLog
from codesign.report import find_reports


@dataclass(frozen=True, eq=False)
class BuiltPick:
    """A picked design after its build.

    Args:
        roles: some of ``smallest``, ``fastest`` and ``best``.
        built: what was built and found.
        metrics: on the test events, by their names.
        decisions: (n_events,) classes of the test events; None of a regression.
        pick_notes: what to know about the choice; see :func:`codesign.fpga.design.pick_text.pick_notes`.
        vendor: the vendor tool's reports on the hls4ml project, the best-founded last; empty if it was not run.
    """

    roles: tuple[str, ...]
    built: BuiltDesign
    metrics: dict[str, Measured]
    decisions: np.ndarray | None = None
    pick_notes: tuple[str, ...] = ()
    vendor: tuple[DesignReport, ...] = ()

    @property
    def role(self) -> str:
        """The roles in words."""
        return role_text(self.roles)

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


def role_text(roles: tuple[str, ...]) -> str:
    """Return roles in words: ``smallest, fastest and best``."""
    *first, last = roles
    return f"{', '.join(first)} and {last}" if first else last


def folder_name(roles: tuple[str, ...]) -> str:
    """Return the name of a pick's folder."""
    return "-".join(roles)


def build_pick(
    design: Design, roles: tuple[str, ...], checked: CheckedProject, log: RunLog, *, pick_notes: tuple[str, ...] = ()
) -> BuiltPick:
    """Build one pick in a folder named by its roles, and measure it on the test events.

    Raises:
        CodesignError: as :func:`codesign.handover.build_design`.
    """
    config, data, title = checked.config, checked.data, role_text(roles)
    log.say(f"build the {title} design: {design.label}", style="bold")
    result = build_design(
        design,
        checked.out / folder_name(roles),
        data.x_test,
        name=f"{config.name} {folder_name(roles)}",
        features=data.features,
        outputs=_output_names(design, data),
        words=data.words,
        origin=Origin(data.name, data.kind, f"codesign synthesize {config.directory.name}", _cuts(design, checked)),
        backend=config.backend,
        yosys_time_limit_s=config.yosys_time_limit_s,
        step=lambda step: log.waiting(f"{title}: {step}"),
    )
    for note in (*pick_notes, *result.notes):
        log.say(f"  note: {note}")
    metrics = measure(design.network, result.outputs, data.y_test, checked.metrics, data.weights_test)
    decisions = decide(design.network, result.outputs) if data.classes else None
    return BuiltPick(roles, result, metrics, decisions, pick_notes)


def _cuts(design: Design, checked: CheckedProject) -> tuple[WorkingPoint, ...]:
    """The thresholds of the metrics that are efficiencies at a background rate."""
    network, data = design.network, checked.data
    names = [metric.name for metric in checked.metrics]
    scores = network.emulate(data.x_test)[:, : n_scores(network)]
    found = working_points(scores, data, names, precision=network.types[network.outputs[0]])
    return tuple(point for point in found.values() if not isinstance(point, str))


def _output_names(design: Design, data: Dataset) -> tuple[str, ...]:
    """What each output stands for: its class or target, of one output of two classes the second; () if not known."""
    names = data.classes[1:] if design.network.n_outputs == 1 and data.n_classes == 2 else data.classes or data.targets
    return names if len(names) == design.network.n_outputs else ()


def vendor_reports(pick: BuiltPick, backend: str, log: RunLog) -> tuple[DesignReport, ...]:
    """Run the backend's HLS compiler on a built design and return its reports, the best-founded last."""
    with log.waiting(f"{pick.role}: {backend} build"):
        folder = run_vendor_tool(pick.built.directory / "hls4ml", backend)
        mark_folder(pick.built.directory)
    return tuple(map(pick.built.design.on_its_part, reversed(find_reports(folder).values())))
