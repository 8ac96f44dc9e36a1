"""Estimator: a fitted model of scikit-learn as names and attributes, from a live one or from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import ConfigError, UnsupportedLayerError


@dataclass(frozen=True, eq=False)
class Estimator:
    """A fitted model.

    Args:
        kinds: names of its class and the classes that this is made from, the nearest first.
        attributes: by name.
        where: of it, for messages: ``step 'scaler'``; empty: it is the model itself.
    """

    kinds: tuple[str, ...]
    attributes: Mapping[str, object]
    where: str = ""

    @property
    def kind(self) -> str:
        """Name of its class."""
        return self.kinds[0]

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return f"{self.where} ({self.kind})" if self.where else self.kind

    def is_a(self, *names: str) -> bool:
        """Whether it is of one of these classes."""
        return any(name in self.kinds for name in names)

    def get(self, name: str, default: object = None) -> object:
        """Return an attribute; `default` where there is none."""
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        """Whether there is such an attribute, other than None."""
        return self.attributes.get(name) is not None

    def array(self, name: str, *, rank: int | None = None) -> np.ndarray:
        """Return an attribute as float64.

        Raises:
            ConfigError: where there is none: the model is not fitted.
            UnsupportedLayerError: for other than finite numbers, or another number of axes.
        """
        if not self.has(name):
            raise ConfigError(f"{self.label}: expected a fitted model. Received: one without {name}; fit it first")
        try:
            found = np.asarray(self.get(name), np.float64)
        except (TypeError, ValueError):
            found = np.full((), np.nan)
        if not np.isfinite(found).all() or (rank is not None and found.ndim != rank):
            axes = "" if rank is None else f" of {rank} axes"
            raise self.refusal(f"finite numbers{axes} as {name}", f"shape {found.shape}, or NaN or inf")
        return found

    def number(self, name: str, default: float | None = None) -> float:
        """Return an attribute that is one number."""
        found = self.get(name, default)
        if isinstance(found, np.ndarray) and found.size == 1:
            found = found.item()
        if isinstance(found, (bool, np.bool_)) or not isinstance(found, (int, float, np.number)):
            raise self.refusal(f"a number as {name}", repr(found)[:60])
        return float(found)

    def flag(self, name: str, default: bool) -> bool:
        """Return an attribute that is true or false."""
        return bool(np.any(self.get(name, default)))

    def text(self, name: str, default: str = "") -> str:
        """Return an attribute that is a text."""
        return str(self.get(name, default))

    def part(self, value: object, where: str) -> "Estimator":
        """Return an estimator in it.

        Raises:
            UnsupportedLayerError: where it is something else.
        """
        found = as_estimator(value, f"{self.where}, {where}" if self.where else where)
        if found is None:
            raise self.refusal(f"an estimator as {where}", type(value).__name__)
        return found

    def parts(self, name: str) -> list:
        """Return an attribute that is a list."""
        found = self.get(name)
        if not isinstance(found, (list, tuple, np.ndarray)):
            raise ConfigError(f"{self.label}: expected a fitted model. Received: one without {name}; fit it first")
        return list(found)

    def refusal(self, expected: str, received: object) -> UnsupportedLayerError:
        """Return the error of something that the model has and no network."""
        return UnsupportedLayerError(f"{self.label}: expected {expected}. Received: {received}")


class LiveAttributes(Mapping):
    """The attributes of a live object, properties among them, as a mapping.

    Args:
        model: the object.
    """

    def __init__(self, model: object) -> None:
        self.model = self._model = model

    def __getitem__(self, name: str) -> object:
        """Return an attribute; KeyError where there is none."""
        try:
            return getattr(self._model, name)
        except AttributeError:
            raise KeyError(name) from None

    def __iter__(self):
        """Go over the names of what the object holds."""
        return iter(vars(self._model))

    def __len__(self) -> int:
        """Count what the object holds."""
        return len(vars(self._model))


def as_estimator(value: object, where: str = "") -> Estimator | None:
    """Return an estimator, live or of a file; None for anything else."""
    if isinstance(value, Estimator):
        return Estimator(value.kinds, value.attributes, where)
    modules = [base.__module__.partition(".")[0] for base in type(value).__mro__]
    if "sklearn" not in modules:
        return None
    kinds = tuple(base.__name__ for base in type(value).__mro__ if base is not object)
    return Estimator(kinds, LiveAttributes(value), where)


def names_of(values: object) -> tuple[str, ...]:
    """Return labels or features as texts that are all different; none where they are not."""
    if not isinstance(values, (np.ndarray, Sequence)) or isinstance(values, str):
        return ()
    found = tuple(str(one) for one in np.asarray(values).ravel().tolist())
    fine = all(one and one.isprintable() and len(one) < 200 for one in found)
    return found if fine and len(set(found)) == len(found) else ()
