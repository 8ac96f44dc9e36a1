"""Einsums as transposes, dense ops and products of matrices."""

from dataclasses import dataclass
from math import prod

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import FixedPoint
from codesign.network.ops import MatMul, Shape
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.parts.axes import permuted, reshaped
from codesign.read.typed_array import TypedArray, affine_of, dense_of

_LARGEST_KERNEL = 2**24
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Einsum:
    """The axes of two operands and of the result, a letter each, those of the events left out.

    Args:
        first, second, result: letters.
        sizes: of each letter.
    """

    first: str
    second: str
    result: str
    sizes: dict[str, int]

    @classmethod
    def parse(cls, name: str, equation: str, first: Shape, second: Shape, *, is_kernel: bool) -> "Einsum":
        """Read an equation such as ``abc,cd->abd``.

        Args:
            name: of the layer, for messages.
            equation: as NumPy's.
            first: the shape of an event.
            second: the shape of an event, or of a kernel.
            is_kernel: whether the second operand is the same for all events.

        Raises:
            UnsupportedLayerError: for one that is not of two operands with the events in front of each and of the
                result, or whose axes do not fit.
        """
        sides = equation.replace(" ", "").split("->")
        operands = sides[0].split(",")
        if len(sides) != 2 or len(operands) != 2:
            raise _refusal(name, equation)
        axes = [operands[0], operands[1], sides[1]]
        spare = _LETTERS[: max(0, len(first) + 1 - len(axes[0].replace("...", "")))]
        axes = [one.replace("...", spare) for one in axes]
        events = axes[0][:1]
        is_plain = all(len(set(one)) == len(one) and one.isalpha() for one in axes)
        fronts = [axes[0][:1], axes[2][:1], *([] if is_kernel else [axes[1][:1]])]
        if not is_plain or set(fronts) != {events} or (is_kernel and events in axes[1]):
            raise _refusal(name, equation)
        axes = [axes[0][1:], axes[1] if is_kernel else axes[1][1:], axes[2][1:]]
        if len(axes[0]) != len(first) or len(axes[1]) != len(second):
            raise _refusal(name, f"{equation} of {first} and {second}")
        sizes = dict(zip(axes[0], first))
        fits = all(sizes.setdefault(letter, size) == size for letter, size in zip(axes[1], second))
        summed_alone = set(axes[0]) ^ set(axes[1])
        if not fits or not set(axes[2]) <= set(sizes) or not summed_alone <= set(axes[2]):
            raise _refusal(name, f"{equation} of {first} and {second}")
        return cls(*axes, sizes)

    @property
    def groups(self) -> tuple[str, str, str, str]:
        """Letters of both operands and the result, of the first alone, of the second alone, and those summed over."""
        shared = [letter for letter in self.first if letter in self.second]
        both = "".join(letter for letter in shared if letter in self.result)
        summed = "".join(letter for letter in shared if letter not in self.result)
        own = (
            "".join(letter for letter in one if letter not in other)
            for one, other in ((self.first, self.second), (self.second, self.first))
        )
        return (both, *own, summed)

    def shape(self, letters: str) -> Shape:
        """The sizes of letters."""
        return tuple(self.sizes[letter] for letter in letters)

    def size(self, letters: str) -> int:
        """The product of the sizes of letters."""
        return prod(self.shape(letters))


