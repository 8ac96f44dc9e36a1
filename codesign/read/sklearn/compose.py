"""Estimators made of others: pipelines, transformers of columns, votes, searches."""

from collections.abc import Callable
from functools import reduce

import numpy as np

from codesign.network.ops import Add
from codesign.read.graph_builder import Value
from codesign.read.sklearn.assembly import MOST_PARTS, Assembly
from codesign.read.sklearn.classes import n_classes, shared
from codesign.read.sklearn.estimator import Estimator
from codesign.read.sklearn.transformers import chosen, read_selector

# of an assembly, an estimator and a value, and whether it is a step before others
ReadAny = Callable[[Assembly, Estimator, Value, bool], Value]
_NOTHING = ("passthrough", None)


class Composer:
    """Reads estimators made of others.

    Args:
        read: reads any.
    """

    def __init__(self, read: ReadAny) -> None:
        self._read = read

    def pipeline(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """Steps one behind the other."""
        steps = model.parts("steps")
        if not 0 < len(steps) <= MOST_PARTS:
            raise model.refusal("steps", len(steps))
        for number, (name, step) in enumerate(steps):
            if isinstance(step, str | None) and step in _NOTHING:
                continue
            part = model.part(step, f"step '{name}'")
            value = self._read(assembly, part, value, is_step or number + 1 < len(steps))
        return value

    def columns(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """Columns of the features, each through a transformer of its own."""
        names = [str(one) for one in np.ravel(model.get("feature_names_in_", [])).tolist()]
        found = []
        for name, step, columns in model.parts("transformers_"):
            places = _places(model, columns, names, value.shape[0])
            if (isinstance(step, str) and step == "drop") or not places.size:
                continue
            part = chosen(assembly, model, value, places)
            if isinstance(step, str) and step == "passthrough":
                found.append(part)
            else:
                found.append(self._read(assembly, model.part(step, f"step '{name}'"), part, True))
        if not found:
            raise model.refusal("at least one column", "none")
        return assembly.joined(model, found)

    def union(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """What several transformers give of the same, side by side."""
        weights = model.get("transformer_weights") or {}
        found = []
        for name, step in model.parts("transformer_list"):
            if isinstance(step, str) and step == "drop":
                continue
            is_plain = isinstance(step, str) and step == "passthrough"
            one = value if is_plain else self._read(assembly, model.part(step, f"step '{name}'"), value, True)
            weight = weights.get(name, 1)
            found.append(one if weight == 1 else assembly.line(model, one, float(weight), 0.0))
        return assembly.joined(model, found)

    def vote(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """The mean of several models."""
        if model.is_a("VotingClassifier") and model.text("voting", "hard") != "soft":
            raise model.refusal("voting='soft'", model.text("voting", "hard"))
        parts = [model.part(one, f"estimator {number}") for number, one in enumerate(model.parts("estimators_"))]
        weights = model.get("weights")
        weights = np.ones(len(parts)) if weights is None else np.asarray(weights, np.float64)
        if weights.shape != (len(parts),) or not 0 < weights.sum() < np.inf:
            raise model.refusal(f"{len(parts)} weights", weights.shape)
        shares = weights / weights.sum()
        found = [
            assembly.line(model, self._read(assembly, one, value, False), share, 0.0)
            for one, share in zip(parts, shares)
        ]
        if len({one.shape for one in found}) > 1:
            raise model.refusal("models of the same outputs", [one.shape for one in found])
        return reduce(lambda one, other: assembly.add(model, Add(), one, other), found)

    def each_output(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """One model for each output."""
        parts = [model.part(one, f"estimator {number}") for number, one in enumerate(model.parts("estimators_"))]
        return assembly.joined(model, [self._read(assembly, one, value, False) for one in parts])

    def one_of_each(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """A classifier of each class against the rest; of two classes there is one."""
        n, parts = n_classes(model), model.parts("estimators_")
        if len(parts) != (n if n > 2 else 1):
            raise model.refusal(f"an estimator of each of {n} classes", len(parts))
        found = []
        for number, one in enumerate(parts):
            single = self._read(assembly, model.part(one, f"estimator {number}"), value, False)
            if single.shape != (2,):
                raise model.refusal("estimators with predict_proba", single.shape)
            found.append(single if n == 2 else chosen(assembly, model, single, np.array([1])))
        return found[0] if n == 2 else shared(assembly, model, assembly.joined(model, found))

    def selected(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """Some features; as the last step what the estimator makes of them."""
        value = read_selector(assembly, model, value)
        return (
            value if is_step else self._read(assembly, model.part(model.get("estimator_"), "estimator"), value, False)
        )

    def best(self, assembly: Assembly, model: Estimator, value: Value, is_step: bool) -> Value:
        """The model that a search kept."""
        name = next((one for one in ("best_estimator_", "estimator_") if model.has(one)), "best_estimator_")
        if not model.has(name):
            model.array(name)
        return self._read(assembly, model.part(model.get(name), name), value, is_step)


def _places(model: Estimator, columns: object, names: list[str], width: int) -> np.ndarray:
    """The places of columns that are said by number, name, slice or mask."""
    if isinstance(columns, slice):
        return np.arange(width)[columns]
    columns = columns if isinstance(columns, (list, tuple, np.ndarray)) else [columns]
    found = np.asarray(columns)
    if found.dtype.kind == "b":
        return np.flatnonzero(found)
    if found.dtype.kind in "iu":
        return np.where(found < 0, found + width, found).astype(np.int64)
    missing = [str(one) for one in found.tolist() if str(one) not in names]
    if missing:
        raise model.refusal("columns of the features", missing[0][:60])
    return np.array([names.index(str(one)) for one in found.tolist()], np.int64)
