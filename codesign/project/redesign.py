"""redesign: what would today's methods make of the network that runs now? A project folder that answers it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import yaml

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.data import Dataset
from codesign.data.word_formats import MAX_BITS
from codesign.errors import ConfigError, DataError
from codesign.fpga.sweep.decide import n_scores
from codesign.network import FixedPoint
from codesign.project.deployed import Deployed
from codesign.project.train_section import DEPLOYED

EVENTS, PROJECT = "events.npz", "project.yml"
_LEAST_LUT, _WORD_BITS = 50, 12


@checked
def write_redesign(
    model: str | PathLike,
    data: Dataset,
    directory: str | PathLike,
    *,
    limits: Mapping[str, float] | None = None,
    methods: Sequence[str] = (),
    clock_period_ns: float = 5.0,
    part: str = "xcvu13p-flga2577-2-e",
    seed: int = 0,
) -> Path:
    """Write a project whose report puts new networks beside the one in a file, and return its folder.

    Events with labels are learnt as ever, an ensemble teaches. Without labels the network itself is what is learnt: its
    classes, where it ends in a softmax or a sigmoid or says several, else its values. Events reach the new networks in
    the words that the old one takes.

    Args:
        model: file or folder of the network, such as an hls4ml project.
        data: events in its units, its features in its order; from :func:`codesign.data.load_events`.
        directory: to write ``project.yml`` and ``events.npz`` to.
        limits: of the budget, by the names of project.yml; none: the LUTs that the network is estimated at.
        methods: of :func:`codesign.train_designs`; none: the best.
        clock_period_ns, part: where the file states none.
        seed: of everything random.

    Raises:
        CodesignError: for a model that cannot be read, or does not take the data's features.
        DataError: for a folder that cannot be written.

    Example:
        >>> import numpy as np
        >>> from codesign import DenseLayer, Network, quantize_network
        >>> from codesign.data import load_events
        >>> from codesign.project import write_redesign
        >>> x = np.random.default_rng(0).normal(size=(200, 2))
        >>> network = Network.chain([DenseLayer("fc", [[0.5, -0.5], [0.25, 1.0]], [0.0, 0.0])])
        >>> quantize_network(network, x, weights=4, activations=6).save("trigger.json")
        >>> np.save("x.npy", x)
        >>> sorted(path.name for path in write_redesign("trigger.json", load_events("x.npy"), "new").iterdir())
        ['events.npz', 'project.yml']
    """
    directory, model = Path(directory), Path(model)
    deployed = Deployed.read(model, data.n_features, clock_period_ns, part)
    is_taught = not data.targets and len(data.classes) < 2
    labelled = _by_network(deployed, data) if is_taught else _as_given(data)
    train = ({"method": list(methods)} if methods else {}) | ({"teacher": DEPLOYED} if is_taught else {})
    design = deployed.design
    hardware = {
        "clock_period_ns": design.clock_period_ns if design else clock_period_ns,
        "part": design.part if design else part,
    }
    content = {
        "name": f"redesign of {model.resolve().name}",
        "data": {**labelled.section(), "words": _words(deployed, data.features)},
        "model": {DEPLOYED: str(model.resolve()), "train": train},
        "hardware": hardware,
        "budget": dict(limits or _own_size(deployed)),
        "seed": seed,
    }
    labelled.save(directory / EVENTS)
    text = f"# {model}: what today's methods make of it; codesign synthesize {directory}\n"
    replace_file(directory / PROJECT, (text + yaml.safe_dump(content, sort_keys=False)).encode(), "the project")
    return directory


@dataclass(frozen=True, eq=False)
class _Labelled:
    """Events with what is to be learnt.

    Args:
        data: the events.
        task: ``classification`` or ``regression``.
        train, test: (n_events, n_columns) what is learnt.
    """

    data: Dataset
    task: str
    train: np.ndarray
    test: np.ndarray

    @property
    def names(self) -> list[str]:
        """Of the columns, none of which is a feature."""
        word = "label" if self.task == "classification" else "value"
        stem = next(name for name in (word, f"{word}_", f"{word}__") if name not in self.data.features)
        n_columns = self.train.shape[1]
        return [stem] if n_columns == 1 else [f"{stem}_of_{index}" for index in range(n_columns)]

    @property
    def flag(self) -> str:
        """Name of the column that tells the test events."""
        return next(name for name in ("is_test", "is_test_event") if name not in self.data.features)

    def section(self) -> dict:
        """Return the section ``data`` of project.yml, the words left out."""
        columns = {"features": list(self.data.features), "label": self.names, "test": self.flag, "task": self.task}
        return {"source": EVENTS, "kind": self.data.kind, **columns}

    def save(self, path: Path) -> None:
        """Write a column for each feature, for what is learnt, and for which events are tests."""
        data = self.data
        x, y = np.concatenate([data.x_train, data.x_test]), np.concatenate([self.train, self.test])
        columns = dict(zip(data.features, x.T)) | dict(zip(self.names, y.T))
        columns[self.flag] = np.repeat([0, 1], [len(data.x_train), len(data.x_test)])
        with io.BytesIO() as file:
            np.savez_compressed(file, **columns)
            replace_file(path, file.getvalue(), "the events", argument="directory")


def _as_given(data: Dataset) -> _Labelled:
    if data.targets:
        return _Labelled(data, "regression", *(y.reshape(len(y), -1) for y in (data.y_train, data.y_test)))
    named = np.array(data.classes)
    return _Labelled(data, "classification", named[data.y_train][:, None], named[data.y_test][:, None])


def _by_network(deployed: Deployed, data: Dataset) -> _Labelled:
    """Events as the network itself judges them."""
    network = deployed.typed.network
    if not deployed.has_classes:
        return _Labelled(data, "regression", deployed.scores(data.x_train), deployed.scores(data.x_test))
    decided = [deployed.decides(x) for x in (data.x_train, data.x_test)]
    missing = sorted(set(range(max(2, n_scores(network)))) - set(decided[0].tolist()))
    if missing:
        raise DataError(
            "data: expected events of each class that the network decides for. Received: none of class "
            f"{missing[0]} in {len(data.x_train):,} events; are the features in its order and units? Or name labels "
            "to learn instead"
        )
    return _Labelled(data, "classification", *(np.char.add("class", one.astype(str))[:, None] for one in decided))


def _words(deployed: Deployed, features: Sequence[str]) -> dict[str, str] | int:
    """The type of each input, where the file states it and a word can be of it."""
    if not deployed.is_exact:
        return _WORD_BITS
    types = [one for each in deployed.typed.network.inputs for one in _each_type(each.precision, each.size)]
    fits = all(1 <= width <= MAX_BITS for width, _, _ in types)
    texts = [f"ap_{'' if signed else 'u'}fixed<{width},{integer}>" for width, integer, signed in types]
    return dict(zip(features, texts)) if fits else _WORD_BITS


def _each_type(kind: FixedPoint, size: int) -> list[tuple[int, int, bool]]:
    parts = [np.broadcast_to(np.ravel(part), (size,)) for part in (kind.width, kind.integer, kind.signed)]
    return [(int(width), int(integer), bool(signed)) for width, integer, signed in zip(*parts)]


def _own_size(deployed: Deployed) -> dict[str, int]:
    """As many LUTs as the network takes itself, by its estimate."""
    if deployed.design is None:
        raise ConfigError(f"limits: expected those of the budget, such as lut, since {deployed.note}. Received: none")
    return {"lut": max(_LEAST_LUT, int(deployed.design.report.lut))}
