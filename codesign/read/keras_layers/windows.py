"""What layers with windows share: sizes along their axes, and channels that come first."""

from collections.abc import Callable, Sequence

import numpy as np

from codesign.network.ops import Patches
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.axes import moved_axis
from codesign.read.parts.windows import window

Read = Callable[[GraphBuilder, Call, Value], Value]


def channels_last(read: Read) -> Callable[[GraphBuilder, Call], Value]:
    """Return what reads a layer whose channels may come first, by what reads it with the channels last."""

    def read_either(builder: GraphBuilder, call: Call) -> Value:
        value = call.value
        if not is_first(call):
            return read(builder, call, value)
        found = read(builder, call, moved_axis(builder, call.name, value, 0, -1))
        return found if len(found.shape) == 1 else moved_axis(builder, call.name, found, -1, 0)

    return read_either


def is_first(call: Call) -> bool:
    """Whether the channels come first."""
    return call.config.get("data_format") == "channels_first"


def along(call: Call, name: str, rank: int, default: object = 1) -> tuple[int, ...]:
    """Return a size along each of `rank` axes: one for all, or one for each.

    Raises:
        UnsupportedLayerError: for anything but whole numbers of 1 or more.
    """
    given = call.config.get(name)
    sizes = np.ravel(default if given is None else given).tolist()
    sizes = sizes * rank if len(sizes) == 1 else sizes
    if len(sizes) != rank or any(not isinstance(one, int) or one < 1 for one in sizes):
        raise refusal(call, f"{name} of {rank} whole numbers of 1 or more", f"{name}={given}", "build the model again")
    return tuple(sizes)


def pairs(call: Call, name: str, rank: int) -> tuple[tuple[int, int], ...]:
    """Return what is added or cut before and behind each of `rank` axes.

    Raises:
        UnsupportedLayerError: for anything but whole numbers of 0 or more.
    """
    given = call.config.get(name, 1)
    try:
        array = np.asarray(given)
        if rank == 1 and array.shape == (2,):
            array = array[np.newaxis]
        array = np.broadcast_to(array if array.ndim != 1 else array[:, np.newaxis], (rank, 2))
    except ValueError:
        array = np.full((1, 1), -1)
    if array.dtype.kind not in "iu" or array.min() < 0:
        raise refusal(call, f"{name} of whole numbers of 0 or more for {rank} axes", f"{name}={given}")
    return tuple((int(before), int(behind)) for before, behind in array)


def patches_of(call: Call, spatial: Sequence[int], size: str = "kernel_size", *, strides: object = 1) -> Patches:
    """Return the window of a layer.

    Args:
        spatial: sizes of the axes that it moves along.
        size: name of the window's size in the configuration.
        strides: where the configuration has none.
    """
    rank = len(spatial)
    padding = str(call.config.get("padding", "valid")).lower()
    if padding not in ("valid", "same", "causal"):
        raise refusal(call, "padding 'valid', 'same' or 'causal'", f"padding='{padding}'", "build the model again")
    kernel = along(call, size, rank)
    steps = along(call, "strides", rank, strides)
    return window(spatial, kernel, steps, along(call, "dilation_rate", rank), padding)
