"""project.yml: which events, what to train, what to sweep, what to build, within which budget."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from os import PathLike
from pathlib import Path

from codesign._untrusted import parse_yaml, read_text
from codesign.errors import CodesignError, ConfigError, DataError, UnreadableError, nearest
from codesign.fpga import Budget, Grid, find_part
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.hls4ml.project import AMD_BACKENDS, BACKENDS
from codesign.fpga.search.proposals import METHODS
from codesign.fpga.search.search import LARGEST_SEARCH
from codesign.fpga.sweep.grid import BITS
from codesign.project.data_section import DataConfig, read_data
from codesign.project.entries import flag, number, section, text
from codesign.project.train_section import ModelConfig, read_model

_SECTIONS = ("name", "data", "model", "grid", "hardware", "budget", "metrics", "cpu", "seed")
_HARDWARE = ("backend", "part", "capacity", "clock_period_ns", "yosys_time_limit_s")
_SHARED = ("clock_period_ns", "part", "capacity")  # a grid's fields that stand under hardware
_WORD_BITS = 12  # of detector words, where project.yml says nothing
_LARGEST_FILE = 64_000  # bytes
_LONGEST_S = 30 * 24 * 3600  # a month


@dataclass(frozen=True)
class SearchConfig:
    """``grid.search``: how many designs, and by which method; see :func:`codesign.search`."""

    designs: int = 1000
    method: str = METHODS[0]


@dataclass(frozen=True)
class ProjectConfig:
    """A checked project.yml.

    Args:
        name: title of the report.
        directory: where it lies, and where its relative paths start.
        text: as it is written.
        data, model: sections of these names.
        grid: of the sweep.
        budget: that designs are picked within.
        backend: of hls4ml.
        yosys_time_limit_s: after which a synthesis is given up.
        seed: of everything random.
        metrics: names of what designs are judged by, the one that the best is picked by first; empty for the default
            of the task.
        cpu: whether the picks are timed on this computer's CPU too.
        search: of a precision and a reuse factor for each layer; None: the grid is swept.
    """

    name: str
    directory: Path
    text: str
    data: DataConfig
    model: ModelConfig
    grid: Grid
    budget: Budget
    backend: str
    yosys_time_limit_s: float
    seed: int
    metrics: tuple[str, ...] = field(default=())
    cpu: bool = True
    search: SearchConfig | None = None

    @property
    def toolchain(self) -> Toolchain | None:
        """What AMD's back ends compile with, which hls4ml's designs are priced by; None: another vendor's."""
        return Toolchain.of(self.grid.part, self.backend) if self.backend in AMD_BACKENDS else None


def read_project(path: str | PathLike) -> ProjectConfig:
    """Read ``project.yml`` from a file or its folder.

    Raises:
        ConfigError: for an unknown or misspelt key (it names the nearest), a missing one, or a value of the wrong kind.
        DataError: for a file that is missing, too large or no text.
    """
    path = Path(path)
    path = path / "project.yml" if path.is_dir() else path
    written, content = _read(path)
    content = section(content, path.name, _SECTIONS)
    model = read_model(content.get("model", {"train": {}}), path.parent)
    hardware = section(content.get("hardware", {}), "hardware", _HARDWARE)
    listed = content.get("grid", {})
    search = _search(listed.pop("search"), model) if isinstance(listed, dict) and "search" in listed else None
    grid = _grid(listed, hardware, BITS if model.train else {})
    return ProjectConfig(
        name=text(content.get("name", path.parent.resolve().name), "name"),
        directory=path.parent,
        text=written,
        data=read_data(content.get("data"), words=_WORD_BITS if model.train else None),
        model=model,
        grid=grid,
        budget=Budget.of(content.get("budget", {})),
        backend=_backend(hardware, grid),
        yosys_time_limit_s=number(
            hardware.get("yosys_time_limit_s", 300), "hardware.yosys_time_limit_s", 1, _LONGEST_S
        ),
        seed=number(content.get("seed", 0), "seed", 0, 2**32 - 1, whole=True),
        metrics=_metrics(content.get("metrics", [])),
        cpu=flag(content.get("cpu", True), "cpu"),
        search=search,
    )


def _read(path: Path) -> tuple[str, object]:
    try:
        written = read_text(path, largest_bytes=_LARGEST_FILE)
    except UnreadableError as error:
        raise DataError(f"project: expected a folder with a project.yml. Received: {path} ({error})") from None
    try:
        return written, parse_yaml(written)
    except UnreadableError as error:
        raise ConfigError(f"{path.name}: expected YAML. Received: {error}") from None


def _metrics(given: object) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given]
    return tuple(text(name, "metrics") for name in listed)


def _grid(content: object, hardware: Mapping[str, object], default: Mapping[str, tuple]) -> Grid:
    names = [field.name for field in fields(Grid) if field.name not in _SHARED]
    content = section(content, "grid", names)
    shared = {key: hardware[key] for key in _SHARED if key in hardware}
    try:
        grid = Grid(**{**default, **content}, **shared)
        find_part(grid.part, grid.capacity)
        return grid
    except CodesignError as error:
        raise type(error)(f"grid: {error}") from None


def _search(content: object, model: ModelConfig) -> SearchConfig:
    """What the section says, of a model in a file."""
    given = section(content, "grid.search", ("designs", "method"))
    if model.train:
        raise ConfigError("grid.search: expected with model.path. Received: with model.train, which has no sweep")
    method = given.get("method", SearchConfig.method)
    if method not in METHODS:
        hint = nearest(str(method), METHODS)
        raise ConfigError(f"grid.search.method: expected one of {', '.join(METHODS)}. Received: {method!r:.60}{hint}")
    designs = given.get("designs", SearchConfig.designs)
    return SearchConfig(number(designs, "grid.search.designs", 1, LARGEST_SEARCH, whole=True), method)


def _backend(hardware: Mapping[str, object], grid: Grid) -> str:
    """The backend, which must be able to build for the part: Vivado would refuse another vendor's after minutes."""
    backend = hardware.get("backend", "Vitis")
    if backend not in BACKENDS:
        raise ConfigError(
            f"hardware.backend: expected one of {', '.join(BACKENDS)}. Received: {backend}{nearest(backend, BACKENDS)}"
        )
    part = find_part(grid.part, grid.capacity)
    if backend in AMD_BACKENDS and part.lut_kind != "LUT6":
        raise ConfigError(
            f"hardware.part: expected an AMD part for the backend {backend}. Received: {grid.part} ({part.family})"
        )
    return backend
