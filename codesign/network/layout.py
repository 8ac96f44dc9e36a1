"""Layout: several tensors side by side, each flattened, as events and outputs stand in arrays, ports and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np

from codesign.errors import DataError, PrecisionError
from codesign.network.ops import Shape
from codesign.network.types.fixed_point import FixedPoint
from codesign.network.types.ranges import moved_type

Events = np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Layout:
    """Names and shapes of tensors, in their order.

    Args:
        shapes: by name, events not counted.
    """

    shapes: Mapping[str, Shape]

    @cached_property
    def size(self) -> int:
        """Values of an event."""
        return sum(prod(shape) for shape in self.shapes.values())

    @property
    def is_vector(self) -> bool:
        """Whether it is one tensor of one axis."""
        return [len(shape) for shape in self.shapes.values()] == [1]

    def split(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Return parts of (n_events, size) by name, each (n_events, *shape)."""
        if len(self.shapes) == 1:
            return {name: values.reshape(len(values), *shape) for name, shape in self.shapes.items()}
        parts = np.split(values, np.cumsum([prod(shape) for shape in self.shapes.values()])[:-1], axis=1)
        return {name: part.reshape(len(part), *shape) for part, (name, shape) in zip(parts, self.shapes.items())}

    def join(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return (n_events, size) of (n_events, *shape) by name."""
        return _flat([values[name] for name in self.shapes])

    def join_types(self, types: Mapping[str, FixedPoint]) -> FixedPoint:
        """Return the type of all values side by side: one, or one for each."""
        found = [types[name] for name in self.shapes]
        if self.is_vector or (len(set(found)) == 1 and not found[0].per_element):
            return found[0]
        each = [one if one.per_element else replace(one, width=np.array([one.width])) for one in found]
        return moved_type(lambda *parts: _flat(parts), each, list(self.shapes.values()))

    def split_type(self, precision: FixedPoint) -> dict[str, FixedPoint]:
        """Return the part of a type of all values side by side that is each tensor's, by name.

        Raises:
            PrecisionError: for a type of another number of values.
        """
        parts = []
        for part in (precision.width, precision.integer, precision.signed):
            if np.ndim(part) > 1 or np.size(part) not in (1, self.size):
                raise PrecisionError(
                    f"precision: expected one type, or one for each of {self.size} values. Received: {np.shape(part)}"
                )
            parts.append(self.split(np.broadcast_to(np.asarray(part), (1, self.size))))
        modes = precision.rounding, precision.overflow
        return {name: FixedPoint(*(part[name][0] for part in parts), *modes) for name in self.shapes}

    def check_events(self, x: object) -> np.ndarray:
        """Return x as (n_events, size) float64.

        Args:
            x: (n_events, size); of one tensor (n_events, *shape); of several a list of such arrays, or a mapping by
                name.

        Raises:
            DataError: for a wrong shape, NaN or inf.
        """
        x = self._side_by_side(x)
        try:
            x = np.asarray(x, dtype=np.float64)
        except (TypeError, ValueError):
            raise DataError(
                f"x: expected numbers of shape (n_events, {self.size}). Received: {type(x).__name__}"
            ) from None
        if x.ndim > 2 and [x.shape[1:]] == list(self.shapes.values()):
            x = x.reshape(len(x), self.size)
        if x.ndim != 2 or x.shape[1] != self.size:
            raise DataError(
                f"x: expected shape (n_events, {self.size}){self._also}. Received: {x.shape}; "
                "pass the features the network was trained on"
            )
        bad = np.count_nonzero(~np.isfinite(x).all(1))
        if bad:
            raise DataError(
                f"x: expected finite numbers. Received: NaN or inf in {bad} of {len(x)} events; remove or impute them"
            )
        return x

    def _side_by_side(self, x: object) -> object:
        """Several arrays as one; anything else as it is."""
        if isinstance(x, Mapping):
            if set(x) != set(self.shapes):
                raise DataError(
                    f"x: expected arrays of {', '.join(self.shapes)}. Received: {', '.join(map(str, x)) or 'none'}"
                )
            x = [x[name] for name in self.shapes]
        elif (
            len(self.shapes) == 1 or not isinstance(x, (list, tuple)) or len(x) != len(self.shapes) or np.ndim(x[0]) < 2
        ):
            return x
        try:
            parts = [np.asarray(part, np.float64) for part in x]
        except (TypeError, ValueError):
            raise DataError(f"x: expected arrays of numbers, of {', '.join(self.shapes)}. Received: others") from None
        given, expected = [part.shape[1:] for part in parts], list(self.shapes.values())
        if given != expected or len({len(part) for part in parts}) > 1:
            raise DataError(
                f"x: expected arrays of shapes {expected} for the same events. Received: {[p.shape for p in parts]}"
            )
        return _flat(parts)

    @property
    def _also(self) -> str:
        """What x may be besides, for a message."""
        if self.is_vector:
            return ""
        if len(self.shapes) > 1:
            return f", or arrays of {', '.join(self.shapes)}"
        (shape,) = self.shapes.values()
        return f", or (n_events, {', '.join(map(str, shape))})"


def _flat(values: Sequence[np.ndarray]) -> np.ndarray:
    rows = [one.reshape(len(one), prod(one.shape[1:])) for one in values]
    return rows[0] if len(rows) == 1 else np.concatenate(rows, 1)
