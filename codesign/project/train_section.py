"""The section ``model`` of project.yml: a model's file, or the methods that train one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from codesign.errors import ConfigError
from codesign.methods.names import BEST, ENSEMBLE, METHODS_OF_BEST, chosen_methods
from codesign.methods.training_search import TrainingSearch
from codesign.project.entries import number, numbers, section, text

NO_TEACHER, DEPLOYED = "none", "deployed"
SHARED = ("method", "teacher", "hidden", "epochs", "search")
_MOST_EPOCHS = 100_000
# key: (lowest, highest, whether whole); a training that would not end is a slip of the keyboard
SETTINGS: Mapping[str, Mapping[str, tuple]] = {
    "qkeras": {
        "epochs": (1, 100_000, True),
        "batch_size": (1, 2**24, True),
        "learning_rate": (1e-9, 10.0, False),
        "sparsity": (0.0, 0.9999, False),
        "activation_bits": (2, 16, True),
        "weight_bits": (2, 16, True),
    }
}
_MOST_UNITS, _MOST_LAYERS = 4096, 64


@dataclass(frozen=True)
class TrainConfig:
    """How networks are trained.

    Args:
        methods: some of ``tables``, ``posterior``, ``qkeras`` and ``drone``.
        teacher: ``ensemble``, ``deployed``, the file of any model, or None.
        hidden: ReLU units of each hidden layer; None leaves them to the method.
        epochs: of the training with noise, of ``posterior`` and ``drone``; None leaves them to the task.
        settings: of each method that has some of its own, by its name.
        search: of hidden sizes and cost weights of ``posterior``, or None.
    """

    methods: tuple[str, ...] = METHODS_OF_BEST
    teacher: str | None = ENSEMBLE
    hidden: tuple[int, ...] | None = None
    epochs: int | None = None
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    search: TrainingSearch | None = None

    def of(self, method: str) -> Mapping[str, float]:
        """Return the settings of a method."""
        return self.settings.get(method, {})


@dataclass(frozen=True)
class ModelConfig:
    """Either a model's file, of which `output` names the output that decides, or how networks are trained.

    `deployed` is the file of the network that runs today, beside which the new ones stand.
    """

    train: TrainConfig | None = None
    path: Path | None = None
    output: str | None = None
    deployed: Path | None = None


def read_model(content: object, directory: Path) -> ModelConfig:
    """Return the section of a project in `directory`.

    Raises:
        ConfigError: for a key or a value that is none of these.
    """
    model = section(content, "model", ("train", "path", "output", DEPLOYED))
    if set(model) == {DEPLOYED}:
        model = {**model, "train": {}}
    if len(set(model) - {"output", DEPLOYED}) != 1 or ("output" in model and "path" not in model):
        given = ", ".join(model) or "neither"
        raise ConfigError(f"model: expected either train or path, and output only with path. Received: {given}")
    deployed = directory / text(model[DEPLOYED], "model.deployed") if DEPLOYED in model else None
    if "train" in model:
        return ModelConfig(train=_train(model["train"], directory, deployed), deployed=deployed)
    output = text(model["output"], "model.output") if "output" in model else None
    return ModelConfig(path=directory / text(model["path"], "model.path"), output=output, deployed=deployed)


def _train(content: object, directory: Path, deployed: Path | None) -> TrainConfig:
    if isinstance(content, Mapping):
        _check_places(content)
    content = section(content, "model.train", (*SHARED, *SETTINGS))
    methods = _methods(content.get("method", BEST))
    idle = [name for name in SETTINGS if name in content and name not in methods]
    if idle:
        raise ConfigError(
            f"model.train.{idle[0]}: expected settings of the methods that are asked for, {', '.join(methods)}. "
            f"Received: {idle[0]}; name it in model.train.method too"
        )
    teacher = _teacher(content.get("teacher", ENSEMBLE), directory)
    if teacher == DEPLOYED and deployed is None:
        raise ConfigError("model.train.teacher: expected model.deployed, the file of who is to teach. Received: none")
    if "drone" in methods and teacher is None:
        raise ConfigError("model.train.teacher: expected one for the method drone, which imitates it. Received: none")
    return TrainConfig(
        methods=methods,
        teacher=teacher,
        hidden=_hidden(content["hidden"]) if "hidden" in content else None,
        epochs=number(content["epochs"], "model.train.epochs", 1, _MOST_EPOCHS, whole=True)
        if "epochs" in content
        else None,
        settings={name: _settings(content[name], name) for name in SETTINGS if name in content},
        search=_search(content, methods) if "search" in content else None,
    )


def _search(content: Mapping[str, object], methods: Sequence[str]) -> TrainingSearch:
    """What the section `search` of the trainings says."""
    if "posterior" not in methods:
        raise ConfigError(
            f"model.train.search: expected the method posterior, whose trainings are searched. Received: "
            f"{', '.join(methods)}; name it in model.train.method"
        )
    if "hidden" in content:
        raise ConfigError("model.train.hidden: expected none beside model.train.search, which has layers and units")
    given = section(content["search"], "model.train.search", [one.name for one in fields(TrainingSearch)])
    try:
        return TrainingSearch(**given)
    except ConfigError as error:
        raise ConfigError(f"model.train.search.{error}") from None


def _check_places(content: Mapping[object, object]) -> None:
    """A setting that belongs to a method, and stands beside it."""
    for key in content:
        owners = [name for name, known in SETTINGS.items() if key in known and key not in SHARED]
        if owners:
            places = " or ".join(f"model.train.{name}.{key}" for name in owners)
            raise ConfigError(f"model.train: expected '{key}' with its method, as {places}. Received: it stands alone")


def _methods(given: object) -> tuple[str, ...]:
    is_list = isinstance(given, Sequence) and not isinstance(given, str)
    return chosen_methods(tuple(given) if is_list else (given,), "model.train.method")


def _teacher(given: object, directory: Path) -> str | None:
    if given is None or given is False or given == NO_TEACHER:
        return None
    name = text(given, "model.train.teacher")
    return name if name in (ENSEMBLE, DEPLOYED) else str(directory / name)


def _hidden(given: object) -> tuple[int, ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= _MOST_LAYERS:
        raise ConfigError(
            f"model.train.hidden: expected a list of numbers of units, for example [64, 32, 32]. Received: {given!r}"
        )
    return tuple(number(units, "model.train.hidden", 1, _MOST_UNITS, whole=True) for units in given)


def _settings(content: object, method: str) -> dict[str, float]:
    known = SETTINGS[method]
    return numbers(section(content, f"model.train.{method}", tuple(known)), f"model.train.{method}", known)
