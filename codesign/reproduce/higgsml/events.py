"""The events of a run: the parts of training, validation and test, and which columns are momenta."""

from dataclasses import dataclass, replace

import numpy as np

from codesign.data import ColliderVectors, Dataset, Events, HiggsML, expected_weights, load_higgsml
from codesign.data.higgsml import MISSING

JET_NUMBER = "PRI_jet_num"
_VALIDATION = 0.2


@dataclass(frozen=True, eq=False)
class Split:
    """Events of one seed.

    Args:
        train, validation: of the training set; validation chooses the cut alone.
        test: all of it.
        parts: masks of the test's own parts.
    """

    train: Events
    validation: Events
    test: Events
    parts: dict[str, np.ndarray]


def load(path: str, n_events: int | None) -> HiggsML:
    """Return the events, or every n-th of them."""
    found = load_higgsml(path or None)
    if n_events is None:
        return found
    data = found.data
    kept = {part: slice(None, None, max(1, len(getattr(data, f"x_{part}")) // n_events)) for part in ("train", "test")}
    thinned = {part: Events(*(one[kept[part]] for one in getattr(data, part))) for part in kept}
    parts = {name: own[kept["test"]] for name, own in found.parts.items()}
    return HiggsML(data.with_events(**thinned), parts)


def split(found: HiggsML, seed: int) -> Split:
    """Cut the training set at random, each class and number of jets alike: a fifth is for validation."""
    data, rng = found.data, np.random.default_rng(seed)
    key = data.y_train.astype(int) * 10 + data.x_train[:, jet_column(data)].astype(int)
    held = []
    for one in np.unique(key):
        own = rng.permutation(np.flatnonzero(key == one))
        held.append(own[: round(_VALIDATION * len(own))])
    is_held = np.zeros(len(key), bool)
    is_held[np.concatenate(held)] = True
    train, validation = (_scaled(Events(*(one[own] for one in data.train))) for own in (~is_held, is_held))
    return Split(train, validation, data.test, found.parts)


def jet_column(data: Dataset) -> int:
    """The column that says how many jets there are."""
    return data.features.index(JET_NUMBER)


def momenta(features: tuple[str, ...]) -> ColliderVectors:
    """Return which columns are momenta: lepton, hadronic tau, missing momentum and two jets."""
    bodies = {"lep": "lep", "tau": "tau", "jet1": "jet_leading", "jet2": "jet_subleading"}
    polar = {name: tuple(f"PRI_{body}_{part}" for part in ("pt", "eta", "phi")) for name, body in bodies.items()}
    return ColliderVectors(features, {**polar, "met": ("PRI_met", None, "PRI_met_phi")}, missing=MISSING)


def _scaled(events: Events) -> Events:
    return events._replace(weights=expected_weights(events.weights, events.y == 1))


def balanced(events: Events) -> np.ndarray:
    """Return weights of mean 1 of which each class has the same sum, as a training wants them."""
    sums = np.bincount(events.y, events.weights)
    return (events.weights * (len(events.y) / 2 / sums)[events.y]).astype(np.float32)


def as_dataset(data: Dataset, split: Split, inputs: tuple[np.ndarray, np.ndarray], names: tuple[str, ...]) -> Dataset:
    """Return training and test events as the networks take them."""
    return replace(
        data,
        x_train=inputs[0],
        y_train=split.train.y,
        weights_train=balanced(split.train),
        x_test=inputs[1],
        features=names,
        words=None,
        remarks=(),
    )
