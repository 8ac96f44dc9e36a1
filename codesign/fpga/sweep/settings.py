"""One network in every hardware setting of a grid: what `codesign estimate` prints, without a single event."""

from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.fpga.design.design import Design
from codesign.fpga.estimate.bare_shape import BareShape
from codesign.fpga.estimate.estimate import estimate_layouts
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.sweep.grid import Grid
from codesign.network import Network, PrecisionChoice, quantize_network
from codesign.network.precision_choice import TRAINED
from codesign.network.same_function import draw_events

AS_READ = "as read"
HLS4ML_DEFAULT = "ap_fixed<16,6>"


@dataclass(frozen=True, eq=False)
class Typed:
    """A network with every type set.

    Args:
        network: what a design takes.
        precision: a short label.
        origin: where its types are from, as a sentence without its full stop.
    """

    network: Network
    precision: str
    origin: str


def has_types(network: Network) -> bool:
    """Whether every type of a network is known, as of one that was read from an hls4ml project."""
    try:
        _ = network.fixed_ops
    except PrecisionError:
        return False
    return True


def typed_network(network: Network, choice: PrecisionChoice | None = None, x: np.ndarray | None = None) -> Typed:
    """Return a network with types: those it has, those it was trained with, or one type for every value.

    Args:
        network: any.
        choice: widths to give it instead; a number of bits needs `x`.
        x: (n_events, n_inputs) events to find ranges on.

    Raises:
        PrecisionError: for bits without events, or a type that is too narrow for the weights.
    """
    if choice is not None:
        return _chosen(network, choice, x)
    if has_types(network):
        return Typed(network, AS_READ, "types are those of the file")
    drawn = draw_events(network) if x is None else x
    if network.has_trained_types:
        return Typed(quantize_network(network, drawn), TRAINED, "types are those of the training")
    everywhere = PrecisionChoice(HLS4ML_DEFAULT, HLS4ML_DEFAULT, HLS4ML_DEFAULT)
    said = f"the file states no types: {HLS4ML_DEFAULT} for every value, which is hls4ml's default"
    return Typed(quantize_network(network, drawn, everywhere), HLS4ML_DEFAULT, said)


def _chosen(network: Network, choice: PrecisionChoice, x: np.ndarray | None) -> Typed:
    numbers = [width for width in (choice.weights, choice.activations, choice.inputs) if isinstance(width, int)]
    if numbers and x is None:
        raise PrecisionError(
            f"weights, activations: expected types such as {HLS4ML_DEFAULT} where there are no events. Received: "
            f"{numbers[0]} bits, whose integer bits come from the range of the values; give events"
        )
    quantised = quantize_network(network, draw_events(network) if x is None else x, choice)
    return Typed(quantised, str(choice), f"types are as asked for: {choice}")


@dataclass(frozen=True, eq=False)
class Estimated:
    """What a network costs.

    Args:
        designs: of each setting that can be built, with their estimated reports.
        refused: a sentence for each implementation that cannot.
    """

    designs: tuple[Design, ...]
    refused: tuple[str, ...] = ()


def estimate_settings(typed: Typed, grid: Grid, toolchain: Toolchain | None = None) -> Estimated:
    """Return the design of each hardware setting of a grid.

    Args:
        typed: the network.
        grid: hardware settings.
        toolchain: of hls4ml's designs; None: Vitis HLS, and the family of the part.

    Raises:
        CodesignError: of the first implementation, if none can be built; ReuseFactorError, PrecisionError and the like.
        ToolError: for an unrolled design without da4ml.
    """
    designs, errors = [], {}
    for name in grid.implementations:
        try:
            designs += _of_one(typed, replace(grid, implementations=(name,)), toolchain)
        except (PrecisionError, UnsupportedLayerError) as error:
            errors[name] = error
    if not designs:
        raise next(iter(errors.values()))
    return Estimated(tuple(designs), tuple(f"{name}: not built: {error}" for name, error in errors.items()))


def estimate_shape(shape: BareShape, grid: Grid, toolchain: Toolchain | None = None) -> Estimated:
    """Return the design of each hardware setting of a grid of layers whose weights are not known.

    Raises:
        UnsupportedLayerError: for unrolled designs alone, which are made of weights.
        ConfigError, ReuseFactorError: for a setting that is none.
    """
    folded = tuple(name for name in grid.implementations if name != "unrolled")
    refused = "unrolled: not built: a bare shape has no weights to unroll; give the model's file"
    if not folded:
        raise UnsupportedLayerError(refused)
    settings = replace(grid, implementations=folded).hardware_settings()
    label = shape.precision if isinstance(shape.precision, str) else "by layer"
    designs = [setting.design(shape.network, label) for setting in settings]
    found = tuple(design.with_report(shape.report(design, toolchain)) for design in designs)
    return Estimated(found, (refused,) if len(folded) < len(grid.implementations) else ())


def _of_one(typed: Typed, grid: Grid, toolchain: Toolchain | None) -> list[Design]:
    designs = [setting.design(typed.network, typed.precision) for setting in grid.hardware_settings()]
    reports = estimate_layouts(designs, toolchain=toolchain)
    return [design.with_report(report) for design, report in zip(designs, reports)]
