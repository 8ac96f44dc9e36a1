"""ColliderInputs: what a network takes of events with momenta, and where each of it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from codesign._arguments import checked
from codesign.data.collider import ColliderVectors


@checked
@dataclass(frozen=True)
class ColliderInputs:
    """The columns that are no momenta, px, py, pz of each momentum, and what each two of them have.

    Args:
        vectors: of the columns.
        reference, other: momenta that events are aligned by, see :meth:`codesign.data.ColliderVectors.aligned`; None:
            events stay as they are.
        masses: whether masses and distances of pairs are added, see :meth:`codesign.data.ColliderVectors.masses`.

    Raises:
        ConfigError: for a name that is none of the momenta, or one name alone.

    Example:
        >>> import numpy as np
        >>> from codesign.data import ColliderVectors
        >>> from codesign.data.collider_inputs import ColliderInputs
        >>> vectors = ColliderVectors(("pt", "phi", "met"), {"lep": ("pt", None, "phi")})
        >>> ColliderInputs(vectors).evaluate(np.array([[40.0, 0.0, 1.0]])).tolist(), ColliderInputs(vectors).names
        ([[1.0, 40.0, 0.0]], ('met', 'lep_px', 'lep_py'))
    """

    vectors: ColliderVectors
    reference: str | None = None
    other: str | None = None
    masses: bool = True

    def __post_init__(self) -> None:
        if self.reference is not None or self.other is not None:
            self.vectors.check_names(reference=self.reference, other=self.other)

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_inputs) float64."""
        if self.reference is not None:
            x = self.vectors.aligned(x, self.reference, self.other)
        components, cartesian = self.vectors.to_cartesian(x)
        return np.hstack([components, cartesian.masses(components)[0]]) if self.masses else components

    @property
    def cartesian(self) -> ColliderVectors:
        """Which of the inputs are components."""
        return self.vectors.to_cartesian(np.zeros((1, len(self.vectors.features))))[1]

    @property
    def names(self) -> tuple[str, ...]:
        """What the inputs are called."""
        cartesian = self.cartesian
        more = cartesian.masses(np.zeros((1, len(cartesian.features))))[1] if self.masses else ()
        return (*cartesian.features, *more)

    @property
    def momenta(self) -> list[str]:
        """Names of the momenta, those of components first."""
        return [*self.vectors.cartesian, *self.vectors.polar]

    @property
    def is_flat(self) -> list[bool]:
        """Of which momenta nothing along the beam is measured."""
        return [None in columns for columns in (*self.vectors.cartesian.values(), *self.vectors.polar.values())]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Places of the momenta of each pair."""
        return list(combinations(range(len(self.momenta)), 2)) if self.masses else []

    def order(self) -> list[int]:
        """Return where each input is among the columns, then all px, py, pz, masses, and distances in eta."""
        return [*self._of_columns(), *self._of_components(), *self._of_pairs()]

    def _of_columns(self) -> Iterator[int]:
        start, n = len(self.vectors.features), len(self.momenta)
        moved = {}
        if self.reference is not None:
            for at, columns in enumerate(self.vectors.cartesian.values()):
                moved |= {name: start + part * n + at for part, name in enumerate(columns)}
        polar = {name for columns in self.vectors.polar.values() for name in columns}
        for place, name in enumerate(self.vectors.features):
            if name not in polar:
                yield moved.get(name, place)

    def _of_components(self) -> Iterator[int]:
        start, n, before = len(self.vectors.features), len(self.momenta), len(self.vectors.cartesian)
        for at, columns in enumerate(self.vectors.polar.values(), before):
            yield from (start + part * n + at for part in range(2 if None in columns else 3))

    def _of_pairs(self) -> Iterator[int]:
        mass = len(self.vectors.features) + 3 * len(self.momenta)
        distance = mass + len(self.pairs)
        for one, other in self.pairs:
            yield mass
            mass += 1
            if not (self.is_flat[one] or self.is_flat[other]):
                yield distance
                distance += 1
