"""One dense layer of a Network, with the fixed-point type of each of its tensors."""

from dataclasses import dataclass, field

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network.types.fixed_point import FixedPoint

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh")


@checked
@dataclass(frozen=True)
class LayerPrecision:
    """The types of hls4ml's dense layer and the activation behind it.

    Args:
        weight, bias: types of the constants, scalar or per element.
        accum: each product is cast to it, and the sum is kept in it; None means wide enough to be exact
            (hls4ml's ``auto``), which is then worked out from the other types.
        result: type of the dense layer's output; None means the accumulator's.
        output: type behind the activation, and of the next layer's input; None means `result`.
        table: type of the entries of a sigmoid or tanh table.
        table_size: number of entries of that table.

    Example:
        >>> from codesign import DenseLayer, FixedPoint, LayerPrecision
        >>> precision = LayerPrecision(weight=FixedPoint.parse("ap_fixed<4,1>"), bias=FixedPoint.parse("ap_fixed<8,3>"))
        >>> str(DenseLayer("fc", [[0.5]], [0.25], precision=precision).precision.weight)
        'ap_fixed<4,1>'
    """

    weight: FixedPoint
    bias: FixedPoint
    accum: FixedPoint | None = None
    result: FixedPoint | None = None
    output: FixedPoint | None = None
    table: FixedPoint = field(default_factory=lambda: FixedPoint(18, 8))
    table_size: int = 1024


@checked
@dataclass(frozen=True, eq=False)
class DenseLayer:
    """``quantizer(activation(x @ kernel + bias))``.

    Args:
        name: unique within the network; hls4ml uses it for its types.
        kernel: (n_in, n_out) float64.
        bias: (n_out,) float64.
        activation: ``linear``, ``relu``, ``sigmoid`` or ``tanh``.
        precision: the fixed-point types of a design, or None for a layer known in floating point only.
        quantizer: the rounding and saturation that the network was trained with behind the activation, such as that of
            a QActivation: part of the function, whatever `precision` a design has. None: none.

    Raises:
        PrecisionError: for NaN or inf in the weights.
        UnsupportedLayerError: for another activation, or shapes that do not fit.

    Example:
        >>> from codesign import DenseLayer, Network
        >>> layer = DenseLayer("fc", [[1.0, -1.0]], [0.0, 0.5], activation="relu")
        >>> Network.chain([layer]).predict([[2.0]]).tolist()
        [[2.0, 0.0]]
    """

    name: str
    kernel: np.ndarray
    bias: np.ndarray
    activation: str = "linear"
    precision: LayerPrecision | None = None
    quantizer: FixedPoint | None = None

    def __post_init__(self) -> None:
        for name in ("kernel", "bias"):
            array = as_numbers(getattr(self, name), f"{name} of layer '{self.name}'")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
            if not np.isfinite(array).all():
                raise PrecisionError(
                    f"{name} of layer '{self.name}': expected finite weights. Received: NaN or inf; retrain the model"
                )
        if self.kernel.ndim != 2 or 0 in self.kernel.shape or self.bias.shape != (self.kernel.shape[1],):
            raise UnsupportedLayerError(
                f"layer '{self.name}': expected kernel (n_in, n_out) and bias (n_out,). "
                f"Received: {self.kernel.shape} and {self.bias.shape}"
            )
        if self.activation not in ACTIVATIONS:
            raise UnsupportedLayerError(
                f"layer '{self.name}': expected activation {', '.join(ACTIVATIONS)}. Received: {self.activation}; "
                "retrain with one of these, or cut the layer off"
            )

    def __repr__(self) -> str:
        from codesign.network.summary import layer_line

        return layer_line(self)

    @property
    def n_in(self) -> int:
        """Inputs."""
        return self.kernel.shape[0]

    @property
    def n_out(self) -> int:
        """Outputs."""
        return self.kernel.shape[1]
