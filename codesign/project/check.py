"""All that project.yml asks for, built as far as it goes without training: what would fail after minutes fails here."""

import tempfile
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign.data import Dataset, load_dataset
from codesign.data.checks import check_several_classes
from codesign.drone import as_teacher
from codesign.errors import ConfigError, DataError
from codesign.fpga.design.budget import metric_of
from codesign.fpga.hls4ml.checks import check_path_for_cpp
from codesign.fpga.hls4ml.project import SIMULATORS
from codesign.fpga.hls4ml.vendor import require_vendor_tool
from codesign.methods.names import ENSEMBLE
from codesign.metrics import DEFAULT_METRIC, Metric, find_metric
from codesign.project.config import ProjectConfig
from codesign.project.deployed import Deployed
from codesign.project.models import load_network
from codesign.project.scaling import scaled_events
from codesign.project.sweep_checks import check_precisions, check_qkeras
from codesign.project.train_section import DEPLOYED
from codesign.tools.find import require_tool


@dataclass(frozen=True, eq=False)
class CheckedProject:
    """A project that can be run.

    Args:
        config: what it asks for.
        out: where its results go.
        data: events as the network takes them.
        metrics: what designs are judged by, the one that the best is picked by first.
        n_designs: how many a sweep compares; None where trainings find them, or a plan has counted them.
        notes: what to know, one sentence each.
        deployed: the network that runs today; None: no file of it was named.
    """

    config: ProjectConfig
    out: Path
    data: Dataset
    metrics: tuple[Metric, ...]
    n_designs: int | None = None
    notes: tuple[str, ...] = ()
    deployed: Deployed | None = None


def check_project(
    config: ProjectConfig, *, out: str | PathLike | None = None, build: bool = False, precisions: bool = True
) -> CheckedProject:
    """Find the tools, try the output folder, read data and model, and quantise it in every precision of the grid.

    Nothing is written, apart from a nameless file to see whether that is possible.

    Args:
        config: from :func:`codesign.project.read_project`.
        out: where to write; default ``build`` inside the project's folder.
        build: also ask for the vendor's HLS compiler.
        precisions: also quantise in every precision; False where a plan has done that.

    Raises:
        CodesignError: one line that names the key, the file or the tool.
    """
    out = Path(out) if out is not None else config.directory / "build"
    _check_tools(config, build)
    check_path_for_cpp(out)
    _check_writable(out)
    data, notes = scaled_events(config, _load(config))
    metrics = _metrics(config, data)
    check_several_classes(data.classes)
    deployed = _deployed(config, data)
    if deployed is not None:
        notes = (*notes, f"{deployed.name}: {deployed.note}")
    n_designs = None
    if config.model.train is not None:
        _check_training(config, data)
    elif precisions:
        n_designs = _check_sweep(config, data)
    return CheckedProject(config, out, data, metrics, n_designs, (*data.notes, *notes), deployed)


def _deployed(config: ProjectConfig, data: Dataset) -> Deployed | None:
    """The network of ``model.deployed``."""
    path = config.model.deployed
    hardware = (config.grid.clock_period_ns, config.grid.part)
    return None if path is None else Deployed.read(path, data.n_features, *hardware)


def _load(config: ProjectConfig) -> Dataset:
    """The data set; relative paths begin at the project's folder."""
    data = config.data
    return load_dataset(data.source, kind=data.kind, seed=config.seed, directory=config.directory, **data.reading)


def _metrics(config: ProjectConfig, data: Dataset) -> tuple[Metric, ...]:
    """The metrics asked for, those that the budget limits, and that of the task: the first, if none was asked for."""
    limited = [metric_of(limit).text for limit, _ in config.budget.limits_on_metrics()]
    default = DEFAULT_METRIC[data.task]
    wanted = dict.fromkeys((*(config.metrics or (default,)), *limited, default))
    options = {"classes": data.classes, "targets": data.targets, "task": data.task}
    try:
        return tuple(find_metric(name, **options) for name in wanted)
    except ConfigError as error:
        raise ConfigError(f"metrics: {error}") from None


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


def _check_sweep(config: ProjectConfig, data: Dataset) -> int:
    """Quantise the network of ``model.path`` in every precision; return how many designs that are."""
    network = load_network(config, data).network
    for setting in config.grid.hardware_settings():
        setting.design(network)
    return check_precisions(network, config.grid, data)


def _check_training(config: ProjectConfig, data: Dataset) -> None:
    """Find what a training would stumble over, before the minutes that it takes."""
    train = config.model.train
    if "qkeras" in train.methods:
        check_qkeras(config, data)
    if train.teacher not in (None, ENSEMBLE, DEPLOYED):
        as_teacher(train.teacher)
