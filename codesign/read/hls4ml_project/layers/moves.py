"""Layers that move values about, and tables that are looked up by an integer."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.network.ops import Activation, Embedding, Slice, Transpose
from codesign.read.hls4ml_project.layer import Layer


def read_transpose(layer: Layer) -> None:
    """Axes in another order."""
    config = layer.config
    perm = config.numbers("perm")
    value = layer.source(0, config.numbers("from_shape"))
    layer.give(Transpose(tuple(axis + 1 for axis in perm)), value)


def read_crop(layer: Layer) -> None:
    """Places cut off at the edges."""
    config = layer.config
    is_2d = "2d" in layer.function
    axes = (("height", "top", "bottom"), ("width", "left", "right")) if is_2d else (("width", "left", "right"),)
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
        **dict.fromkeys(("cropping1d_cl", "cropping2d_cl"), read_crop),
        "embedding": read_embedding,
    }
)
