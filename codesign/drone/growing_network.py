"""A dense network built at its largest size, whose units are switched on one by one: growth costs no new tracing."""

from collections.abc import Callable, Sequence

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError, TrainingError

LayerFactory = Callable[..., keras.layers.Layer]


class UnitMask(keras.layers.Layer):
    """``y = x * mask``: a unit whose mask is 0 neither acts nor learns, since no gradient passes in or out.

    Args:
        units: how many there are.
        active: how many of them are on at first, the first ones.
    """

    def __init__(self, units: int, active: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.mask = self.add_weight(name="mask", shape=(units,), initializer="zeros", trainable=False)
        self.switch_on(active)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.mask

    def switch_on(self, active: int) -> None:
        """Let the first `active` units act."""
        self.mask.assign(np.arange(self.mask.shape[0]) < active)


class GrowingNetwork:
    """Hidden layers that can grow by a unit at a time, and linear outputs behind them.

    A new unit gets random incoming and zero outgoing weights: what the network computes stays the same for any
    activation, and the unit can learn (with both zero, tanh and ReLU units never would). The optimizer keeps its state:
    no variable is replaced.

    Args:
        n_inputs, n_outputs: features and outputs of an event.
        hidden: units of each hidden layer at first.
        largest: units of each hidden layer at most.
        activation: of hidden units: a name of Keras, or a QKeras quantizer such as ``quantized_relu(6,2)``.
        layer: ``layer(units, name=...)`` makes each dense layer; Dense by default.
        seed: of new units.
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        *,
        hidden: Sequence[int],
        largest: Sequence[int],
        activation: str,
        layer: LayerFactory | None = None,
        seed: int = 0,
    ) -> None:
        self.active, self.largest = list(hidden), tuple(largest)
        self._n_outputs, self._activation, self._factory = n_outputs, activation, layer or keras.layers.Dense
        self._rng = np.random.default_rng(seed)
        self._dense = self._make_dense((*self.largest, n_outputs))
        self._masks = [UnitMask(most, now) for most, now in zip(self.largest, self.active)]
        steps = [keras.Input((n_inputs,))]
        for dense, mask in zip(self._dense, self._masks):
            steps += [dense, _activation_layer(activation, f"{dense.name}_activation"), mask]
        self.model = keras.Sequential([*steps, self._dense[-1]], name="growing_drone")
        self._silence_sleeping_units()

    @property
    def n_inputs(self) -> int:
        """Features of an event."""
        return self.model.input_shape[-1]

    @property
    def can_grow(self) -> bool:
        """Whether a hidden layer is below its largest size."""
        return any(now < most for now, most in zip(self.active, self.largest))

    def grow(self) -> None:
        """Add a unit to each hidden layer that is below its largest size; the outputs do not change."""
        for index, (now, most) in enumerate(zip(self.active, self.largest)):
            if now == most:
                continue
            incoming, outgoing = self._dense[index], self._dense[index + 1]
            _write(outgoing.kernel, (now, slice(None)), 0.0)
            kernel = incoming.kernel.numpy()
            n_in = self.active[index - 1] if index else len(kernel)
            # No larger than what is there, so that formats and thresholds that follow the largest weight stay.
            most_weight = float(np.abs(kernel).max()) or 1.0
            weights = self._rng.normal(0, 2 / np.sqrt(n_in), n_in)
            _write(incoming.kernel, (slice(None, n_in), now), np.clip(weights, -most_weight, most_weight))
            self._masks[index].switch_on(now + 1)
            self.active[index] += 1

    def strip(self, x: np.ndarray) -> list[keras.layers.Layer]:
        """Return layers of the size reached, without masks: they compute what the network does.

        Args:
            x: (n_events, n_inputs) standardised events to check that on.

        Raises:
            TrainingError: if they do not, for layers whose weights act through statistics of the whole kernel.
        """
        dense = self._make_dense((*self.active, self._n_outputs))
        layers = []
        for index, layer in enumerate(dense):
            layers.append(layer)
            if index < len(dense) - 1:
                layers.append(_activation_layer(self._activation, f"{layer.name}_activation"))
        plain = keras.Sequential([keras.Input((self.n_inputs,)), *layers])
        for old, new in zip(self._dense, dense):
            for source, target in zip(old.variables, new.variables):
                target.assign(source.numpy()[tuple(slice(size) for size in target.shape)])
        before, after = (np.asarray(model(x)) for model in (self.model, plain))
        if not np.allclose(before, after, rtol=1e-4, atol=1e-4 * max(1.0, float(np.abs(before).max()))):
            raise TrainingError(
                f"layer: expected layers that compute the same without units that are off. Received: a difference of "
                f"{np.abs(before - after).max():.3g}; set max_units to the units of hidden, so that nothing grows"
            )
        return layers

    def _make_dense(self, units: Sequence[int]) -> list[keras.layers.Layer]:
        layers = [self._factory(size, name=f"dense{index + 1}") for index, size in enumerate(units[:-1])]
        layers.append(self._factory(units[-1], name="output"))
        for layer in layers:
            if getattr(layer, "units", None) is None:
                raise ConfigError(
                    "layer: expected a function (units, name=...) that returns a dense layer. Received: "
                    f"{type(layer).__name__}"
                )
        return layers

    def _silence_sleeping_units(self) -> None:
        """Units that are off have zero weights, so that nothing which looks at a whole kernel sees them."""
        for index, active in enumerate(self.active):
            _write(self._dense[index].kernel, (slice(None), slice(active, None)), 0.0)
            _write(self._dense[index + 1].kernel, (slice(active, None), slice(None)), 0.0)
        for layer in self._dense:
            if hasattr(layer, "reset_scales"):
                layer.reset_scales()


def _activation_layer(activation: str, name: str) -> keras.layers.Layer:
    if "quantized" in str(activation):
        from qkeras import QActivation

        return QActivation(activation, name=name)
    try:
        return keras.layers.Activation(activation, name=name)
    except (TypeError, ValueError):
        raise ConfigError(
            f"activation: expected the name of a Keras activation, or a QKeras quantizer. Received: {activation}"
        ) from None


def _write(variable: tf.Variable, where: tuple, values: object) -> None:
    array = variable.numpy()
    array[where] = values
    variable.assign(array)
