"""Coordinate descent: the changes of a fixed-point network that refinement tries.

Weights, biases, formats, new weights.
"""

from collections.abc import Callable, Iterable

import numpy as np

from codesign.network.types.signed_digits import count_signed_digits
from codesign.refine.digit_cost import OUTPUT_STEP, codes_of, neighbours, powers_near
from codesign.refine.network_state import NetworkState
from codesign.refine.trial import Trial

_BIAS_STEPS = (1, -1, 2, -2, 4, -4)
_INPUT_CHANGES = ((-1, 0), (0, -1), (1, 0), (0, 1))  # bits behind and before the binary point
_WIDEST_INPUT = 24
Option = tuple[Trial, float, Callable[[], None]]  # what it leads to, LUTs more, what else is to be set


class CoordinateDescent:
    """Tries changes one at a time and keeps those that lower ``loss + price * LUTs``.

    Args:
        state: the network on its events.
        rng: for the order.
        price: loss per LUT.
        least_gain: what a change has to bring to be kept.
        max_trials: changes tried in all; then nothing changes any more.
        moves_inputs: whether the formats of the network's inputs may change.
    """

    def __init__(
        self,
        state: NetworkState,
        rng: np.random.Generator,
        *,
        price: float,
        least_gain: float,
        max_trials: float,
        moves_inputs: bool,
    ) -> None:
        self._state, self._rng, self._price, self._least_gain = state, rng, price, least_gain
        self._trials_left, self._moves_inputs = max_trials, moves_inputs

    @property
    def is_exhausted(self) -> bool:
        """Whether all trials are used up."""
        return self._trials_left <= 0

    def sweep(self, n_new_weights: int) -> None:
        """Try every kind of change once at every place."""
        self._move_weights()
        self._move_biases()
        for index, layer in enumerate(self._state.layers):
            if layer.format.is_free and not layer.format.is_input:
                self._move_formats(index)
        for index, layer in enumerate(self._state.layers):
            if layer.format.is_free and layer.format.is_input and self._moves_inputs:
                self._move_input_formats(index)
        self._add_weights(n_new_weights)
        self._remove_unread()

    def _keep_best(self, options: Iterable[Option]) -> bool:
        best, least = None, -self._least_gain
        if self.is_exhausted:
            return False
        for option in options:
            self._trials_left -= 1
            gain = option[0].loss - self._state.loss + self._price * option[1]
            if gain < least:
                best, least = option, gain
        if best is not None:
            self._state.accept(best[0])
            best[2]()
        return best is not None

    def _move_weights(self) -> None:
        places = [
            (index, *place) for index, layer in enumerate(self._state.layers) for place in np.argwhere(layer.kernel)
        ]
        for index, source, unit in self._rng.permutation(places) if places else ():
            weight = self._state.layers[index].kernel[source, unit]
            self._keep_best(
                option for value in neighbours(weight) for option in self._weight_options(index, source, unit, value)
            )

    def _weight_options(self, index: int, source: int, unit: int, value: float) -> Iterable[Option]:
        """A weight of another value, as it is, and with a bias that makes up for the mean of the difference."""
        layer = self._state.layers[index]
        difference = value - layer.kernel[source, unit]
        more = float(layer.weight_cost(value, source) - layer.weight_cost(layer.kernel[source, unit], source))
        step = self._bias_step(index, unit)
        mean_shift = -np.rint(difference * layer.inputs[source].mean() / step) * step
        for shift in {0.0, float(mean_shift)}:
            sums = layer.sums[unit] + np.float32(difference) * layer.inputs[source] + np.float32(shift)

            def apply(shift: float = shift) -> None:
                layer.kernel[source, unit] = value
                layer.bias[unit] += shift

            yield self._state.try_sums(index, unit, sums), more, apply

    def _move_biases(self) -> None:
        for index, layer in enumerate(self._state.layers):
            for unit in self._rng.permutation(len(layer.bias)):
                for steps in _BIAS_STEPS:
                    shift = steps * self._bias_step(index, unit)
                    if self._keep_best([self._bias_option(index, unit, shift)]):
                        break

    def _bias_option(self, index: int, unit: int, shift: float) -> Option:
        layer = self._state.layers[index]

        def apply() -> None:
            layer.bias[unit] += shift

        return self._state.try_sums(index, unit, layer.sums[unit] + np.float32(shift)), 0.0, apply

    def _bias_step(self, index: int, unit: int) -> float:
        """Half the step that a bias feeds, since truncated values are half a step too low on average."""
        fractions = [
            self._state.layers[reader.index].format.fraction[reader.places[:, unit]].max()
            for reader in self._state.layers[index].readers
            if reader.places[:, unit].any()
        ]
        return float(2.0 ** -(max(fractions) + 1.0)) if fractions else OUTPUT_STEP

    def _move_formats(self, index: int) -> None:
        """One bit less or more behind the binary point, one less before it: of values between layers."""
        layer = self._state.layers[index]
        for place in np.flatnonzero(layer.kernel.any(1) & (layer.format.width > 0)):
            if not self._keep_best([self._format_option(index, place, -1, -1)]):
                self._keep_best([self._format_option(index, place, 1, 1)])
            if layer.format.width[place] > 0:
                self._keep_best([self._format_option(index, place, -1, 0)])
            self._narrow(index, place)

    def _format_option(self, index: int, place: int, more_bits: int, more_fraction: int) -> Option:
        """Values of another format; of truncated ones, the bias before takes the difference of their mean."""
        layer = self._state.layers[index]
        formats, old = layer.format, (layer.format.width[place], layer.format.fraction[place])
        new = old[0] + more_bits, old[1] + more_fraction
        shift = formats.truncates * 0.5 * (2.0 ** -float(new[1]) - 2.0 ** -float(old[1]))
        feeder = self._state.feeder(index, place) if shift else None

        def apply() -> None:
            formats.width[place], formats.fraction[place] = new
            if feeder is not None:
                self._state.layers[feeder[0]].bias[feeder[1]] += shift

        formats.width[place], formats.fraction[place] = new
        trial = self._state.try_format(index, place, shift)
        formats.width[place], formats.fraction[place] = old
        return trial, more_bits * (self._digits(index, place) + layer.n_places), apply

    def _narrow(self, index: int, place: int) -> None:
        """Drop the bits before the binary point that no event uses."""
        layer = self._state.layers[index]
        signed, largest = layer.format.signed[place], np.abs(layer.inputs[place]).max()
        while layer.format.width[place] > signed:
            if largest >= 2.0 ** float(layer.format.width[place] - 1 - signed - layer.format.fraction[place]):
                break
            layer.format.width[place] -= 1

    def _move_input_formats(self, index: int) -> None:
        """Bits less or more at both ends; of what is sent at the low end only, and none that is not sent."""
        form, layer = self._state.layers[index].format, self._state.layers[index]
        for place in np.flatnonzero(layer.kernel.any(1)):
            for more_fraction, more_integer in _INPUT_CHANGES:
                width = form.width[place] + more_fraction + more_integer
                fraction = form.fraction[place] + more_fraction
                is_sent = not form.is_sent or (not more_integer and fraction <= form.finest[place])
                if 1 <= width <= _WIDEST_INPUT and is_sent:
                    self._keep_best(self._input_options(index, place, width, fraction))

    def _input_options(self, index: int, place: int, width: int, fraction: int) -> Iterable[Option]:
        """Another format, as it is, and where it truncates with biases that make up for the mean of the difference."""
        layer, formats = self._state.layers[index], self._state.layers[index].format
        old = formats.width[place], formats.fraction[place]
        more = float(width - old[0]) * self._digits(index, place)
        formats.width[place], formats.fraction[place] = width, fraction
        shifts = [np.zeros(len(layer.bias))]
        if formats.truncates:
            steps = np.array([self._bias_step(index, unit) for unit in range(len(layer.bias))])
            shifts.append(-np.rint(layer.kernel[place] * self._state.input_change(index, place) / steps) * steps)
        trials = [
            (shift, self._state.try_input(index, place, shift)) for shift in shifts if shift is shifts[0] or shift.any()
        ]
        formats.width[place], formats.fraction[place] = old
        for shift, trial in trials:

            def apply(shift: np.ndarray = shift) -> None:
                formats.width[place], formats.fraction[place] = width, fraction
                layer.bias += shift

            yield trial, more, apply

    def _digits(self, index: int, place: int) -> float:
        layer = self._state.layers[index]
        return layer.n_places * float(count_signed_digits(codes_of(layer.kernel[place])).sum())

    def _add_weights(self, n_tried: int) -> None:
        """Try weights where there is none, those that promise most by slope and curvature, ``-g^2 / 2h``."""
        found = []
        for index, (first, second) in enumerate(self._state.slopes()):
            layer = self._state.layers[index]
            second = np.maximum(second, 1e-12)
            gains = (
                0.5 * np.square(first) / second
                - self._price * layer.weight_cost(1.0, np.arange(len(first)))[:, np.newaxis]
            )
            read = layer.kernel.any(0) | layer.reaches_output
            for source, unit in np.argwhere((layer.kernel == 0) & read & (first != 0) & (gains > 0)):
                found.append((gains[source, unit], index, source, unit, -first[source, unit] / second[source, unit]))
        for _, index, source, unit, best in sorted(found, key=lambda one: -one[0])[:n_tried]:
            values = powers_near(best)
            self._keep_best(option for value in values for option in self._weight_options(index, source, unit, value))

    def _remove_unread(self) -> None:
        """Remove the weights of units that no weight reads: what they give is their bias, and nobody's concern."""
        for index, layer in reversed(list(enumerate(self._state.layers))):
            read = layer.reaches_output.copy()
            for reader in layer.readers:
                read |= reader.places[self._state.layers[reader.index].kernel.any(1)].any(0)
            for unit in np.flatnonzero(~read & layer.kernel.any(0)):
                layer.kernel[:, unit] = 0
                bias = np.full(layer.sums[unit].shape, layer.bias[unit], np.float32)
                self._state.accept(self._state.try_sums(index, unit, bias))
