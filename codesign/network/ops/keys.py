"""Keys: one-bit questions of values, which tables take: a threshold, or one bit of a two's complement code."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.ops.constants import frozen_array, frozen_places
from codesign.network.ops.op import FixedOp, Op, Shape, Tensor
from codesign.network.types.fixed_point import FixedPoint

BIT = FixedPoint(1, 1, signed=False)
_BEYOND = 2.0**62  # no code is as large


@dataclass(frozen=True, eq=False)
class _Keys(Op):
    """Args: index: (n_keys,) int64, the place of the value that each key asks."""

    index: np.ndarray

    def shape(self, *shapes: Shape) -> Shape:
        """(n,) to (n_keys,)."""
        check_vector(shapes[0])
        check_places(self.index, shapes[0][0], "index")
        return self.index.shape

    def check_pairs(self, name: str) -> None:
        """Make the fields arrays of one value for each key."""
        object.__setattr__(self, "index", frozen_places(self.index, "index"))
        values = frozen_array(getattr(self, name), name)
        object.__setattr__(self, name, values)
        if values.shape != self.index.shape or not values.size:
            raise UnsupportedLayerError(
                f"{name}: expected one for each of {self.index.size} keys, and at least one key. "
                f"Received: shape {values.shape}"
            )


@checked
@dataclass(frozen=True, eq=False)
class Threshold(_Keys):
    """``x[index] >= value``, 1 or 0.

    In integers ``code >= ceil(value * 2**fraction)``, which is the same of the values that a type has.

    Args:
        index: (n_keys,) the place of the value that each key compares.
        value: (n_keys,) what with.

    Raises:
        PrecisionError: for NaN or inf; when a design's types are worked out, for a threshold that no value of the type
            crosses.

    Example:
        >>> from codesign.network.ops import Threshold
        >>> import numpy as np
        >>> Threshold([0, 1, 1], [0.5, -1.0, 2.0]).evaluate(np.array([[0.5, 0.0]])).tolist()
        [[1.0, 1.0, 0.0]]
    """

    value: np.ndarray

    def __post_init__(self) -> None:
        self.check_pairs("value")

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return 1 where a value is at least its threshold, else 0."""
        return (values[0][:, self.index] >= self.value).astype(np.float64)

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedThreshold":
        """Return the comparison of codes."""
        codes = threshold_codes(self, inputs[0])
        low, high = (_limits(inputs[0], name)[self.index] for name in ("code_low", "code_high"))
        idle = np.flatnonzero((codes <= low) | (codes > high))
        if idle.size:
            key = idle[0]
            place, always = self.index[key], int(codes[key] <= low[key])
            step = 2.0 ** -float(_limits(inputs[0], "fraction")[place])
            raise PrecisionError(
                f"threshold {key}, of value {place}: expected a threshold that its type "
                f"{_type_text(inputs[0].type, place)} crosses, above {low[key] * step:g} and at most "
                f"{high[key] * step:g}. Received: {self.value[key]:g}, at which the bit is always {always}; leave the "
                "key out, or widen the type"
            )
        return FixedThreshold(self.index, codes, output or BIT)


