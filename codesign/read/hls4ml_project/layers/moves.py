"""Layers that move values about, and tables that are looked up by an integer."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import numpy as np

from codesign.network.ops import Activation, Embedding, Gather, Slice, Transpose
from codesign.read.hls4ml_project.layer import Layer

_MOST_VALUES = 2**24
_AXES = {1: (("width", "left", "right"),), 2: (("height", "top", "bottom"), ("width", "left", "right"))}


def read_transpose(layer: Layer) -> None:
    """Axes in another order."""
    config = layer.config
    perm = config.numbers("perm")
    value = layer.source(0, config.numbers("from_shape"))
    layer.give(Transpose(tuple(axis + 1 for axis in perm)), value)


def read_transpose_of_sizes(layer: Layer) -> None:
    """Two axes exchanged, or three in another order, as Intel's back ends and the first versions state it."""
    config = layer.config
    sizes = [config.whole(name) for name in ("height", "width")]
    if layer.function == "transpose_2d":
        layer.give(Transpose((2, 1)), layer.source(0, sizes))
        return
    value = layer.source(0, (config.whole("depth"), *sizes))
    layer.give(Transpose(tuple(axis + 1 for axis in config.numbers("perm"))), value)


def check_count(layer: Layer, *counts: int) -> None:
    """Check numbers of values before memory is taken.

    Raises:
        UnsupportedLayerError: for more than a network holds, or none.
    """
    wrong = next((count for count in counts if not 0 < count <= _MOST_VALUES), None)
    if wrong is not None:
        raise layer.refuse(f"expected 1 to {_MOST_VALUES:,} values. Received: {wrong}")


def read_zero_padding(layer: Layer) -> None:
    """Zeros around the places."""
    config, axes = layer.config, _AXES[2 if "2d" in layer.function else 1]
    sizes = [config.whole(f"in_{axis}") for axis, _, _ in axes]
    pads = [tuple(config.whole(f"pad_{side}", 0) for side in sides) for _, *sides in axes]
    n_chan = config.whole("n_chan")
    check_count(layer, prod(size + sum(pad) for size, pad in zip(sizes, pads)) * n_chan)
    index = np.arange(prod(sizes) * n_chan).reshape(*sizes, n_chan)
    index = np.pad(index, [*pads, (0, 0)], constant_values=-1)
    layer.give(Gather(index), layer.source(0, (*sizes, n_chan)))


def read_resize(layer: Layer) -> None:
    """Places repeated, or left out: the nearest, as hls4ml counts it."""
    config = layer.config
    old, new = ([config.whole(f"{new}{axis}") for axis in ("height", "width")] for new in ("", "new_"))
    n_chan = config.whole("n_chan")
    check_count(layer, prod(old) * n_chan, prod(new) * n_chan, *new)
    taken = [(np.arange(m) * ((n << 16) // m + 1)) >> 16 for n, m in zip(old, new)]
    index = np.arange(prod(old) * n_chan).reshape(*old, n_chan)[np.ix_(*taken)]
    value = layer.source(0, (*old, n_chan))
    layer.give(Gather(index if old[0] > 1 or new[0] > 1 else index[0]), value)


def read_clone(layer: Layer) -> None:
    """A stream copied to several: the same values, cast to the type of each."""
    for place in range(1, len(layer.call.arguments)):
        value = layer.source()
        if layer.result_type(place).fixed == layer.source_type(value).fixed:
            layer.keep(value, place)
        else:
            layer.give(Activation("linear"), value, place=place)


def read_crop(layer: Layer) -> None:
    """Places cut off at the edges."""
    config = layer.config
    is_2d = "2d" in layer.function
    axes = _AXES[2 if is_2d else 1]
    sizes = [config.whole(f"in_{size}" if config.has(f"in_{size}") else "n_in") for size, _, _ in axes]
    value = layer.source(0, (*sizes, config.whole("n_chan")))
    stated = layer.source_type(value)
    for axis, (n, (_, first, last)) in enumerate(zip(sizes, axes)):
        start, stop = config.whole(f"crop_{first}", 0), n - config.whole(f"crop_{last}", 0)
        if (start, stop) != (0, n):
            value = layer.add(Slice(start, stop, axis + 1), value, output=stated.fixed)
    layer.give(Activation("linear"), value)


def read_embedding(layer: Layer) -> None:
    """Rows of a table."""
    config = layer.config
    table, stated = layer.constants(2, "embeddings_t")
    table = table.reshape(config.whole("vocab_size"), config.whole("n_out"))
    layer.give(Embedding(table, stated.fixed), layer.source(0, (config.whole("n_in"),)))


MOVES: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        "transpose": read_transpose,
        **dict.fromkeys(("transpose_2d", "transpose_3d"), read_transpose_of_sizes),
        **dict.fromkeys(("zeropad1d_cl", "zeropad2d_cl"), read_zero_padding),
        "resize_nearest": read_resize,
        **dict.fromkeys(("cropping1d_cl", "cropping2d_cl"), read_crop),
        **dict.fromkeys(("clone_stream", "repack_stream"), read_clone),
        "embedding": read_embedding,
    }
)
