"""ChainState: every event's value at every place of a chain of layers, and what a change somewhere does to the loss."""

from dataclasses import dataclass, field, replace

import numpy as np

from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.network import FixedLayer, FixedPoint, Network, exact_type
from codesign.refine.digit_cost import MAX_FRACTION, codes_of, weight_cost
from codesign.refine.losses import Loss

_WIDEST_CONSTANT = 24


@dataclass(eq=False)
class InputFormat:
    """The format of what a layer takes, per element.

    Args:
        width, fraction: (n_in,) int64 bits in all and behind the binary point.
        given: the type as it came, with the modes.
    """

    width: np.ndarray
    fraction: np.ndarray
    given: FixedPoint

    @property
    def may_move(self) -> bool:
        """Whether elements have formats of their own."""
        return self.given.per_element

    @property
    def truncates(self) -> bool:
        """Whether values are rounded down, half a step too low on average."""
        return self.given.rounding == "TRN"

    def of(self, which: np.ndarray) -> FixedPoint:
        """Return the type of some elements, in the shape (n, 1)."""
        width = self.width[which][:, np.newaxis]
        return replace(self.given, width=width, integer=width - self.fraction[which][:, np.newaxis])

    def as_type(self) -> FixedPoint:
        """Return the type of all elements."""
        return (
            replace(self.given, width=self.width, integer=self.width - self.fraction) if self.may_move else self.given
        )


@dataclass(eq=False)
class LayerState:
    """One layer.

    Args:
        kernel, bias: (n_in, n_out), (n_out,) float64.
        format: of its inputs.
        inputs, sums: (n_in, n_events), (n_out, n_events) float32.
    """

    kernel: np.ndarray
    bias: np.ndarray
    format: InputFormat
    inputs: np.ndarray
    sums: np.ndarray


@dataclass(eq=False)
class Trial:
    """What a change leads to; nothing is changed yet.

    Args:
        loss: the loss then.
        rows: (layer, "inputs" or "sums", indices, values) that change.
    """

    loss: float
    rows: list[tuple[int, str, np.ndarray, np.ndarray]] = field(default_factory=list)


