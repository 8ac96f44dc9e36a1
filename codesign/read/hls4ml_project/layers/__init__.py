"""hls4ml's layers: a table from the name of a function to what reads its call."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.errors import DataError, nearest
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.layers.activations import ACTIVATIONS
from codesign.read.hls4ml_project.layers.convolutions import CONVOLUTIONS
from codesign.read.hls4ml_project.layers.curves import CURVES
from codesign.read.hls4ml_project.layers.dense import DENSE
from codesign.read.hls4ml_project.layers.merge import MERGES
from codesign.read.hls4ml_project.layers.moves import MOVES
from codesign.read.hls4ml_project.layers.pooling import POOLING
from codesign.read.hls4ml_project.layers.softmax import SOFTMAX

LAYERS: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {**DENSE, **CONVOLUTIONS, **ACTIVATIONS, **CURVES, **SOFTMAX, **MERGES, **MOVES, **POOLING}
)


def read_layer(layer: Layer) -> None:
    """Add the nodes of a call.

    Raises:
        UnsupportedLayerError: for a function that is not in the table.
    """
    if layer.function not in LAYERS:
        raise layer.refuse(
            f"expected one of hls4ml's layers. Received: {layer.function}{nearest(layer.function, LAYERS)}; cut it off"
        )
    try:
        LAYERS[layer.function](layer)
    except (ValueError, IndexError, OverflowError, ZeroDivisionError):  # of sizes that contradict each other
        raise DataError(
            f"layer '{layer.call}': expected sizes and arguments that fit nnet::{layer.function}. Received: others; "
            "copy the project again"
        ) from None


__all__ = ["LAYERS", "read_layer"]
