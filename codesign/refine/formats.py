"""Format: the type of a value, per element along its last axis, while refinement moves it."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import MOVES, Dense, Quantize, Shape


@dataclass(eq=False)
class Format:
    """The format of what a layer takes, per element.

    Args:
        width, fraction: (n,) int64 bits in all and behind the binary point: n along the last axis, or of all elements.
        given: the type as it came, with the modes.
        signed: (n,) bool.
        name: of the node or input that casts to it; empty where nothing does, and values keep what they need.
        is_free: whether elements have formats of their own, which nothing else reads.
        is_input: whether it is that of an input of the network, perhaps moved about and rounded.
        finest: (n,) bits behind the binary point that are sent; None: as many as are asked for.
    """

    width: np.ndarray
    fraction: np.ndarray
    given: FixedPoint
    signed: np.ndarray
    name: str = ""
    is_free: bool = False
    is_input: bool = False
    finest: np.ndarray | None = None

    @classmethod
    def of_type(cls, given: FixedPoint, shape: Shape, name: str = "", *, sent: FixedPoint | None = None) -> "Format":
        """Return the format of a value of this shape.

        Args:
            name: see :class:`Format`.
            sent: of an input of the network, the type in which it comes; None: no input.
        """
        bits = [np.broadcast_to(one, shape) for one in (given.width, given.fraction, given.signed)]
        rows = [one.reshape(-1, shape[-1]) for one in bits]
        is_along_last = all((one == one[0]).all() for one in rows)
        width, fraction, signed = ((one[0] if is_along_last else one.ravel()).astype(np.int64) for one in rows)
        is_free = given.per_element and is_along_last
        made = cls(width, fraction, given, signed.astype(bool), name, is_free, sent is not None)
        if made.is_sent and sent is not None:
            finest = np.broadcast_to(sent.fraction, shape).reshape(-1, shape[-1])
            made.finest = np.maximum(finest.min(0), fraction) if is_along_last else finest.ravel()
        return made

    @property
    def is_sent(self) -> bool:
        """Whether bits may only be left out at the low end, as of an input that comes as it is."""
        return self.is_input and (self.given.rounding, self.given.overflow) == ("TRN", "WRAP")

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
        integer, signed = width - self.fraction[of][:, np.newaxis], self.signed[of][:, np.newaxis]
        precision = replace(self.given, width=width, integer=integer, signed=signed)
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


def formats_of(network: Network, sent: FixedPoint | None = None) -> dict[str, Format]:
    """The formats of all that is cast; a quantizer right behind an input of the same type shares that of the input.

    Args:
        network: with types.
        sent: type of its inputs side by side as they come; None: that which they have.
    """
    shapes, types = network.shapes, network.types
    takers: dict[str, list[Node]] = {}
    for node in network.nodes:
        for name in node.inputs:
            takers.setdefault(name, []).append(node)
    comes = {one.name: one.precision for one in network.inputs}
    comes |= {} if sent is None else network.input_layout.split_type(sent)
    formats = {
        one.name: Format.of_type(one.precision, one.shape, one.name, sent=comes[one.name]) for one in network.inputs
    }
    ends, inputs = {name: name for name in formats}, set(formats)
    for node in network.nodes:
        source = formats.get(node.inputs[0])
        if isinstance(node.op, (Quantize, *MOVES)) and inputs.issuperset(node.inputs):
            inputs.add(node.name)
        if isinstance(node.op, Quantize) and source and source.is_input and len(takers[node.inputs[0]]) == 1:
            if node.output is None or node.output == source.given:
                formats[node.name], ends[source.name] = source, node.name
                continue
        if node.output is not None:
            before = types[node.inputs[0]] if isinstance(node.op, Quantize) and node.name in inputs else None
            formats[node.name] = Format.of_type(node.output, shapes[node.name], node.name, sent=before)
            ends[node.name] = node.name
    for form in formats.values():
        readers = takers.get(ends[form.name], [])
        form.is_free &= (
            len(readers) == 1 and isinstance(readers[0].op, Dense) and ends[form.name] not in network.outputs
        )
    return formats
