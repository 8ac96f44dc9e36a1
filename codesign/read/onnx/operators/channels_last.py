"""QONNX's operators with the channels last: convolution, pooling and batch normalisation of ONNX with axes moved."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.read.onnx.flow import Flow
from codesign.read.onnx.operators.linear import read_batch_normalization
from codesign.read.onnx.operators.windows import read_average_pool, read_convolution, read_max_pool
from codesign.read.onnx.walk import Call


def moved(read: Callable[[Call], Flow], n_moved: int = 1) -> Callable[[Call], Flow]:
    """Return what reads an operator whose first inputs, and its output, have the channels last.

    Args:
        n_moved: number of these inputs.
    """

    def read_moved(call: Call) -> Flow:
        given = [_channels_second(one) if index < n_moved else one for index, one in enumerate(call.values)]
        found = read(replace(call, values=tuple(given)))
        return replace(found, dims=(found.dims[0], *found.dims[2:], found.dims[1]))

    return read_moved


def _channels_second(given: object) -> object:
    if isinstance(given, Flow):
        return replace(given, dims=(given.dims[0], given.dims[-1], *given.dims[1:-1]))
    return np.moveaxis(given, -1, 1)


CHANNELS_LAST = {
    "Conv": moved(read_convolution, 2),
    "MaxPool": moved(read_max_pool),
    "AveragePool": moved(read_average_pool),
    "BatchNormalization": moved(read_batch_normalization),
}
