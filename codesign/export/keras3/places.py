"""Values in other places, and truths as numbers, as operations of Keras 3."""

from math import prod

import numpy as np

from codesign.export.keras3.graph import KerasGraph, Tensor
from codesign.network.ops import Shape


def reshaped(graph: KerasGraph, value: Tensor, shape: Shape) -> Tensor:
    """Add a Reshape."""
    return graph.layer("Reshape", [value], shape, target_shape=list(shape))


def as_number(graph: KerasGraph, value: Tensor) -> Tensor:
    """Add what makes 0 and 1 of truths."""
    one, zero = (np.asarray(number, np.float32) for number in (1, 0))
    return graph.operation("numpy.Where", [value, one, zero], value.shape)


def gathered(graph: KerasGraph, value: Tensor, index: np.ndarray) -> Tensor:
    """Values of places of a flattened value; -1 is a zero behind its end."""
    size = prod(value.shape)
    flat = reshaped(graph, value, (size,)) if len(value.shape) > 1 else value
    if (index < 0).any():
        flat = graph.operation("numpy.Pad", [flat], (size + 1,), pad_width=[[0, 0], [0, 1]], mode="constant")
    places = np.where(index < 0, size, index).astype(np.int32)
    found = graph.operation("numpy.Take", [flat, places.ravel()], (places.size,), axis=1)
    return reshaped(graph, found, index.shape) if index.ndim > 1 else found
