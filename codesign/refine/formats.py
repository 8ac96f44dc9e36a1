"""Format: the type of a value, per element along its last axis, while refinement moves it."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from codesign.network import FixedPoint, Network
from codesign.network.ops import Dense, Quantize, Shape


@dataclass(eq=False)
class Format:
    """The format of what a layer takes, per element.

    Args:
        width, fraction: (n,) int64 bits in all and behind the binary point: n along the last axis, or of all elements.
        given: the type as it came, with the modes.
        name: of the node or input that casts to it; empty where nothing does, and values keep what they need.
        is_free: whether elements have formats of their own, which nothing else reads.
        is_input: whether it is that of an input of the network.
    """

    width: np.ndarray
    fraction: np.ndarray
    given: FixedPoint
    name: str = ""
    is_free: bool = False
    is_input: bool = False

    @classmethod
    def of_type(cls, given: FixedPoint, shape: Shape, name: str = "", *, is_input: bool = False) -> "Format":
        """Return the format of a value of this shape."""
        bits = [np.broadcast_to(one, shape) for one in (given.width, given.fraction)]
        rows = [one.reshape(-1, shape[-1]) for one in bits]
        is_along_last = all((one == one[0]).all() for one in rows)
        width, fraction = ((one[0] if is_along_last else one.ravel()).astype(np.int64) for one in rows)
        return cls(width, fraction, given, name, given.per_element and is_along_last, is_input)

    @property
    def truncates(self) -> bool:
        """Whether values are rounded down, half a step too low on average."""
        return self.given.rounding == "TRN"

    def quantise(self, values: np.ndarray, elements: np.ndarray) -> np.ndarray:
        """Return values of some elements, (n, n_events), in this format, float32.

        What FixedPoint.quantize gives, many times as fast: rows that fit, and few do not, skip the modulo.
        """
        of = elements % len(self.width)
        width = self.width[of][:, np.newaxis]
        precision = replace(self.given, width=width, integer=width - self.fraction[of][:, np.newaxis])
        step = np.exp2(-precision.fraction.astype(np.float32))
        codes = np.floor(values / step + np.float32(0.5 * (precision.rounding == "RND")))
        low, high = (limit.astype(np.float32) for limit in (precision.code_low, precision.code_high))
        if precision.overflow == "WRAP":
            beyond = ((codes > high) | (codes < low)).any(1)
            codes[beyond] = np.mod(codes[beyond] - low[beyond], high[beyond] - low[beyond] + 1) + low[beyond]
        else:
            codes = np.clip(codes, low, high)
        return (codes * step).astype(np.float32)

    def as_type(self, shape: Shape) -> FixedPoint:
        """Return the type of all elements."""
        if not self.given.per_element:
            return self.given
        width, fraction = (one if len(one) == shape[-1] else one.reshape(shape) for one in (self.width, self.fraction))
        return replace(self.given, width=width, integer=width - fraction)


def n_places(shape: Shape) -> int:
    """Return at how many places a dense layer works on values of this shape."""
    return prod(shape[:-1])


def formats_of(network: Network) -> dict[str, Format]:
    """The formats of all that is cast; a quantizer right behind an input of the same type shares that of the input."""
    shapes, takers = network.shapes, {}
    for node in network.nodes:
        for name in node.inputs:
            takers.setdefault(name, []).append(node)
    formats = {one.name: Format.of_type(one.precision, one.shape, one.name, is_input=True) for one in network.inputs}
    ends = {name: name for name in formats}
    for node in network.nodes:
        source = formats.get(node.inputs[0])
        if isinstance(node.op, Quantize) and source and source.is_input and len(takers[node.inputs[0]]) == 1:
            if node.output is None or node.output == source.given:
                formats[node.name], ends[source.name] = source, node.name
                continue
        if node.output is not None:
            formats[node.name], ends[node.name] = Format.of_type(node.output, shapes[node.name], node.name), node.name
    for form in formats.values():
        readers = takers.get(ends[form.name], [])
        form.is_free &= (
            len(readers) == 1 and isinstance(readers[0].op, Dense) and ends[form.name] not in network.outputs
        )
    return formats
