"""Ops that put values in other places, some of them several times, and zeros where there is none: patches, gather.

They cost nothing in hardware.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network.ops.constants import frozen_places
from codesign.network.ops.moves import Move
from codesign.network.ops.op import Shape

PADS = ("zero", "edge")
Padding = tuple[tuple[int, int], ...]
_MOST_VALUES = 2**26  # of an event behind the op


@checked
@dataclass(frozen=True)
class Patches(Move):
    """What lies under a window at each of its places, as ``keras.ops.image.extract_patches`` and torch's ``unfold``.

    ``(*spatial, c)`` becomes ``(*out, prod(kernel_size) * c)``; the channels of a place lie side by side. A convolution
    is a :class:`Dense` behind it, pooling a :class:`Max` or :class:`Mean` behind it and a :class:`Reshape`.

    Args:
        kernel_size: of the window, along each of one to three axes.
        strides: steps of the window.
        dilation: steps between the places within the window.
        padding: places added before and behind each axis.
        pad: what these hold: ``zero``, or ``edge``, the nearest value under the same window, as a maximum needs.

    Raises:
        UnsupportedLayerError: for sizes below 1, negative padding, or numbers of axes that differ.

    Example:
        >>> import numpy as np
        >>> from codesign.network.ops import Patches
        >>> Patches((2,), (1,), (1,), ((0, 1),)).evaluate(np.array([[[1.0], [2.0], [3.0]]])).tolist()
        [[[1.0, 2.0], [2.0, 3.0], [3.0, 0.0]]]
    """

    kernel_size: Shape
    strides: Shape
    dilation: Shape
    padding: Padding
    pad: str = "zero"

    def __post_init__(self) -> None:
        for name in ("kernel_size", "strides", "dilation"):
            object.__setattr__(self, name, tuple(int(one) for one in getattr(self, name)))
        object.__setattr__(self, "padding", tuple((int(before), int(behind)) for before, behind in self.padding))
        sizes = (self.kernel_size, self.strides, self.dilation)
        ranks = {len(one) for one in (*sizes, self.padding)}
        if len(ranks) != 1 or not 1 <= len(self.kernel_size) <= 3 or min(map(min, sizes)) < 1:
            raise UnsupportedLayerError(
                "patches: expected kernel_size, strides, dilation of 1 or more, and padding, along the same 1 to 3 "
                f"axes. Received: {self.kernel_size}, {self.strides}, {self.dilation}, {self.padding}"
            )
        if min(map(min, self.padding)) < 0 or self.pad not in PADS:
            raise UnsupportedLayerError(
                f"padding, pad: expected places of 0 or more, and {' or '.join(PADS)}. "
                f"Received: {self.padding}, {self.pad}"
            )

    def shape(self, *shapes: Shape) -> Shape:
        """``(*out, prod(kernel_size) * c)``."""
        (shape,) = shapes
        if len(shape) != len(self.kernel_size) + 1:
            raise UnsupportedLayerError(
                f"expected values of {len(self.kernel_size) + 1} axes, the channels last. Received: {shape}"
            )
        out = tuple(
            (size + sum(padding) - (window - 1) * dilation - 1) // step + 1
            for size, window, step, dilation, padding in zip(shape, *self._axes)
        )
        if min(out) < 1:
            raise UnsupportedLayerError(
                f"expected values that a window of {self.kernel_size} fits into. Received: {shape}; pad them"
            )
        found = (*out, prod(self.kernel_size) * shape[-1])
        if prod(found) > _MOST_VALUES:
            raise UnsupportedLayerError(f"expected at most {_MOST_VALUES:,} values. Received: {prod(found):,}, {found}")
        if self.pad == "edge":
            self.places(shape)
        return found

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return (n_events, *out, prod(kernel_size) * c)."""
        (x,) = values
        shape = x.shape[1:]
        found = taken(x.reshape(len(x), prod(shape[:-1]), shape[-1]), self.places(shape))
        return found.reshape(len(x), *self.shape(shape))

    def places(self, shape: Shape) -> np.ndarray:
        """Return (prod(out), prod(kernel_size)) int64: the place of each value in ``spatial``, flattened; -1 for zero.

        Raises:
            UnsupportedLayerError: for ``pad="edge"`` and a window that lies outside altogether.
        """
        return _places(self, shape[:-1])

    @property
    def _axes(self) -> tuple[Sequence, ...]:
        return self.kernel_size, self.strides, self.dilation, self.padding


@lru_cache(maxsize=256)
def _places(op: Patches, spatial: Shape) -> np.ndarray:
    rank, found, outside = len(spatial), np.zeros(1, np.int64), np.zeros(1, bool)
    for axis, (size, window, step, dilation, (before, behind)) in enumerate(zip(spatial, *op._axes)):
        n_out = (size + before + behind - (window - 1) * dilation - 1) // step + 1
        at = np.arange(n_out)[:, np.newaxis] * step - before + np.arange(window) * dilation
        at = _moved_inside(at, size) if op.pad == "edge" else at
        along = [1] * (2 * rank)
        along[axis], along[rank + axis] = n_out, window
        found = found * size + at.reshape(along)
        outside = outside | ((at < 0) | (at >= size)).reshape(along)
    found = np.where(outside, -1, found).reshape(-1, prod(op.kernel_size))
    found.setflags(write=False)
    return found


def _moved_inside(at: np.ndarray, size: int) -> np.ndarray:
    """The places outside as the nearest that the same window has inside."""
    inside = (at >= 0) & (at < size)
    if not inside.any(1).all():
        raise UnsupportedLayerError("padding: expected windows that hold a value. Received: one that lies outside")
    lowest = np.where(inside, at, size).min(1, keepdims=True)
    highest = np.where(inside, at, -1).max(1, keepdims=True)
    return np.clip(at, lowest, highest)


@checked
@dataclass(frozen=True, eq=False)
class Gather(Move):
    """Values of fixed places, as torch's ``take``: repeated, left out, mirrored, or spread with zeros between them.

    Args:
        index: of the shape of the result: the place of each in an event's values, flattened; -1 for a zero.

    Raises:
        UnsupportedLayerError: for anything but whole numbers from -1.

    Example:
        >>> import numpy as np
        >>> from codesign.network.ops import Gather
        >>> Gather(np.array([2, 0, -1])).evaluate(np.array([[10.0, 20.0, 30.0]])).tolist()
        [[30.0, 10.0, 0.0]]
    """

    index: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", frozen_places(self.index, "index", axes=None))
        if not self.index.size or not self.index.ndim or self.index.min() < -1:
            raise UnsupportedLayerError(
                f"index: expected places from 0, and -1 for zeros, in at least one axis. Received: {self.index.shape}, "
                f"from {self.index.min(initial=0)}"
            )

    def shape(self, *shapes: Shape) -> Shape:
        """That of the index."""
        if self.index.max() >= prod(shapes[0]):
            raise UnsupportedLayerError(
                f"index: expected places from 0 to {prod(shapes[0]) - 1}. Received: {self.index.max()}"
            )
        return self.index.shape

    def evaluate(self, *values: np.ndarray) -> np.ndarray:
        """Return (n_events, *index.shape)."""
        flat = values[0].reshape(len(values[0]), -1, 1)
        return taken(flat, self.index.reshape(-1)).reshape(len(flat), *self.index.shape)


def taken(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return (n_events, *places.shape, c) of (n_events, n, c), zeros at places of -1."""
    found = values[:, np.maximum(places, 0)]
    if len(values) and (places < 0).any():
        found[:, places < 0] = values.flat[0] * 0 if values.dtype == object else 0  # of a symbol its own zero
    return found
