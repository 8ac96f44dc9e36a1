"""Build a design and hand it over: one call, so that no design is built without."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from os import PathLike
from typing import TYPE_CHECKING

from codesign._arguments import checked
from codesign.fpga import BuiltDesign, Design, build_circuits
from codesign.handover.write import Origin, write_handover
from codesign.network.layout import Events

if TYPE_CHECKING:
    from codesign.data.words import Words


@checked
def build_design(
    design: Design,
    directory: str | PathLike,
    x: Events,
    *,
    name: str = "network",
    features: Sequence[str] = (),
    outputs: Sequence[str] = (),
    words: "Words | None" = None,
    origin: Origin | None = None,
    backend: str = "Vitis",
    yosys_time_limit_s: float = 300.0,
    step: Callable[[str], AbstractContextManager] = nullcontext,
) -> BuiltDesign:
    """Write the projects of a design, prove them on `x`, and write what a firmware engineer needs to use them.

    The folder holds Verilog with one port for each feature (``rtl/``), a test bench, scripts for Vivado and Quartus,
    the hls4ml project, the network's integers in C++ (``cpp/``), and a README of one page.

    Args:
        design: with every type set.
        directory: made if it is missing; one of an earlier build is replaced when the new one is complete.
        x: (n_events, n_inputs) events to simulate.
        name: of the network; modules and the C++ namespace are called by it and by a hash of the network, so that two
            fit in one firmware and one program.
        features: name of each input, by default ``x0, x1, ...``: ports are called by them.
        outputs: name of each output, by default ``0, 1, ...``.
        words: what the detector sends; None: the types of the network's inputs.
        origin: what the README says of data, command and thresholds; None: nothing.
        backend: hls4ml backend by name; its vendor tool is not run.
        yosys_time_limit_s: after this many seconds the synthesis is given up, and a note says so.
        step: called with the name of each step, gives a context manager around it: for progress on a terminal.

    Raises:
        DataError: before anything is done, for a directory with files that no build made, or that were changed since;
            for another number of names.
        AgreementError: if the RTL's latency is not the one that its pipeline has.
        ToolError: if g++ or Verilator is missing or fails; a yosys that does not finish is a note, not an error.
        PrecisionError, UnsupportedLayerError: if the implementation cannot hold the network.

    Example:
        >>> from codesign import DenseLayer, Design, Network, build_design, quantize_network
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.1])])
        >>> x = [[1.0, 2.0], [0.5, -1.0]]
        >>> design = Design(quantize_network(network, x, weights=4, activations=6))
        >>> built = build_design(design, "build", x)
        >>> built.agreement.rtl_mismatches, built.design.report.sources["lut"]
        (0, 'yosys')
    """
    names = {"name": name, "features": features, "outputs": outputs, "words": words}
    built = build_circuits(
        design, directory, x, **names, backend=backend, yosys_time_limit_s=yosys_time_limit_s, step=step
    )
    with step("C++ and README"):
        return write_handover(built, x, origin or Origin())
