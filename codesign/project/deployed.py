"""The network that runs today: what its file states, priced as it is built, and what it says of the events."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.data import Dataset
from codesign.drone import as_teacher
from codesign.drone.teachers.teacher import Teacher
from codesign.errors import CodesignError, ConfigError, DataError
from codesign.fpga import Design, estimate
from codesign.fpga.design.design import IMPLEMENTATIONS
from codesign.fpga.design.reuse import kernel_shapes
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.hls4ml.project import AMD_BACKENDS
from codesign.fpga.sweep.decide import HALF_AT, decide, ends_in, measure, n_scores
from codesign.fpga.sweep.settings import AS_READ, Typed, typed_network
from codesign.metrics import Metric
from codesign.project.quality import quality_of
from codesign.project.train_section import DEPLOYED
from codesign.read import read_file
from codesign.read.reading import Reading

_CLOCK_NS = (0.01, 1e6)


@dataclass(frozen=True, eq=False)
class Deployed:
    """A network in a file, beside which new ones stand.

    Args:
        path: of the file or the project's folder.
        typed: its network.
        design: as it is built, with estimated costs; None where these cannot be estimated.
        note: how it is laid out, or why its costs are not known.
        says_classes: whether its first output ends in a softmax or a sigmoid; a linear one may say classes too.
    """

    path: Path
    typed: Typed
    design: Design | None
    note: str
    says_classes: bool

    @classmethod
    def read(cls, path: Path, n_features: int, clock_period_ns: float, part: str) -> "Deployed":
        """Read it.

        Args:
            path: of the file or the project's folder.
            n_features: that the data have.
            clock_period_ns, part: of its design, where the file states none.

        Raises:
            CodesignError: if it cannot be read.
            DataError: for a network that does not take the features.
        """
        reading = read_file(path, what="model.deployed")
        network = reading.design_network()
        if network.n_inputs != n_features:
            raise DataError(
                f"model.deployed: expected a network of the {n_features} features of the data. Received: {path} with "
                f"{network.n_inputs} inputs; data.features names those that it takes, in its order"
            )
        typed = typed_network(network)
        try:
            design = _as_built(typed, reading, clock_period_ns, part)
            note = f"{design.label}, {design.clock_period_ns:g} ns; {typed.origin}"
        except CodesignError as error:
            design, note = None, f"its costs are not known: {error}"
        return cls(path, typed, design, note, ends_in(reading.network, ("softmax", *HALF_AT)))

    @property
    def is_exact(self) -> bool:
        """Whether its file states all types, so that what the hardware gives is known bit for bit."""
        return self.typed.precision == AS_READ

    @property
    def has_classes(self) -> bool:
        """Whether its first output says classes: by how it ends, or because it says several values."""
        return self.says_classes or n_scores(self.typed.network) > 1

    @property
    def name(self) -> str:
        """As tables show it."""
        return f"as deployed ({self.path.name})"

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_scores) of its first output, before any softmax.

        That is what the hardware gives, bit for bit, where the file states types; else in floating point.

        Args:
            x: (n_events, n_features) in physical units, as its own inputs are.
        """
        network = self.typed.network
        return (network.emulate if self.is_exact else network.predict)(x)[:, : n_scores(network)]

    def decides(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events,) the classes that it decides for."""
        return decide(self.typed.network, self.scores(x))

    def as_teacher(self, task: str) -> Teacher:
        """Return it as a teacher of a ``classification``, of two classes by that of the second, or a ``regression``."""
        if task == "regression":
            return as_teacher(self.scores, output="value")
        network = self.typed.network
        output = "probability" if ends_in(network, HALF_AT) else "logit"
        return as_teacher(self.scores, output=output, positive=1 if n_scores(network) == 2 else None)


def deployed_row(deployed: Deployed, data: Dataset, metrics: Sequence[Metric]) -> dict:
    """Return a row of ``references`` in report.json: its quality on the test events, and its estimated costs.

    Args:
        deployed: the network.
        data: whose events are in words, or as they come.
        metrics: to measure.
    """
    scores = deployed.scores(data.x_test if data.words is None else data.words.decode(data.x_test))
    network = deployed.typed.network
    found = measure(network, scores, data.y_test, metrics, data.weights_test)
    quality = quality_of(scores, decide(network, scores) if data.classes else None, data, found)
    costs = {} if deployed.design is None else deployed.design.as_dict()
    return {"name": deployed.name, "kind": DEPLOYED, **costs, **quality, "note": deployed.note}


def _as_built(typed: Typed, reading: Reading, clock_period_ns: float, part: str) -> Design:
    """The design that the file states."""
    about = reading.about
    settings = {
        "implementation": _stated_implementation(about.get("strategy", "latency")),
        "reuse_factor": _stated_reuse(typed, reading),
        "clock_period_ns": _number(about.get("clock_period_ns"), clock_period_ns),
        "precision": typed.precision,
    }
    try:
        design = Design(typed.network, part=about.get("part", part), **settings)
    except ConfigError:  # a part that is not in the table
        design = Design(typed.network, part=part, **settings)
    backend = about.get("backend", AMD_BACKENDS[0])
    if not backend.lower().startswith(tuple(name.lower() for name in AMD_BACKENDS)):
        expected = f"{' or '.join(AMD_BACKENDS)}, whose designs can be estimated"
        raise ConfigError(f"backend: expected {expected}. Received: {backend}")
    return design.with_report(estimate(design, toolchain=Toolchain.of(design.part, backend)))


def _stated_implementation(strategy: str) -> str:
    """A design has one strategy for all layers."""
    name = f"hls4ml-{strategy}"
    if name not in IMPLEMENTATIONS:
        raise ConfigError(f"strategy: expected latency or resource in all layers. Received: {strategy}")
    return name


def _stated_reuse(typed: Typed, reading: Reading) -> int | Mapping[str, int]:
    """One factor where all layers have the same."""
    layers = kernel_shapes(typed.network)
    factors = {name: factor for name, factor in reading.reuse_factors.items() if name in layers}
    return factors if len(set(factors.values())) > 1 else next(iter(factors.values()), 1)


def _number(text: str | None, default: float) -> float:
    found = re.fullmatch(r"\s*(\d+(\.\d+)?)\s*", text or "")
    value = float(found[1]) if found else default
    return value if _CLOCK_NS[0] <= value <= _CLOCK_NS[1] else default
