"""project.yml: what to train, what to sweep, what to build, within which budget."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path

from codesign._untrusted import parse_yaml, read_text
from codesign.data.dataset import KINDS, NOT_STATED
from codesign.errors import CodesignError, ConfigError, DataError, UnreadableError, nearest
from codesign.fpga import Budget, Grid, find_part
from codesign.fpga.hls4ml.project import AMD_BACKENDS, BACKENDS
from codesign.fpga.sweep.grid import ACTIVATIONS, WEIGHTS
from codesign.project.entries import flag, number, numbers, section, text

_SECTIONS = ("name", "data", "model", "grid", "hardware", "budget", "seed")
_HARDWARE = ("backend", "part", "capacity", "clock_period_ns", "yosys_time_limit_s")
_SHARED = ("clock_period_ns", "part", "capacity")  # a grid's fields that stand under hardware
_WIDTHS_TO_TRY = {"weights": WEIGHTS, "activations": ACTIVATIONS}  # with networks that are trained for them
# key: (lowest, highest, whether whole); a training that would not end is a slip of the keyboard
_FIT = {
    "epochs": (1, 100_000, True),
    "batch_size": (1, 2**24, True),
    "learning_rate": (1e-9, 10.0, False),
    "sparsity": (0.0, 0.9999, False),
}
_BITS = {"activation_bits": (2, 16, True), "weight_bits": (2, 16, True)}
_MOST_UNITS, _MOST_LAYERS = 4096, 64
_LARGEST_FILE = 64_000  # bytes
_LONGEST_S = 30 * 24 * 3600  # a month


@dataclass(frozen=True)
class TrainConfig:
    """How the network is trained: sizes, and the settings of :class:`codesign.train.FitSettings`.

    `weight_bits` None means one quantisation-aware training for each width in the grid.
    """

    hidden: tuple[int, ...]
    activation_bits: int = 8
    weight_bits: int | None = None
    fit: Mapping[str, float] = None


@dataclass(frozen=True)
class ProjectConfig:
    """A checked project.yml; `directory` is where it lies, and where its relative paths start."""

    name: str
    directory: Path
    text: str
    data_source: str
    data_kind: str
    standardize: bool | None
    train: TrainConfig | None
    model_path: Path | None
    grid: Grid
    budget: Budget
    backend: str
    yosys_time_limit_s: float
    seed: int
    model_output: str | None = None


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
    data = section(content.get("data"), "data", ("source", "kind", "standardize"), required=("source",))
    model = _model(content.get("model"))
    hardware = section(content.get("hardware", {}), "hardware", _HARDWARE)
    source = text(data["source"], "data.source")
    grid = _grid(content.get("grid", {}), hardware, _WIDTHS_TO_TRY if "train" in model else {})
    return ProjectConfig(
        name=text(content.get("name", path.parent.resolve().name), "name"),
        directory=path.parent,
        text=written,
        data_source=str(path.parent / source) if source.endswith(".npz") else source,
        data_kind=_kind(data.get("kind", NOT_STATED)),
        standardize=flag(data["standardize"], "data.standardize") if "standardize" in data else None,
        train=_train(model["train"]) if "train" in model else None,
        model_path=path.parent / text(model["path"], "model.path") if "path" in model else None,
        grid=grid,
        budget=Budget.of(content.get("budget", {})),
        backend=_backend(hardware, grid),
        yosys_time_limit_s=number(
            hardware.get("yosys_time_limit_s", 300), "hardware.yosys_time_limit_s", 1, _LONGEST_S
        ),
        seed=number(content.get("seed", 0), "seed", 0, 2**32 - 1, whole=True),
        model_output=text(model["output"], "model.output") if "output" in model else None,
    )


def _model(content: object) -> Mapping[str, object]:
    model = section(content, "model", ("train", "path", "output"))
    if len(set(model) - {"output"}) != 1 or ("output" in model and "path" not in model):
        given = ", ".join(model) or "neither"
        raise ConfigError(f"model: expected either train or path, and output only with path. Received: {given}")
    return model


def _read(path: Path) -> tuple[str, object]:
    try:
        written = read_text(path, largest_bytes=_LARGEST_FILE)
    except UnreadableError as error:
        raise DataError(f"project: expected a folder with a project.yml. Received: {path} ({error})") from None
    try:
        return written, parse_yaml(written)
    except UnreadableError as error:
        raise ConfigError(f"{path.name}: expected YAML. Received: {error}") from None


def _kind(kind: object) -> str:
    if kind not in KINDS:
        raise ConfigError(
            f"data.kind: expected one of {', '.join(KINDS)}. Received: {kind!r:.60}{nearest(kind, KINDS)}"
        )
    return str(kind)


def _train(content: object) -> TrainConfig:
    content = section(content, "model.train", ("hidden", *_BITS, *_FIT), required=("hidden",))
    hidden = content["hidden"]
    if not isinstance(hidden, list) or not 1 <= len(hidden) <= _MOST_LAYERS:
        raise ConfigError(
            f"model.train.hidden: expected a list of numbers of units, for example [64, 32, 32]. Received: {hidden!r}"
        )
    bits = numbers(content, "model.train", _BITS)
    return TrainConfig(
        hidden=tuple(number(units, "model.train.hidden", 1, _MOST_UNITS, whole=True) for units in hidden),
        activation_bits=bits.get("activation_bits", 8),
        weight_bits=bits.get("weight_bits"),
        fit=numbers(content, "model.train", _FIT),
    )


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
