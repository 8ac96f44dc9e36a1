"""All that project.yml asks for, built as far as it goes without training: what would fail after minutes fails here."""

import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.data import Dataset, Events, load_dataset
from codesign.errors import DataError, SaturationWarning
from codesign.fpga.hls4ml.checks import beyond_hls4ml, check_hls4ml, check_path_for_cpp
from codesign.fpga.hls4ml.project import SIMULATORS
from codesign.fpga.hls4ml.vendor import require_vendor_tool
from codesign.fpga.sweep.sweep import quantized_networks
from codesign.network import DenseLayer, FixedPoint, Network, PrecisionChoice
from codesign.network.precision_choice import TRAINED, resolve_choice
from codesign.project.config import ProjectConfig
from codesign.project.models import check_training, obtain_networks
from codesign.project.scaling import scaled_events
from codesign.tools.find import require_tool

_HELD_OUT = 0.1
_RANGE_EVENTS = 1000


@dataclass(frozen=True, eq=False)
class CheckedProject:
    """A project that can be run.

    Args:
        config: what it asks for.
        out: where its results go.
        data: standardised events, without those held out.
        held: the events that precisions are compared on.
        n_designs: how many the sweep compares.
    """

    config: ProjectConfig
    out: Path
    data: Dataset
    held: Events
    n_designs: int
    notes: tuple[str, ...] = ()


def check_project(config: ProjectConfig, *, out: str | PathLike | None = None, build: bool = False) -> CheckedProject:
    """Find the tools, try the output folder, read data and model, and quantise it in every precision of the grid.

    Nothing is written, apart from a nameless file to see whether that is possible.

    Args:
        config: from :func:`codesign.project.read_project`.
        out: where to write; default ``build`` inside the project's folder.
        build: also ask for the vendor's HLS compiler.

    Raises:
        CodesignError: one line that names the key, the file or the tool.
    """
    out = Path(out) if out is not None else config.directory / "build"
    _check_tools(config, build)
    check_path_for_cpp(out)
    _check_writable(out)
    data, notes = scaled_events(config, load_dataset(config.data_source, kind=config.data_kind))
    data, held = data.hold_out(_HELD_OUT, seed=config.seed)
    check_training(config, data)
    n_designs = 0
    for network, weights in _networks(config, data, out):
        grid = replace(config.grid, weights=weights)
        for setting in grid.hardware_settings():
            setting.design(network)
        with warnings.catch_warnings():  # the sweep says it, of the trained network
            warnings.simplefilter("ignore", SaturationWarning)
            candidates = quantized_networks(network, data.x_train[:_RANGE_EVENTS], grid)
        for candidate in candidates.values():
            if not beyond_hls4ml(candidate):
                check_hls4ml(candidate)  # of an unrolled design too, the C simulation is run
        n_designs += len(candidates) * len(list(grid.hardware_settings()))
    return CheckedProject(config, out, data, held, n_designs, (*data.notes, *notes))


def _check_tools(config: ProjectConfig, build: bool) -> None:
    require_tool(SIMULATORS.get(config.backend, "g++"))
    if "unrolled" in config.grid.implementations:
        require_tool("da4ml")
        require_tool("verilator")
    if build:
        require_vendor_tool(config.backend)


def _check_writable(out: Path) -> None:
    """Try the folder, or the nearest one above it that is there."""
    try:
        folder = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"out: expected a folder that can be made and written. Received: {out} ({reason})") from None


def _networks(config: ProjectConfig, data: Dataset, out: Path) -> list[tuple[Network, tuple]]:
    """Return each network with the part of the precision grid that it is swept over.

    Those to be trained have their first weights.
    """
    if config.train is None:
        return [(one.network, one.weights) for one in obtain_networks(config, data, out / "models")]
    from codesign.train import build_qmlp

    train, sizes = config.train, (data.n_features, config.train.hidden, data.n_classes)
    groups = (
        {train.weight_bits: config.grid.weights}
        if train.weight_bits
        else {width: (width,) for width in config.grid.weights}
    )
    networks = []
    for bits, weights in groups.items():
        model = build_qmlp(*sizes, weight_bits=bits, activation_bits=train.activation_bits, seed=config.seed)
        network = Network.from_keras(model)
        networks += [(_within(network, width), (width,)) for width in weights]
    return networks


def _within(network: Network, width: int | str | Mapping[str, int | str]) -> Network:
    """First weights are not those that will be there.

    They are not to saturate in a type that may hold the trained ones.
    """
    widths = resolve_choice(PrecisionChoice(weights=width), network).weights
    return network.with_layers(tuple(_clipped(layer, widths[layer.name]) for layer in network.layers))


def _clipped(layer: DenseLayer, width: int | str) -> DenseLayer:
    if isinstance(width, int) or width == TRAINED:
        return layer
    limits = FixedPoint.parse(width)
    return replace(layer, kernel=np.clip(layer.kernel, limits.low, limits.high))
