"""Momenta of collider events, named once: rotations, mirrors, alignment, components, masses, in physical units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from codesign._arguments import checked
from codesign.data.missing import warn_of_missing
from codesign.errors import ConfigError, DataError, nearest

Column = str | None
SMALLEST_PT = 1e-12  # that is divided by
LARGEST_ETA = 20.0  # of which exponentials are taken: twice that of a beam of the LHC


@checked
@dataclass(frozen=True)
class ColliderVectors:
    """Which columns of events are the components of momenta.

    Collisions look alike when they are turned about the beam, and mirrored in a plane through it or across it: nothing
    that a network should learn depends on that. :meth:`moved` does it to events, :meth:`aligned` undoes it.

    Args:
        features: names of all columns.
        polar: name of a momentum -> the columns of its pt, eta and phi; None for an eta that is not measured, as of
            missing momentum.
        cartesian: name of a momentum -> the columns of its px, py and pz; None for a pz that is not measured.
        missing: value that stands for one that does not exist, such as -999; it is left as it is. None: there is none
            (a MissingValueWarning of :meth:`moved`, :meth:`copies` and :meth:`aligned` tells of values that look it).

    Raises:
        ConfigError: for a column that is not there (it names the nearest), or has two meanings.

    Example:
        >>> import numpy as np
        >>> from codesign.data import ColliderVectors
        >>> vectors = ColliderVectors(("mass", "pt", "eta", "phi"), polar={"muon": ("pt", "eta", "phi")})
        >>> vectors.moved(np.array([[91.0, 40.0, 1.5, 0.5]]), 1.0, mirror_y=True, mirror_z=True).tolist()
        [[91.0, 40.0, -1.5, -1.5]]
    """

    features: tuple[str, ...]
    polar: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    cartesian: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    missing: float | None = None

    def __post_init__(self) -> None:
        used: list[str] = []
        for kind, parts in (("polar", "pt, eta, phi"), ("cartesian", "px, py, pz")):
            for name, columns in getattr(self, kind).items():
                optional = 1 if kind == "polar" else 2
                if len(columns) != 3 or any(one is None and at != optional for at, one in enumerate(columns)):
                    raise ConfigError(f"{kind}: expected the columns of {parts} of '{name}'. Received: {columns}")
                used += [one for one in columns if one is not None]
        if len(set(self.features)) < len(self.features):
            twice = next(one for one in self.features if self.features.count(one) > 1)
            raise ConfigError(f"features: expected a name of its own for each column. Received: {twice!r:.60} twice")
        if self.missing is not None and not abs(self.missing) <= np.finfo(np.float32).max:
            raise ConfigError(f"missing: expected a finite number, or None. Received: {self.missing}")
        missing = next((one for one in used if one not in self.features), None)
        if missing is not None:
            raise ConfigError(
                f"vectors: expected columns of the events. Received: {missing!r:.60}{nearest(missing, self.features)}"
            )
        used += [f"the name {name}" for name in (*self.polar, *self.cartesian)]
        twice = next((one for one in used if used.count(one) > 1), None)
        if twice is not None or not used:
            raise ConfigError(f"vectors: expected columns, each once. Received: {twice or 'none'}")

    def places(self, part: str) -> list[int]:
        """Return the places of all columns of a part: ``phi``, ``eta``, ``px``, ``py``, ``pz``; -1 for one of None."""
        kind, at = {"eta": ("polar", 1), "phi": ("polar", 2)}.get(part) or ("cartesian", ("px", "py", "pz").index(part))
        return [-1 if one[at] is None else self.features.index(one[at]) for one in getattr(self, kind).values()]

    def moved(
        self,
        x: np.ndarray,
        angle: float | np.ndarray = 0.0,
        *,
        mirror_y: bool | np.ndarray = False,
        mirror_z: bool | np.ndarray = False,
    ) -> np.ndarray:
        """Return events turned about the beam, then mirrored; of a momentum without px or py, neither exists.

        Args:
            x: (n_events, n_features), in physical units.
            angle: radians, one or one for each event.
            mirror_y: whether py, or phi, becomes its negative.
            mirror_z: whether pz, or eta, does.
        """
        x = self._checked(x)
        warn_of_missing(x, self.features, self.missing)
        return self._moved(x, angle, mirror_y, mirror_z)

    def _moved(self, x: np.ndarray, angle: object, mirror_y: object, mirror_z: object) -> np.ndarray:
        found = x.astype(np.float64)
        angle, y, z = (
            _of_events(name, one, len(found))
            for name, one in (("angle", angle), ("mirror_y", mirror_y), ("mirror_z", mirror_z))
        )
        y, z = np.where(y, -1.0, 1.0), np.where(z, -1.0, 1.0)
        phi, px, py = (self.places(part) for part in ("phi", "px", "py"))
        turned = found[:, phi] + angle
        found[:, phi] = y * (turned - 2 * np.pi * np.round(turned / (2 * np.pi)))
        cosine, sine, before = np.cos(angle), np.sin(angle), found[:, px]
        found[:, px], found[:, py] = cosine * before - sine * found[:, py], y * (sine * before + cosine * found[:, py])
        along = [place for part in ("eta", "pz") for place in self.places(part) if place >= 0]
        found[:, along] *= z
        if self.missing is None:
            return found
        is_missing = x == self.missing
        is_missing[:, px] = is_missing[:, py] = is_missing[:, px] | is_missing[:, py]
        return np.where(is_missing, self.missing, found)

    def copies(self, x: np.ndarray) -> list[np.ndarray]:
        """Return eight copies of events: turned by 0 and pi, mirrored in y or not, in z or not."""
        x = self._checked(x)
        warn_of_missing(x, self.features, self.missing)
        return [self._moved(x, angle, y, z) for angle in (0.0, np.pi) for y in (False, True) for z in (False, True)]

    def aligned(self, x: np.ndarray, reference: str, other: str) -> np.ndarray:
        """Return events turned and mirrored into one position: what is left is the same for all copies of an event.

        Args:
            x: (n_events, n_features), in physical units.
            reference: momentum that is turned to phi = 0, and to eta of 0 or above; take one that each event has: an
                event without it is not turned, nor mirrored along the beam.
            other: momentum that gets a py of 0 or above.

        Raises:
            ConfigError: for a name that is none of the momenta, or the same twice.
            DataError: for events of another shape.
        """
        self.check_names(reference=reference, other=other)
        x = self._checked(x)
        warn_of_missing(x, self.features, self.missing)
        parts = self.components(x)
        (px, py, pz), (qx, qy, _) = parts[reference], parts[other]
        there = ~np.isnan(px + py)
        px, py = np.where(there & ((px != 0) | (py != 0)), (px, py), [[1.0], [0.0]])  # else it has no direction
        angle, is_below = -np.arctan2(py, px), px * qy - py * qx < 0
        found = self._moved(x, angle, is_below, np.nan_to_num(pz) < 0)
        column = self._across(reference)
        turns = np.round(found[there, column] / np.pi) * np.pi  # 0, or pi of a negative pt
        found[there, column] = turns if reference in self.polar else 0.0  # and not what rounding left
        return found

    def check_names(self, *, reference: str | None, other: str | None) -> None:
        """Check that two different momenta are named, the reference with what it is to be mirrored by.

        Raises:
            ConfigError: for a name that is none of the momenta, the same twice, or a reference without eta or pz where
                others have one.
        """
        known = (*self.polar, *self.cartesian)
        for name, one in (("reference", reference), ("other", other)):
            if one not in known:
                near = nearest(one, known) if isinstance(one, str) else ""
                raise ConfigError(f"{name}: expected one of {', '.join(known)}. Received: {one!r:.60}{near}")
        if reference == other:
            raise ConfigError(f"other: expected another momentum than the reference. Received: {other!r:.60} for both")
        measured = [name for name, columns in {**self.polar, **self.cartesian}.items() if None not in columns]
        if measured and reference not in measured:
            raise ConfigError(
                f"reference: expected a momentum with eta or pz, one of {', '.join(measured)}. Received: "
                f"{reference!r:.60}"
            )

    def _across(self, name: str) -> int:
        """Return the column of the phi of a momentum, or of its py."""
        return self.features.index(self.polar[name][2] if name in self.polar else self.cartesian[name][1])

    def components(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Return (3, n_events) px, py, pz of each momentum, NaN where they do not exist."""
        x, found = self._checked(x).astype(np.float64), {}
        for name, columns in (*self.polar.items(), *self.cartesian.items()):
            parts = [np.zeros(len(x)) if one is None else self._column(x, one) for one in columns]
            if name in self.polar:
                pt, eta, phi = parts
                parts = [pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(np.clip(eta, -LARGEST_ETA, LARGEST_ETA))]
            found[name] = np.stack(parts)
        return found

    def to_cartesian(self, x: np.ndarray) -> tuple[np.ndarray, "ColliderVectors"]:
        """Return events with px, py, pz in place of pt, eta, phi, behind the other columns, and what these are."""
        polar = {one for columns in self.polar.values() for one in columns}
        kept = [index for index, name in enumerate(self.features) if name not in polar]
        parts, names, vectors = self.components(x), [self.features[index] for index in kept], dict(self.cartesian)
        columns = [np.asarray(x, np.float64)[:, kept]]
        for name, (_, eta, _) in self.polar.items():
            own = [f"{name}_px", f"{name}_py", *([] if eta is None else [f"{name}_pz"])]
            vectors[name] = (*own, None)[:3]
            names += own
            columns.append(self._filled(parts[name][: len(own)].T))
        return np.hstack(columns), ColliderVectors(tuple(names), cartesian=vectors, missing=self.missing)

    def masses(self, x: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return what each two momenta have that no turn and no mirror changes, and its names.

        The mass of both, taken for massless, and the distance in eta; of one that has no eta, the transverse mass.
        """
        parts = self.components(x)
        flat = {name for name, columns in (*self.polar.items(), *self.cartesian.items()) if None in columns}
        across = {name: np.hypot(*vector[:2]) for name, vector in parts.items()}
        sizes = {name: np.hypot(across[name], vector[2]) for name, vector in parts.items()}
        etas = {name: np.arcsinh(vector[2] / np.maximum(across[name], SMALLEST_PT)) for name, vector in parts.items()}
        columns, names = [], []
        for one, other in combinations(parts, 2):
            (px, py, pz), (qx, qy, qz), is_flat = parts[one], parts[other], {one, other} & flat
            square = across[one] * across[other] if is_flat else sizes[one] * sizes[other] - pz * qz
            columns.append(np.sqrt(np.maximum(2 * (square - px * qx - py * qy), 0)))
            names.append(f"{'mt' if is_flat else 'm'}_{one}_{other}")
            if not is_flat:
                columns.append(np.abs(etas[one] - etas[other]))
                names.append(f"deta_{one}_{other}")
        return self._filled(np.stack(columns, 1) if columns else np.zeros((len(x), 0))), tuple(names)

    def _checked(self, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x)
        if x.ndim != 2 or x.shape[1] != len(self.features):
            raise DataError(
                f"x: expected shape (n_events, {len(self.features)}), as the features are named. Received: {x.shape}"
            )
        if x.dtype.kind not in "fiub":
            raise DataError(f"x: expected numbers. Received: {x.dtype}")
        return x

    def _column(self, x: np.ndarray, name: str) -> np.ndarray:
        values = x[:, self.features.index(name)]
        return values if self.missing is None else np.where(values == self.missing, np.nan, values)

    def _filled(self, values: np.ndarray) -> np.ndarray:
        return values if self.missing is None else np.where(np.isnan(values), self.missing, values)


def _of_events(name: str, value: object, n_events: int) -> np.ndarray:
    """Return (n_events, 1) or (1, 1)."""
    found = np.reshape(value, (-1, 1))
    if len(found) not in (1, n_events):
        raise DataError(f"{name}: expected one, or one for each of {n_events} events. Received: {len(found)}")
    return found
