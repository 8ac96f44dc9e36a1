"""Designs in gates of the recipe's ensemble: of its inputs, and of the raw columns of the events."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from codesign.data import Dataset, Events, HiggsML
from codesign.data.higgsml import MISSING
from codesign.fpga import Budget, Design
from codesign.methods import train_designs
from codesign.metrics import find_metric
from codesign.reproduce.higgsml.distilled import models_of, trained
from codesign.reproduce.higgsml.events import Split, as_dataset, jet_column, momenta
from codesign.reproduce.higgsml.scores import score
from codesign.reproduce.higgsml.settings import FPGA_RAW
from codesign.reproduce.proof import prove
from codesign.reproduce.study import Run

_JETS = 3  # the largest number of jets that the events tell


@dataclass(frozen=True, eq=False)
class RawColumns:
    """Columns as a detector sends them: what does not exist is 0, and the number of jets says what that is.

    Args:
        jets: column of the number of jets.
        least_jets: (n_features,) jets that a column needs.
        least: (n_features,) value below which another column does not exist; -inf for one that always does.
    """

    jets: int
    least_jets: np.ndarray
    least: np.ndarray

    @classmethod
    def of(cls, found: HiggsML, x: np.ndarray) -> Self:
        """Return what (n_events, n_features) training events tell of their columns."""
        jets = jet_column(found.data)
        needed, least = np.zeros(x.shape[1], int), np.full(x.shape[1], -np.inf)
        for column, values in enumerate(x.T):
            there = values != MISSING
            fitting = [number for number in range(1, _JETS) if np.array_equal(there, x[:, jets] >= number)]
            if fitting:
                needed[column] = fitting[0]
            elif not there.all():
                least[column] = values[there].min() / 2
        return cls(jets, needed, least)

    def sent(self, x: np.ndarray) -> np.ndarray:
        """Return events with 0 where a value does not exist."""
        return np.where(x == MISSING, 0.0, x)

    def known(self, x: np.ndarray) -> np.ndarray:
        """Return what :meth:`sent` was given; of events a little beside such ones, too."""
        found = np.array(x, np.float64)
        found[:, self.jets] = np.clip(np.round(found[:, self.jets]), 0, _JETS)
        is_absent = (found[:, [self.jets]] < self.least_jets) | (found < self.least)
        return np.where(is_absent, MISSING, found)


def turned_copies(events: Events, features: tuple[str, ...], copies: int, seed: int) -> Events:
    """Return events, and copies of them turned about the beam and mirrored at random: the physics is the same."""
    rng, vectors, n = np.random.default_rng(seed), momenta(features), len(events.x)
    found = [events.x]
    for _ in range(copies):
        mirrors = {name: rng.random(n) < 0.5 for name in ("mirror_y", "mirror_z")}
        found.append(vectors.moved(events.x, rng.uniform(-np.pi, np.pi, n), **mirrors).astype(events.x.dtype))
    return Events(np.concatenate(found), *(np.tile(one, copies + 1) for one in events[1:]))


def train_the_design(found: HiggsML, run: Run, seed: int, *, method: str) -> dict:
    """Train designs on words, taught by the ensemble, within the budget; prove the best on validation."""
    settings, (ensemble, model, cut) = run.settings, trained(found, run, seed)
    if method == FPGA_RAW:
        columns, names = RawColumns.of(found, cut.train.x), found.data.features
        cut = replace(cut, train=turned_copies(cut.train, names, settings.gate_copies, seed))
        inputs = _by_part(cut, columns.sent)

        def teacher(x: np.ndarray) -> np.ndarray:
            return ensemble.predict(model.inputs(columns.known(x)))
    else:
        inputs = _by_part(cut, model.inputs)
        names = tuple(f"input_{index}" for index in range(inputs["train"].shape[1]))

        def teacher(x: np.ndarray) -> np.ndarray:
            return ensemble.predict(x.astype(np.float32))

    data = as_dataset(found.data, cut, (inputs["train"], inputs["test"]), names).in_words()
    validation, begun = data.words.encode(inputs["validation"]), time.process_time()
    budget = Budget(lut=settings.max_lut, latency_ns=settings.max_latency_ns)
    options = {"teacher": teacher, "metric": "auc", "seed": seed, "jobs": 1, "progress": False}
    front = train_designs(data, budget, methods=("posterior",), **options)
    row = {"train_cpu_s": time.process_time() - begun, "inputs": len(names)}
    design = _best([one for one in front.designs if budget.is_met(one)], validation, cut)
    row |= _proved(design, data, models_of(run) / f"{method}-{seed}")
    return row | score(cut, *(_probability(design.network.emulate(x)) for x in (validation, data.x_test)))


def _by_part(cut: Split, of: Callable[[np.ndarray], np.ndarray]) -> dict[str, np.ndarray]:
    return {part: of(getattr(cut, part).x) for part in ("train", "validation", "test")}


def _proved(design: Design, data: Dataset, path: Path) -> dict:
    """What the design costs, and on how many events it is simulated to the bit; its network beside the build."""
    design.network.save(path.with_suffix(".json"))
    row = {"estimated_lut": design.report.lut}
    row |= prove(design.network, data.x_test, path, adder_levels_per_stage=design.adder_levels_per_stage)
    return row | {"fpga_latency_ns": (row["rtl_cycles"] or design.report.latency_cycles) * design.clock_period_ns}


def _best(designs: list[Design], validation: np.ndarray, cut: Split) -> Design:
    """The design with the highest weighted AUC on the validation events."""
    area = find_metric("auc")

    def worth(design: Design) -> float:
        said = _probability(design.network.emulate(validation))
        return area.evaluate(said, cut.validation.y, cut.validation.weights).value

    return max(designs, key=worth)


def _probability(outputs: np.ndarray) -> np.ndarray:
    logits = outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1] - outputs[:, 0]
    return 1 / (1 + np.exp(-logits))
