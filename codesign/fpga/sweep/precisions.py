"""A network in every precision of a grid, quantised and checked wherever there is room."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import PrecisionError, SaturationWarning
from codesign.fpga.hls4ml.checks import check_hls4ml
from codesign.fpga.rtl.circuits import check_circuit
from codesign.fpga.sweep.cache import network_key
from codesign.fpga.sweep.grid import Grid
from codesign.jobs import Context, Runner
from codesign.network import Network, PrecisionChoice
from codesign.network.quantize import NetworkQuantizer


@dataclass(frozen=True, eq=False)
class Quantised:
    """A network in one precision.

    Args:
        network: with types; None where a tool would stumble over them.
        key: of it in a sweep.
        refused: what a tool would stumble over.
        saturating: what quantising it warned of.
    """

    network: Network | None
    key: str = ""
    refused: str = ""
    saturating: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Precisions:
    """What all precisions of a network share; it goes to every worker process.

    Args:
        quantizer: of the network, with the events that ranges are found on.
        x: (n_events, n_inputs) these events.
        implementations: in which networks are to be built.
        fingerprint: of the sweep.
    """

    quantizer: NetworkQuantizer
    x: np.ndarray
    implementations: Sequence[str]
    fingerprint: str = ""

    def quantise(self, choice: PrecisionChoice, context: Context) -> Quantised:
        """Return the network in one precision; one that cannot be built says why."""
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", SaturationWarning)
                network = self.quantizer.quantize(choice)
            check_design_network(network, self.x, self.implementations)
        except PrecisionError as error:
            return Quantised(None, refused=f"precision {choice}: {error}")
        saturating = tuple(str(one.message) for one in caught if issubclass(one.category, SaturationWarning))
        for one in caught:
            if not issubclass(one.category, SaturationWarning):
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
        context.report(1.0)
        return Quantised(network, network_key(self.fingerprint, network), saturating=saturating)


def quantized_networks(
    network: Network,
    x: np.ndarray,
    grid: Grid,
    *,
    runner: Runner | None = None,
    fingerprint: str = "",
    report: Callable[[float], None] | None = None,
) -> dict[PrecisionChoice, Quantised]:
    """Return the network in every precision of a grid, having checked that every design can be built.

    Args:
        x: (n_events, n_inputs) events to find ranges on.
        runner: of the work; of a planned trial, its own precisions alone. None: this process.
        fingerprint: of the sweep.
        report: takes how many are done.

    Raises:
        PrecisionError: for a precision that a tool would stumble over, after minutes; it names the first.

    Warns:
        SaturationWarning: as :func:`codesign.quantize_network`.
    """
    runner = runner or Runner(1)
    choices = list(grid.precision_choices(network))
    choices = [choices[index] for index in runner.mine([str(choice) for choice in choices])]
    work = Precisions(NetworkQuantizer(network, x), x, grid.implementations, fingerprint)
    found: dict[int, Quantised] = {}
    for index, one in runner.map(work.quantise, choices, report=report):
        found[index] = one
        if one.refused and all(before in found for before in range(index)):
            break
    ordered = {choices[index]: found[index] for index in sorted(found)}
    for one in ordered.values():
        if one.refused:
            raise PrecisionError(one.refused)
    for message in dict.fromkeys(message for one in ordered.values() for message in one.saturating):
        warnings.warn(message, SaturationWarning, stacklevel=3)
    return ordered


def check_design_network(network: Network, x: np.ndarray, implementations: Sequence[str]) -> None:
    """Check that a quantised network can be built.

    Args:
        network: with types.
        x: (n_events, n_inputs) events that its inputs must be able to take.
        implementations: in which it is to be built.

    Raises:
        PrecisionError, UnsupportedLayerError: for what a tool would stumble over.
    """
    network.input_precision.to_codes(x)
    if any(name != "unrolled" for name in implementations):
        check_hls4ml(network)
    if "unrolled" in implementations:
        check_circuit(network)