def add_einsum_dense(
    builder: GraphBuilder, name: str, equation: str, value: Value, constants: tuple[TypedArray, TypedArray | None]
) -> Value:
    """Add ``einsum(equation, value, kernel) + bias``, as Keras's EinsumDense.

    Args:
        builder: takes the nodes.
        name: of the layer.
        equation: the events in front.
        value: what it takes.
        constants: the kernel; the bias, of a shape that broadcasts to an event's result, or None.

    Raises:
        UnsupportedLayerError: for an equation that is none of a dense layer.
    """
    kernel, bias = constants
    axes = Einsum.parse(name, equation, value.shape, kernel.values.shape, is_kernel=True)
    both, rows, units, summed = axes.groups
    order = [axes.second.index(letter) for letter in both + summed + units]
    blocks = kernel.moved(
        lambda array: array.transpose(order).reshape(axes.size(both), axes.size(summed), axes.size(units))
    )
    flat = _block_diagonal(name, blocks)
    inner = bias and _inner_bias(bias, axes, both + units)
    value = _arranged(builder, name, value, axes.first, rows + both + summed)
    value = reshaped(builder, name, value, (*axes.shape(rows), axes.size(both + summed)))
    value = builder.add(name, dense_of(flat, inner), value)
    value = reshaped(builder, name, value, axes.shape(rows + both + units))
    value = _arranged(builder, name, value, rows + both + units, axes.result)
    if bias is None or inner is not None:
        return value
    ones = TypedArray(np.ones(1), FixedPoint(2, 2))
    return builder.add(name, affine_of(ones, bias), value, name=f"{name}_bias")


def add_einsum(builder: GraphBuilder, name: str, equation: str, first: Value, second: Value) -> Value:
    """Add ``einsum(equation, first, second)`` of two values.

    Raises:
        UnsupportedLayerError: for an equation that is no product of matrices.
    """
    axes = Einsum.parse(name, equation, first.shape, second.shape, is_kernel=False)
    both, left, right, summed = axes.groups
    first = _arranged(builder, name, first, axes.first, both + left + summed)
    first = reshaped(builder, name, first, (*axes.shape(both), axes.size(left), axes.size(summed)))
    second = _arranged(builder, name, second, axes.second, both + summed + right)
    second = reshaped(builder, name, second, (*axes.shape(both), axes.size(summed), axes.size(right)))
    value = builder.add(name, MatMul(), first, second)
    value = reshaped(builder, name, value, axes.shape(both + left + right))
    return _arranged(builder, name, value, both + left + right, axes.result)


def _block_diagonal(name: str, blocks: TypedArray) -> TypedArray:
    """A kernel, (n_blocks * n_in, n_blocks * n_out), of blocks, (n_blocks, n_in, n_out)."""
    n_blocks, n_in, n_out = blocks.values.shape
    if n_blocks == 1:
        return blocks.moved(lambda array: array[0])
    if n_blocks**2 * n_in * n_out > _LARGEST_KERNEL:
        raise UnsupportedLayerError(
            f"layer '{name}': expected at most {_LARGEST_KERNEL:,} weights. Received: {n_blocks} kernels of {n_in} x "
            f"{n_out}, one for each place; use one kernel for all places"
        )

    def spread(array: np.ndarray) -> np.ndarray:
        whole = np.zeros((n_blocks, n_in, n_blocks, n_out), array.dtype)
        at = np.arange(n_blocks)
        whole[at, :, at, :] = array
        return whole.reshape(n_blocks * n_in, n_blocks * n_out)

    return blocks.moved(spread)


def _inner_bias(bias: TypedArray, axes: Einsum, letters: str) -> TypedArray | None:
    """The bias of the dense op, if it is the same for every other axis of the result."""
    shape = (1,) * (len(axes.result) - bias.values.ndim) + bias.values.shape
    if len(shape) != len(axes.result):
        return None
    if any(size > 1 for size, letter in zip(shape, axes.result) if letter not in letters):
        return None
    order = [axes.result.index(letter) for letter in letters]
    rest = [place for place in range(len(shape)) if place not in order]
    wanted = tuple(axes.sizes[letter] if letter in letters else 1 for letter in axes.result)
    return bias.moved(
        lambda array: np.broadcast_to(array.reshape(shape), wanted).transpose(*rest, *order).reshape(-1).copy()
    )


def _arranged(builder: GraphBuilder, name: str, value: Value, before: str, behind: str) -> Value:
    """Axes in the order of other letters."""
    return permuted(builder, name, value, [before.index(letter) for letter in behind])


def _refusal(name: str, equation: str) -> UnsupportedLayerError:
    return UnsupportedLayerError(
        f"layer '{name}': expected an einsum of two operands with the events in front, such as 'abc,cd->abd'. "
        f"Received: '{equation}'; use Dense, Dot or a product of matrices"
    )