@checked
@dataclass(frozen=True, eq=False)
class Bit(_Keys):
    """One bit of a two's complement code, ``floor(x[index] / weight) mod 2``.

    As a key of a table it costs nothing: the wire is there.

    Args:
        index: (n_keys,) the place of the value of which each key is a bit.
        weight: (n_keys,) what a 1 there is worth, a power of two; the sign bit is that of the highest weight.

    Raises:
        PrecisionError: for weights that are no powers of two; when a design's types are worked out, for a bit that the
            type does not have.

    Example:
        >>> from codesign.network.ops import Bit
        >>> import numpy as np
        >>> Bit([0, 0, 0], [0.5, 1.0, 4.0]).evaluate(np.array([[2.5], [-0.5]])).tolist()
        [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    """

    weight: np.ndarray

    def __post_init__(self) -> None:
        self.check_pairs("weight")
        strange = np.flatnonzero((self.weight <= 0) | (np.frexp(self.weight)[0] != 0.5))
        if strange.size:
            raise PrecisionError(
                f"weight: expected powers of two. Received: {self.weight[strange[0]]:g} for key {strange[0]}"
            )

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return the bits, 1 or 0."""
        return np.floor(values[0][:, self.index] / self.weight) % 2

    def bind(self, inputs: Sequence[Tensor], output: FixedPoint | None) -> "FixedBit":
        """Return the bits' places in the codes."""
        place = np.frexp(self.weight)[1] - 1 + _limits(inputs[0], "fraction")[self.index]
        width = _limits(inputs[0], "width")[self.index]
        missing = np.flatnonzero((place < 0) | (place >= width))
        if missing.size:
            key = missing[0]
            source = self.index[key]
            lowest = 2.0 ** -float(_limits(inputs[0], "fraction")[source])
            raise PrecisionError(
                f"bit {key}, of value {source}: expected a bit that its type {_type_text(inputs[0].type, source)} has, "
                f"of weight {lowest:g} to {lowest * 2.0 ** (int(width[key]) - 1):g}. Received: {self.weight[key]:g}"
            )
        return FixedBit(self.index, place, output or BIT)


@dataclass(frozen=True, eq=False)
class FixedThreshold(FixedOp):
    """Threshold bound to the type of its input: ``code[index] >= codes``.

    Args:
        index: (n_keys,) places of the values.
        codes: (n_keys,) int64, each in the step of the value that it is compared with.
        output: type of the bits.
    """

    index: np.ndarray
    codes: np.ndarray
    output: FixedPoint

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, n) codes."""
        return _bits_as(self.output, codes[0][:, self.index] >= self.codes)


@dataclass(frozen=True, eq=False)
class FixedBit(FixedOp):
    """Bit bound to the type of its input: ``code[index] >> place & 1``.

    Args:
        index: (n_keys,) places of the values.
        place: (n_keys,) int64, places of the bits in their codes; 0 is the lowest.
        output: type of the bits.
    """

    index: np.ndarray
    place: np.ndarray
    output: FixedPoint

    def forward(self, *codes: np.ndarray) -> np.ndarray:
        """Evaluate (n_events, n) codes."""
        return _bits_as(self.output, codes[0][:, self.index] >> self.place & 1)


def threshold_codes(op: Threshold, source: Tensor) -> np.ndarray:
    """Return the smallest code at which each bit is 1, (n_keys,) int64, whether its type has it or not."""
    with np.errstate(over="ignore"):
        scaled = np.ceil(np.ldexp(op.value, _limits(source, "fraction")[op.index]))
    return np.clip(scaled, -_BEYOND, _BEYOND).astype(np.int64)


def check_vector(shape: Shape) -> None:
    """Check that values have one axis.

    Raises:
        UnsupportedLayerError: for more.
    """
    if len(shape) != 1:
        raise UnsupportedLayerError(f"expected a vector, (n,). Received: {shape}; put a Flatten in front")


def check_places(places: np.ndarray, size: int, what: str) -> None:
    """Check that places are within a vector.

    Raises:
        UnsupportedLayerError: for others.
    """
    outside = places[(places < 0) | (places >= size)]
    if outside.size:
        raise UnsupportedLayerError(f"{what}: expected places from 0 to {size - 1}. Received: {outside[0]}")


def _limits(source: Tensor, name: str) -> np.ndarray:
    """A property of a type, of each of the values."""
    return np.broadcast_to(getattr(source.type, name), source.shape)


def _type_text(kind: FixedPoint, place: int) -> str:
    if not kind.per_element:
        return str(kind)
    bits = (np.ravel(part)[place if np.size(part) > 1 else 0] for part in (kind.width, kind.integer, kind.signed))
    width, integer, signed = bits
    return f"ap_{'' if signed else 'u'}fixed<{width},{integer}>"


def _bits_as(output: FixedPoint, bits: np.ndarray) -> np.ndarray:
    codes = bits.astype(np.int64)
    return codes if output is BIT else output.requantize(codes, 0)