class ChainState:
    """A network on events.

    Args:
        network: relu or linear layers with types, exact sums; it is left as it is.
        x: (n_events, n_features).
        loss: of its outputs on them.

    Raises:
        PrecisionError: for a network without types, rounded sums, or weights finer than 2^-9.
        UnsupportedLayerError: for other activations.
    """

    def __init__(self, network: Network, x: np.ndarray, loss: Loss) -> None:
        _check(network)
        self._network, self._loss_of, self._x = network, loss, x
        self.layers: list[LayerState] = []
        values = np.ascontiguousarray(network.input_precision.quantize(x).T, np.float32)
        for fixed in network.fixed_layers:
            n_in = fixed.layer.n_in
            bits = (
                np.broadcast_to(one, n_in).astype(np.int64)
                for one in (fixed.dense.input.type.width, fixed.dense.input.type.fraction)
            )
            state = LayerState(
                fixed.layer.kernel.copy(),
                fixed.layer.bias.copy(),
                InputFormat(*bits, fixed.dense.input.type),
                values,
                values,
            )
            self.layers.append(state)
            if len(self.layers) > 1:
                state.inputs = self._pass_on(len(self.layers) - 1, np.arange(n_in), self.layers[-2].sums)
            state.sums = state.kernel.T.astype(np.float32) @ state.inputs + state.bias[:, np.newaxis].astype(np.float32)
        self.loss = loss.value(self.layers[-1].sums)

    @property
    def cost(self) -> float:
        """Estimate of the LUTs: signed digits times width."""
        return float(sum(weight_cost(one.kernel, one.format.width[:, np.newaxis]).sum() for one in self.layers))

    def quantised_features(self, feature: int, width: int, fraction: int) -> np.ndarray:
        """Return a feature of all events in another format: (1, n_events)."""
        precision = replace(self.layers[0].format.given, width=int(width), integer=int(width - fraction))
        return precision.quantize(self._x[:, feature])[np.newaxis].astype(np.float32)

    def try_sums(self, layer: int, unit: int, sums: np.ndarray) -> Trial:
        """Let one unit's sums be (n_events,) instead."""
        units = np.array([unit])
        rows = [(layer, "sums", units, sums[np.newaxis])]
        if layer == len(self.layers) - 1:
            return Trial(self._loss_with(units, sums[np.newaxis]), rows)
        return self.try_inputs(layer + 1, units, self._pass_on(layer + 1, units, sums[np.newaxis]), rows)

    def try_inputs(self, layer: int, which: np.ndarray, values: np.ndarray, rows: list | None = None) -> Trial:
        """Let some inputs of a layer be (n, n_events) instead."""
        rows = list(rows or [])
        while True:
            rows.append((layer, "inputs", which, values))
            state = self.layers[layer]
            change = values - state.inputs[which]
            moved = change.any(1)
            kernel = state.kernel[which[moved]]
            units = np.flatnonzero(kernel.any(0))
            if not len(units):
                return Trial(self.loss, rows)
            sums = state.sums[units] + kernel[:, units].T.astype(np.float32) @ change[moved]
            rows.append((layer, "sums", units, sums))
            if layer == len(self.layers) - 1:
                return Trial(self._loss_with(units, sums), rows)
            layer, which, values = layer + 1, units, self._pass_on(layer + 1, units, sums)

    def accept(self, trial: Trial) -> None:
        """Make a trial the state; kernel, bias and format are the caller's to change."""
        for layer, name, which, values in trial.rows:
            getattr(self.layers[layer], name)[which] = values
        self.loss = trial.loss

    def slopes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return, by layer, the first and second derivatives of the loss by each weight, (n_in, n_out).

        The second ones about.
        """
        first, second = self._loss_of.slopes(self.layers[-1].sums)
        found = []
        for index in range(len(self.layers) - 1, -1, -1):
            state = self.layers[index]
            found.append((state.inputs @ first.T, np.square(state.inputs) @ second.T))
            if index:
                kernel, live = state.kernel.astype(np.float32), 1.0
                if self._network.layers[index - 1].activation == "relu":
                    live = self.layers[index - 1].sums > 0
                first, second = (kernel @ first) * live, (np.square(kernel) @ second) * live
        return found[::-1]

    def network(self) -> Network:
        """Return the network as it is now."""
        formats = [*(one.format.as_type() for one in self.layers[1:]), None]
        layers = []
        for layer, state, after in zip(self._network.layers, self.layers, formats):
            constants = {"weight": state.kernel, "bias": state.bias}
            types = {name: exact_type(values, widest=_WIDEST_CONSTANT) for name, values in constants.items()}
            output = {} if after is None else {"output": after}
            precision = replace(layer.precision, **types, **output)
            refined = replace(layer, kernel=state.kernel, bias=state.bias, precision=precision, quantizer=after)
            layers.append(refined)
        source = self.layers[0].format.as_type()
        return Network.chain(tuple(layers), source, input_quantizer=source)

    def _pass_on(self, layer: int, which: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """Return what some inputs of a layer are, by the sums of those that feed them."""
        values = np.maximum(sums, 0) if self._network.layers[layer - 1].activation == "relu" else sums
        return _quantise(values, self.layers[layer].format.of(which))

    def _loss_with(self, units: np.ndarray, sums: np.ndarray) -> float:
        outputs = self.layers[-1].sums.copy()
        outputs[units] = sums
        return self._loss_of.value(outputs)


def _quantise(values: np.ndarray, precision: FixedPoint) -> np.ndarray:
    """FixedPoint.quantize in float32, many times as fast: rows that fit, and few do not, skip the modulo."""
    step = np.exp2(-precision.fraction.astype(np.float32))
    codes = np.floor(values / step + np.float32(0.5 * (precision.rounding == "RND")))
    low, high = (limit.astype(np.float32) for limit in (precision.code_low, precision.code_high))
    if precision.overflow == "WRAP":
        beyond = ((codes > high) | (codes < low)).any(1)
        codes[beyond] = np.mod(codes[beyond] - low[beyond], high[beyond] - low[beyond] + 1) + low[beyond]
    else:
        codes = np.clip(codes, low, high)
    return codes * step


def _check(network: Network) -> None:
    for fixed in network.fixed_layers:
        _check_layer(fixed, is_last=fixed.layer is network.layers[-1])


def _check_layer(fixed: FixedLayer, *, is_last: bool) -> None:
    layer = fixed.layer
    if layer.activation not in ("linear", "relu") or (is_last and layer.activation != "linear"):
        raise UnsupportedLayerError(
            f"layer '{layer.name}': expected relu or linear, linear at the end. Received: {layer.activation}"
        )
    if not np.array_equal(codes_of(layer.kernel), layer.kernel * 2.0**MAX_FRACTION):
        raise PrecisionError(
            f"layer '{layer.name}': expected weights in steps of 2^-{MAX_FRACTION} or more. Received: finer ones"
        )
    if (
        layer.precision.accum is not None
        or layer.precision.result is not None
        or (is_last and layer.precision.output is not None)
    ):
        raise PrecisionError(
            f"layer '{layer.name}': expected exact sums, types of accumulator and result left open. Received: "
            f"{layer.precision.accum}"
        )
    if fixed.dense.input.type.rounding == "RND_CONV":
        raise PrecisionError(f"layer '{layer.name}': expected inputs rounded by TRN or RND. Received: RND_CONV")
