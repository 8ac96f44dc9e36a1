"""BuiltDesign: what the build of one design made and found."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.fpga.design.design import Design
from codesign.fpga.design.report import DesignReport
from codesign.fpga.rtl.pins import Interface
from codesign.fpga.rtl.project import RtlProject
from codesign.fpga.rtl.vectors import Vectors


@dataclass(frozen=True)
class Agreement:
    """On how many events an implementation differs from Network.emulate in any bit; None if it was not run."""

    events: int
    csim_mismatches: int | None = None
    rtl_mismatches: int | None = None
    cpp_mismatches: int | None = None


@dataclass(frozen=True, eq=False)
class BuiltDesign:
    """What :func:`codesign.fpga.build_circuits` built and found.

    Args:
        design: the design, with each cost from the best-founded of its reports.
        directory: where it lies: ``hls4ml/``, ``rtl/``, ``network.json``.
        reports: every report, the one that the design came with (the estimate) first.
        agreement: bit-exactness against the emulation.
        outputs: (n_events, n_outputs) outputs of the emulation, float64.
        seconds: wall time of each step.
        notes: what could not be done, in one line each.
        name: of the network and its version, an identifier: modules and namespaces begin with it.
        interface: names and formats of every input and output.
        vectors: events for test benches.
        rtl: Verilog of an unrolled design.
        backend: of hls4ml.
    """

    design: Design
    directory: Path
    reports: tuple[DesignReport, ...]
    agreement: Agreement
    outputs: np.ndarray
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()
    name: str = ""
    interface: Interface | None = None
    vectors: Vectors | None = None
    rtl: RtlProject | None = None
    backend: str = ""
