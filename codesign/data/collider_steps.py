"""What :class:`codesign.data.collider_inputs.ColliderInputs` computes, as steps of any library, in single precision.

A layer computes them in TensorFlow, a Network as nodes. Masses of ``E - pz`` would lose their digits in single
precision, so ``E + pz`` and ``E - pz`` are kept apart: ``pt exp(eta)`` and ``pt exp(-eta)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from codesign.data.collider import LARGEST_ETA, SMALLEST_PT, ColliderVectors
from codesign.data.collider_inputs import ColliderInputs

T = TypeVar("T")


class Steps(Protocol[T]):
    """Operations on values, (n_events, n) or (n_events, 1) each."""

    def take(self, x: T, places: Sequence[int]) -> T:
        """Return values at places; 0 at places of -1."""

    def join(self, values: Sequence[T]) -> T:
        """Return values side by side."""

    def line(self, x: T, factor: float | np.ndarray, offset: float = 0.0) -> T:
        """Return ``factor x + offset``."""

    def apply(self, function: str, x: T) -> T:
        """Return a function of each value, by the names of :class:`codesign.network.ops.Activation`."""

    def merge(self, operation: str, a: T, b: T) -> T:
        """Return ``add``, ``subtract`` or ``multiply`` of two."""

    def differs(self, x: T, number: float) -> T:
        """Return 1 where values are not this number, else 0."""

    def choose(self, condition: T, x: T, other: T | float) -> T:
        """Return x where a condition is 1, else the other."""


@dataclass(frozen=True)
class _Momenta(Generic[T]):
    """Of all momenta, (n_events, n) each; `across` and `along` are 1 where px and py, or pz, exist, else 0, or None."""

    px: T
    py: T
    pz: T
    pt: T
    plus: T
    minus: T
    eta: T
    across: T | None
    along: T | None


def collider_steps(s: Steps[T], x: T, inputs: ColliderInputs) -> T:
    """Return what a network takes of events, (n_events, n_features) in physical units.

    Args:
        s: operations of a library.
        x: events.
        inputs: what is wanted of them.
    """
    vectors = inputs.vectors
    there = None if vectors.missing is None else s.differs(x, vectors.missing)
    groups = [_cartesian(s, x, there, vectors)] if vectors.cartesian else []
    groups += [_polar(s, x, there, vectors)] if vectors.polar else []
    found = groups[0] if len(groups) == 1 else _joined(s, groups)
    parts = [found.px, found.py, found.pz] if inputs.reference is None else _aligned(s, found, inputs)
    masks = [found.across, found.across, found.along]
    if inputs.pairs:
        for own, mask in _pairs(s, found, inputs):
            parts, masks = [*parts, own], [*masks, mask]
    derived = s.join(parts)
    if there is not None:
        derived = s.choose(s.join(masks), derived, vectors.missing)
    return s.take(s.join([x, derived]), inputs.order())


def _polar(s: Steps[T], x: T, there: T | None, vectors: ColliderVectors) -> _Momenta[T]:
    columns = [
        [-1 if name is None else vectors.features.index(name) for name in part] for part in zip(*vectors.polar.values())
    ]
    pt, eta, phi = (s.take(x, places) for places in columns)
    across = along = None
    flat = pt
    if there is not None:
        etas = [own if own >= 0 else first for own, first in zip(columns[1], columns[0])]
        pts, etas, phis = (s.take(there, places) for places in (columns[0], etas, columns[2]))
        across, along = s.merge("multiply", pts, phis), s.merge("multiply", pts, etas)
        flat, pt, eta = s.merge("multiply", pt, across), s.merge("multiply", pt, along), s.merge("multiply", eta, along)
    eta = _within(s, s.merge("multiply", eta, s.apply("sign", pt)), LARGEST_ETA)
    size, growth = s.apply("abs", pt), s.apply("exponential", eta)
    plus, minus = s.merge("multiply", size, growth), s.merge("multiply", size, s.apply("reciprocal", growth))
    px, py = (s.merge("multiply", flat, s.apply(function, phi)) for function in ("cos", "sin"))
    pz = s.line(s.merge("subtract", plus, minus), 0.5)
    return _Momenta(px, py, pz, s.apply("abs", flat), plus, minus, eta, across, along)


def _cartesian(s: Steps[T], x: T, there: T | None, vectors: ColliderVectors) -> _Momenta[T]:
    columns = [
        [-1 if name is None else vectors.features.index(name) for name in part]
        for part in zip(*vectors.cartesian.values())
    ]
    px, py, pz = (s.take(x, places) for places in columns)
    across = along = None
    if there is not None:
        pzs = [own if own >= 0 else first for own, first in zip(columns[2], columns[0])]
        across, along = s.merge("multiply", *(s.take(there, places) for places in columns[:2])), s.take(there, pzs)
        px, py, pz = (s.merge("multiply", *pair) for pair in ((px, across), (py, across), (pz, along)))
    square = s.merge("add", s.merge("multiply", px, px), s.merge("multiply", py, py))
    pt, energy = s.apply("sqrt", square), s.apply("sqrt", s.merge("add", square, s.merge("multiply", pz, pz)))
    large = s.merge("add", energy, s.apply("abs", pz))
    small = s.merge("multiply", square, s.apply("reciprocal", _at_least(s, large, SMALLEST_PT)))
    is_up = s.differs(s.apply("relu", pz), 0.0)
    ratio = s.merge("multiply", large, s.apply("reciprocal", _at_least(s, pt, SMALLEST_PT)))
    eta = s.merge("multiply", s.apply("log", _at_least(s, ratio, 1.0)), s.apply("sign", pz))
    plus, minus = s.choose(is_up, large, small), s.choose(is_up, small, large)
    return _Momenta(px, py, pz, pt, plus, minus, eta, across, along)


def _at_least(s: Steps[T], x: T, number: float) -> T:
    return s.line(s.apply("relu", s.line(x, 1.0, -number)), 1.0, number)


def _within(s: Steps[T], x: T, limit: float) -> T:
    """Values from -limit to limit, others as the nearer of these."""
    is_below, is_above = (s.differs(s.apply("relu", s.line(x, sign, limit)), 0.0) for sign in (-1.0, 1.0))
    return s.choose(is_above, s.choose(is_below, x, limit), -limit)


def _joined(s: Steps[T], groups: Sequence[_Momenta[T]]) -> _Momenta[T]:
    return _Momenta(*(None if None in own else s.join(own) for own in zip(*(vars(one).values() for one in groups))))


def _aligned(s: Steps[T], found: _Momenta[T], inputs: ColliderInputs) -> list[T]:
    """px, py and pz, turned and mirrored: products with the direction of the reference, and signs."""
    at, other = ([inputs.momenta.index(name)] for name in (inputs.reference, inputs.other))
    x, y = s.take(found.px, at), s.take(found.py, at)
    square = s.merge("add", s.merge("multiply", x, x), s.merge("multiply", y, y))
    exists, inverse = s.differs(square, 0.0), s.apply("rsqrt", square)
    cosine, sine = (s.choose(exists, s.merge("multiply", one, inverse), end) for one, end in ((x, 1.0), (y, 0.0)))
    px = s.merge("add", s.merge("multiply", found.px, cosine), s.merge("multiply", found.py, sine))
    py = s.merge("subtract", s.merge("multiply", found.py, cosine), s.merge("multiply", found.px, sine))
    is_moved = np.ones(len(inputs.momenta))
    is_moved[at] = 0.0  # what rounding leaves of the reference's own py is nothing
    py = s.line(py, is_moved)
    along = found.eta if inputs.reference in inputs.vectors.polar else found.pz
    return [
        px,
        s.merge("multiply", py, _mirror(s, s.take(py, other))),
        s.merge("multiply", found.pz, _mirror(s, s.take(along, at))),
    ]


def _mirror(s: Steps[T], x: T) -> T:
    """-1 where a value is below 0, else 1."""
    return s.line(s.apply("sign", s.apply("relu", s.line(x, -1.0))), -2.0, 1.0)


def _pairs(s: Steps[T], found: _Momenta[T], inputs: ColliderInputs) -> list[tuple[T, T | None]]:
    """Masses of all pairs and distances in eta of some, and where they exist.

    ``m^2 = plus_1 minus_2 + minus_1 plus_2 - 2 (px_1 px_2 + py_1 py_2)``, of a momentum without pz with pt in place of
    plus and minus.
    """
    n, (first, second) = len(inputs.momenta), np.array(inputs.pairs).T
    flat = np.array(inputs.is_flat)[first] | np.array(inputs.is_flat)[second]

    def products(value: T, one: np.ndarray, other: np.ndarray) -> T:
        return s.merge("multiply", s.take(value, one.tolist()), s.take(value, other.tolist()))

    light = s.join([found.plus, found.minus, found.pt])
    plus, minus = ([np.where(flat, 2 * n + at, start + at) for at in (first, second)] for start in (0, n))
    energies = s.merge("add", products(light, plus[0], minus[1]), products(light, minus[0], plus[1]))
    across = s.merge("add", products(found.px, first, second), products(found.py, first, second))
    masses = s.apply("sqrt", s.apply("relu", s.merge("subtract", energies, s.line(across, 2.0))))
    there = [None, None]
    if found.across is not None:
        whole = s.join([s.merge("multiply", found.across, found.along), found.across])
        there[0] = products(whole, *(np.where(flat, n + at, at) for at in (first, second)))
    if flat.all():
        return [(masses, there[0])]
    first, second = first[~flat], second[~flat]
    distances = s.apply("abs", s.merge("subtract", *(s.take(found.eta, at.tolist()) for at in (first, second))))
    if found.across is not None:
        there[1] = products(whole, first, second)
    return [(masses, there[0]), (distances, there[1])]
