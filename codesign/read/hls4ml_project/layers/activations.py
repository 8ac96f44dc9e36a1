"""Activations, with the tables of each version and back end."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from codesign.network import FixedPoint
from codesign.network.ops import Activation, Affine, ConstantTypes
from codesign.read.hls4ml_project.layer import Layer
from codesign.read.hls4ml_project.tokens import Expression


def read_plain(layer: Layer) -> None:
    """An activation without constants."""
    layer.give(Activation(layer.function), layer.source())


def read_cut_relu(layer: Layer) -> None:
    """A relu that is cut at 1 or 6."""
    layer.give(Activation("relu", max_value=float(layer.function.removeprefix("relu"))), layer.source())


def read_table(layer: Layer) -> None:
    """A function that is looked up."""
    config = layer.config
    table, size = config.type("table_t").fixed, config.whole("table_size", 1024)
    layer.give(Activation(layer.function.removeprefix("dense_"), table=table, table_size=size), layer.source())


def read_leaky_relu(layer: Layer) -> None:
    """A relu with a slope below 0."""
    slope = Expression([layer.call.arguments[1]], layer.walk.project.constant).value()
    kind = (
        layer.config.type("param_t").fixed if layer.config.has("param_t") else layer.source_type(layer.source()).fixed
    )
    layer.give(Activation("leaky_relu", slope=float(kind.quantize(slope))), layer.source(), place=2)


def read_hard(layer: Layer) -> None:
    """``clip(slope x + shift, 0, 1)``, of a hard tanh twice that, less 1.

    Raises:
        UnsupportedLayerError: for another shift than 1/2.
    """
    config = layer.config
    slope = float(config.type("slope_t").fixed.quantize(config.value("slope")))
    if config.type("shift_t").fixed.quantize(config.value("shift")) != 0.5:
        raise layer.refuse(f"expected a shift of 0.5. Received: {config.value('shift')}")
    if layer.function == "hard_sigmoid":
        layer.give(Activation("hard_sigmoid", slope=slope), layer.source())
        return
    if slope == 0.5:
        layer.give(Activation("hard_tanh"), layer.source())
        return
    value = layer.add(Activation("hard_sigmoid", slope=slope), layer.source())
    layer.give(Affine(2.0, -1.0, ConstantTypes(FixedPoint(3, 3), FixedPoint(3, 3))), value)


ACTIVATIONS: Mapping[str, Callable[[Layer], None]] = MappingProxyType(
    {
        **dict.fromkeys(("linear", "relu"), read_plain),
        **dict.fromkeys(("relu1", "relu6"), read_cut_relu),
        **dict.fromkeys(("sigmoid", "tanh", "dense_tanh"), read_table),
        **dict.fromkeys(("hard_sigmoid", "hard_tanh"), read_hard),
        "leaky_relu": read_leaky_relu,
    }
)
