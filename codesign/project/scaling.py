"""How events come to the network: detector words, standardised events, or events as they come."""

import math

import numpy as np

from codesign.data import Dataset, Events
from codesign.fpga.design.design import binomial_error
from codesign.fpga.sweep.decide import decide
from codesign.project.config import ProjectConfig
from codesign.project.models import load_network

_JUDGED_EVENTS = 5000
_SIGNIFICANT = 3  # standard deviations


def scaled_events(config: ProjectConfig, data: Dataset) -> tuple[Dataset, tuple[str, ...]]:
    """Return the events as the network takes them, and what is to be said about it.

    A network that is trained here takes detector words, or what ``data.standardize`` says. Of a model in a file nobody
    knows which events it was trained on: it is judged on training events of both kinds. Without
    ``data.standardize`` it gets those on which it is right more often, standardised ones if that makes no difference;
    with it, a model that is right much more often on the others is said. A regression's gets what
    ``data.standardize`` says, events as they come by default.

    Raises:
        CodesignError: if the model cannot be read, or does not take the data's features.
        DataError: for words of features that the data do not have, or that cannot hold them.
    """
    words = config.data.words
    if words is not None:
        return data.in_words(bits=words) if isinstance(words, int) else data.in_words(words), ()
    standardize = config.data.standardize
    if config.model.train is not None or not data.classes:
        return (data.standardized() if standardize else data), ()
    kinds = {"as they come": data, "standardised": data.standardized()}
    right = {name: _accuracy(config, _judged(events)) for name, events in kinds.items()}
    wanted = {True: "standardised", False: "as they come", None: "standardised"}[standardize]
    better = max(kinds, key=right.get)
    if right[better] - right[wanted] <= _SIGNIFICANT * _error(right.values(), len(_judged(data).y_test)):
        return kinds[wanted], ()
    said = ", ".join(f"{name} {share:.1%}" for name, share in right.items())
    if standardize is None:
        return kinds[better], (
            f"the model is right in more events {better} ({said}), so it is given these; data.standardize says so too",
        )
    return kinds[wanted], (f"the model is right in more events {better} ({said}): change data.standardize?",)


def _accuracy(config: ProjectConfig, data: Dataset) -> float:
    """How often the model of ``model.path`` is right on the test events."""
    model = load_network(config, data)
    return float(np.mean(decide(model.network, model.outputs) == data.y_test))


def _judged(data: Dataset) -> Dataset:
    """Training events in the place of the test events, which nothing is chosen on."""
    return data.with_events(test=Events(*(None if one is None else one[:_JUDGED_EVENTS] for one in data.train)))


def _error(shares: object, n_events: int) -> float:
    return math.hypot(*(binomial_error(share, n_events) for share in shares))
