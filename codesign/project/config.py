"""project.yml: what to train, what to sweep, what to build, within which budget."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path

import yaml

from codesign.errors import CodesignError, ConfigError, DataError, nearest
from codesign.fpga import Budget, Grid, find_part
from codesign.fpga.hls4ml_project import BACKENDS

_SECTIONS = ("name", "data", "model", "grid", "hardware", "budget", "seed")
_HARDWARE = ("backend", "part", "clock_period_ns", "yosys_time_limit_s")
_FIT = ("epochs", "batch_size", "learning_rate", "sparsity")
_TRAIN = ("hidden", "activation_bits", "weight_bits", *_FIT)


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
    standardize: bool
    train: TrainConfig | None
    model_path: Path | None
    grid: Grid
    budget: Budget
    backend: str
    yosys_time_limit_s: float
    seed: int


def read_project(path: str | PathLike) -> ProjectConfig:
    """Read ``project.yml`` from a file or its folder.

    Raises:
        ConfigError: for an unknown or misspelt key (it names the nearest), a missing one, or a value of the wrong kind.
        DataError: for a missing file.
    """
    path = Path(path)
    path = path / "project.yml" if path.is_dir() else path
    text, content = _read_yaml(path)
    content = _section(content, path.name, _SECTIONS)
    data = _section(content.get("data"), "data", ("source", "kind", "standardize"), required=("source",))
    model = _section(content.get("model"), "model", ("train", "path"))
    if len(model) != 1:
        raise ConfigError("model: expected either train or path. Received: " + (", ".join(model) or "neither"))
    hardware = _section(content.get("hardware", {}), "hardware", _HARDWARE)
    backend = hardware.get("backend", "Vitis")
    if backend not in BACKENDS:
        raise ConfigError(
            f"hardware.backend: expected one of {', '.join(BACKENDS)}. Received: {backend}{nearest(backend, BACKENDS)}"
        )
    source = str(data["source"])
    return ProjectConfig(
        name=str(content.get("name", path.parent.resolve().name)),
        directory=path.parent,
        text=text,
        data_source=str(path.parent / source) if source.endswith(".npz") else source,
        data_kind=str(data.get("kind", "REAL")),
        standardize=_typed(data.get("standardize", True), bool, "data.standardize"),
        train=_train(model["train"]) if "train" in model else None,
        model_path=path.parent / str(model["path"]) if "path" in model else None,
        grid=_grid(content.get("grid", {}), hardware),
        budget=Budget.from_mapping(_section(content.get("budget", {}), "budget", [f.name for f in fields(Budget)])),
        backend=backend,
        yosys_time_limit_s=_typed(hardware.get("yosys_time_limit_s", 300), (int, float), "hardware.yosys_time_limit_s"),
        seed=_seed(content.get("seed", 0)),
    )


def _read_yaml(path: Path) -> tuple[str, object]:
    try:
        text = path.read_text()
        return text, yaml.safe_load(text)
    except OSError as error:
        raise DataError(f"project: expected a folder with a project.yml. Received: {path} ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path.name}: expected YAML. Received: {reason}") from None


def _train(section: object) -> TrainConfig:
    section = _section(section, "model.train", _TRAIN, required=("hidden",))
    hidden = section["hidden"]
    if not isinstance(hidden, list) or not hidden or not all(type(units) is int and units > 0 for units in hidden):
        raise ConfigError(
            f"model.train.hidden: expected a list of numbers of units, for example [64, 32, 32]. Received: {hidden}"
        )
    for key in ("activation_bits", "weight_bits", "epochs", "batch_size"):
        if key in section:
            _typed(section[key], int, f"model.train.{key}")
    for key in ("learning_rate", "sparsity"):
        if key in section:
            _typed(section[key], (int, float), f"model.train.{key}")
    return TrainConfig(
        hidden=tuple(hidden),
        activation_bits=section.get("activation_bits", 8),
        weight_bits=section.get("weight_bits"),
        fit={key: section[key] for key in _FIT if key in section},
    )


def _grid(section: object, hardware: Mapping[str, object]) -> Grid:
    names = [field.name for field in fields(Grid) if field.name not in ("clock_period_ns", "part")]
    section = _section(section, "grid", names)
    shared = {key: hardware[key] for key in ("clock_period_ns", "part") if key in hardware}
    try:
        grid = Grid(**section, **shared)
        find_part(grid.part)
        return grid
    except CodesignError as error:
        raise type(error)(f"grid: {error}") from None


def _section(content: object, name: str, known: tuple | list, required: tuple = ()) -> dict:
    if not isinstance(content, dict):
        raise ConfigError(f"{name}: expected a mapping with {', '.join(known)}. Received: {content!r}")
    for key in content:
        if key not in known:
            raise ConfigError(f"{name}: unknown key '{key}'{nearest(key, known)}; known: {', '.join(known)}")
    for key in required:
        if key not in content:
            raise ConfigError(f"{name}: expected the key '{key}'. Received: {', '.join(content) or 'nothing'}")
    return content


def _seed(value: object) -> int:
    if not 0 <= _typed(value, int, "seed") < 2**32:
        raise ConfigError(f"seed: expected a number from 0 to 2^32 - 1. Received: {value}")
    return value


def _typed(value: object, kinds: type | tuple, name: str) -> object:
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        wanted = "true or false" if kinds is bool else "a whole number" if kinds is int else "a number"
        raise ConfigError(f"{name}: expected {wanted}. Received: {value!r}")
    return value
