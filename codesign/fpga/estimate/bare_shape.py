"""BareShape: layers in a row of which no weight is known, as 16-64-32-32-5 in a paper's table."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import ConfigError, nearest
from codesign.fpga.design.design import Design
from codesign.fpga.design.report import DesignReport
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.estimate.by_layer import LayerEstimate, estimate_counted_layers
from codesign.fpga.estimate.estimate import estimate_counts
from codesign.fpga.estimate.op_statistics import GraphStatistics
from codesign.fpga.estimate.setting import setting_of
from codesign.fpga.estimate.shape import expected_statistics
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network

HLS4ML_TYPE = "ap_fixed<16,6>"
_TEXT = re.compile(r"[+.\d][\w+.]*(?:-[-\w+.]*)?")
_MOST_UNITS, _MOST_WEIGHTS = 65_536, 2**22
_ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax")


def is_shape(text: str) -> bool:
    """Whether a text is meant as sizes of layers: it begins as a number, and has no other sign than - in it."""
    return bool(_TEXT.fullmatch(text)) and text[0].isdigit()


@dataclass(frozen=True)
class BareShape:
    """Dense layers in a row, called ``fc1``, ``fc2`` and so on, the last one ``output``.

    Args:
        sizes: inputs, units of each layer.
        precision: a type such as ``ap_fixed<16,6>`` of every value, or of each layer by its name; ``inputs`` is a name
            too, and what is left out has hls4ml's default.
        activation: of the hidden layers.
        last_activation: of the last one.
        sparsity: share of the weights that are zero; None: not known.

    Raises:
        ConfigError: for sizes, an activation, a name or a sparsity that is none.
        PrecisionError: for a type that is none.

    Example:
        >>> from codesign.fpga.estimate.bare_shape import BareShape
        >>> BareShape.of("16-64-5", sparsity=0.5).known
        'the shape and a sparsity of 0.5'
    """

    sizes: tuple[int, ...]
    precision: str | Mapping[str, str] = HLS4ML_TYPE
    activation: str = "relu"
    last_activation: str = "linear"
    sparsity: float | None = None

    @classmethod
    def of(cls, text: str, **settings: object) -> "BareShape":
        """Return the shape that a text such as ``16-64-32-32-5`` says; settings are those of the class.

        Raises:
            ConfigError: for anything else.
        """
        sizes = text.split("-")
        if len(sizes) < 2 or not all(size.isascii() and size.isdigit() and len(size) <= 9 for size in sizes):
            raise ConfigError(f"model: expected {_sizes_text()}. Received: {text!r:.60}")
        return cls(tuple(map(int, sizes)), **settings)

    def __post_init__(self) -> None:
        shown = "-".join(map(str, self.sizes))
        if len(self.sizes) < 2 or not all(1 <= size <= _MOST_UNITS for size in self.sizes):
            raise ConfigError(f"model: expected {_sizes_text()}. Received: {shown:.60}")
        if sum(n_in * n_out for n_in, n_out in self._shapes) > _MOST_WEIGHTS:
            raise ConfigError(f"model: expected at most {_MOST_WEIGHTS:,} weights. Received: {shown:.60}")
        for name in (self.activation, self.last_activation):
            if name not in _ACTIVATIONS:
                hint = nearest(name, _ACTIVATIONS)
                raise ConfigError(f"activation: expected {', '.join(_ACTIVATIONS)}. Received: {name}{hint}")
        if self.sparsity is not None and not 0 <= self.sparsity <= 1:
            raise ConfigError(f"sparsity: expected a share of zeros from 0 to 1. Received: {self.sparsity:g}")
        names = (*self.names, "inputs")
        for name in () if isinstance(self.precision, str) else self.precision:
            if name not in names:
                raise ConfigError(
                    f"precision: unknown layer '{name}'{nearest(name, names)}; expected: {', '.join(names)}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the layers."""
        return (*(f"fc{index}" for index in range(1, len(self.sizes) - 1)), "output")

    @property
    def known(self) -> str:
        """What is known of the weights, in a few words."""
        return "only the shape" if self.sparsity is None else f"the shape and a sparsity of {self.sparsity:g}"

    @property
    def network(self) -> Network:
        """Linear layers of these sizes and types, all weights zero: what a design is of, and checks itself against.

        Accumulators have the type of their layer, as hls4ml's own default is.
        """
        layers = []
        for name, shape in zip(self.names, self._shapes):
            kind = self.type_of(name)
            types = LayerPrecision(weight=kind, bias=kind, accum=kind, result=kind, output=kind)
            layers.append(DenseLayer(name, np.zeros(shape), np.zeros(shape[1]), "linear", types))
        return Network.chain(tuple(layers), self.type_of("inputs"))

    def counted(self, reuse_factors: Sequence[int]) -> GraphStatistics:
        """Return the counts that are expected of each layer.

        Args:
            reuse_factors: one for each.
        """
        layers, before = [], int(self.type_of("inputs").width)
        for index, (name, shape) in enumerate(zip(self.names, self._shapes)):
            kind = self.type_of(name)
            width = int(kind.width)
            widths, activation = (before, width, width, width), self._activation(index)
            layers.append(expected_statistics(shape, widths, int(kind.integer), self.sparsity, activation))
            before = width
        sources = tuple((index - 1,) if index else () for index in range(len(layers)))
        return GraphStatistics(tuple(layers), tuple(reuse_factors), sources, self.names)

    def report(self, design: Design, toolchain: Toolchain | None = None) -> DesignReport:
        """Estimate an hls4ml design of :attr:`network`, by what is expected of its weights."""
        return estimate_counts(self._counted(design), setting_of(design, toolchain))

    def layers(self, design: Design, toolchain: Toolchain | None = None) -> tuple[LayerEstimate, ...]:
        """Return the same layer by layer."""
        return estimate_counted_layers(self._counted(design), setting_of(design, toolchain))

    def _counted(self, design: Design) -> GraphStatistics:
        return self.counted(layer_reuse_factors(kernel_shapes(design.network), design.reuse_factor))

    @property
    def _shapes(self) -> list[tuple[int, int]]:
        return list(zip(self.sizes, self.sizes[1:]))

    def _activation(self, index: int) -> str:
        return self.last_activation if index == len(self.sizes) - 2 else self.activation

    def type_of(self, name: str) -> FixedPoint:
        """Return the type of a layer's values, or of ``inputs``."""
        stated = self.precision if isinstance(self.precision, str) else self.precision.get(name, HLS4ML_TYPE)
        return FixedPoint.parse(stated)


def _sizes_text() -> str:
    return f"sizes of layers such as 16-64-32-32-5, each from 1 to {_MOST_UNITS:,}"
