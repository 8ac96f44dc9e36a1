"""ChainBuilder: a Network from the operations of a model, one by one; whatever folds exactly into a dense layer is folded."""

from dataclasses import dataclass, field, replace

import numpy as np

from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network, exact_type

_NEVER_NEGATIVE = ("relu", "sigmoid")


@dataclass
class ChainBuilder:
    """The layers so far, and a factor and an offset per value that wait for the next dense layer.

    A factor and an offset behind a linear dense layer are folded into it, others into the dense layer that comes next, past
    nothing but themselves. Where neither is exact, a dense layer with a diagonal kernel holds them.

    Args:
        n_inputs: features of an event.
    """

    n_inputs: int
    layers: list[DenseLayer] = field(default_factory=list)
    input_quantizer: FixedPoint | None = None
    factor: np.ndarray | None = None
    offset: np.ndarray | None = None

    @property
    def width(self) -> int:
        """Values of an event as it is here."""
        return self.layers[-1].n_out if self.layers else self.n_inputs

    def add_dense(
        self, name: str, kernel: np.ndarray, bias: np.ndarray, precision: LayerPrecision | None = None
    ) -> None:
        """``x @ kernel + bias``; `precision` holds the types of its constants, or None."""
        kernel, bias = np.asarray(kernel, np.float64), np.asarray(bias, np.float64)
        if self.factor is not None:
            folded = self.factor[:, np.newaxis] * kernel, bias + self.offset @ kernel
            self.factor = self.offset = None
            self.layers.append(_with_exact_types(DenseLayer(name, *folded), precision))
        else:
            self.layers.append(DenseLayer(name, kernel, bias, precision=precision))

    def add_affine(self, factor: np.ndarray | float, offset: np.ndarray | float) -> None:
        """``x * factor + offset``, numbers or one for each value."""
        factor, offset = (np.broadcast_to(np.asarray(array, np.float64), (self.width,)) for array in (factor, offset))
        if self._is_open and self.factor is None:
            last = self.layers[-1]
            folded = replace(last, kernel=last.kernel * factor, bias=last.bias * factor + offset, precision=None)
            self.layers[-1] = _with_exact_types(folded, last.precision)
        elif self.factor is None:
            self.factor, self.offset = factor, offset
        else:
            self.factor, self.offset = self.factor * factor, self.offset * factor + offset

    def add_activation(self, name: str, activation: str) -> None:
        """``relu``, ``sigmoid`` or ``tanh``."""
        if activation == "relu" and self._is_never_negative:
            return
        if not self._is_open or self.factor is not None:
            self._add_diagonal(name)
        self.layers[-1] = replace(self.layers[-1], activation=activation)

    def add_clip(self, name: str, low: float, high: float) -> None:
        """``min(max(x, low), high)``, as ``high - relu(high - low - relu(x - low))``."""
        if low:
            self.add_affine(1.0, -low)
        self.add_activation(name, "relu")
        self.add_affine(-1.0, high - low)
        self.add_activation(f"{name}_upper", "relu")
        self.add_affine(-1.0, high)

    def add_quantizer(self, name: str, quantizer: FixedPoint) -> None:
        """Round and saturate to a type."""
        if self.factor is None and not self.layers and self.input_quantizer is None:
            self.input_quantizer = quantizer
            return
        if self.factor is None and self._quantizer == quantizer:
            return
        if self.factor is not None or self._quantizer is not None:
            self._add_diagonal(name)
        self.layers[-1] = replace(self.layers[-1], quantizer=quantizer)

    def build(self) -> Network:
        """Return the network; where the training left a type, a design has it too."""
        if self.factor is not None:
            self._add_diagonal("scaling")
        layers = [
            replace(layer, name=name, precision=_design_types(layer)) for layer, name in zip(self.layers, self._names())
        ]
        return Network.chain(tuple(layers), self.input_quantizer, self.input_quantizer)

    @property
    def _is_open(self) -> bool:
        return bool(self.layers) and self.layers[-1].activation == "linear" and self.layers[-1].quantizer is None

    @property
    def _quantizer(self) -> FixedPoint | None:
        return self.layers[-1].quantizer if self.layers else self.input_quantizer

    @property
    def _is_never_negative(self) -> bool:
        """Whether a relu would do nothing here."""
        if self.factor is not None:
            return False
        is_unsigned = self._quantizer is not None and not self._quantizer.signed
        return is_unsigned or (
            bool(self.layers) and self.layers[-1].activation in _NEVER_NEGATIVE and self._quantizer is None
        )

    def _add_diagonal(self, name: str) -> None:
        """A dense layer of one factor and one offset per value: what waits, or nothing."""
        factor, offset = (
            (np.ones(self.width), np.zeros(self.width)) if self.factor is None else (self.factor, self.offset)
        )
        self.factor = self.offset = None
        self.layers.append(DenseLayer(f"{name}_diagonal", np.diag(factor), offset))

    def _names(self) -> list[str]:
        """Each layer's name, with a number behind it where it is taken."""
        names: list[str] = []
        for layer in self.layers:
            taken = {layer.name, *(f"{layer.name}_{n}" for n in range(2, len(self.layers) + 1))} - set(names)
            names.append(min(taken, key=lambda name: (len(name), name)))
        return names


def _with_exact_types(layer: DenseLayer, given: LayerPrecision | None) -> DenseLayer:
    """Types of constants that were changed: the narrowest that hold them, or none if those are wide or there were none."""
    if given is None:
        return layer
    types = [exact_type(values) for values in (layer.kernel, layer.bias)]
    return layer if None in types else replace(layer, precision=LayerPrecision(*types))


def _design_types(layer: DenseLayer) -> LayerPrecision | None:
    return layer.precision if layer.precision is None else replace(layer.precision, output=layer.quantizer)
