"""InputRounding: how a PosteriorDense rounds its inputs, from the start of its collapse on."""

import numpy as np

from codesign._keras import tf
from codesign.layers.posterior.input_format import format_of_steps
from codesign.layers.posterior.math import round_inputs, span_covering
from codesign.network import FixedPoint

NOISY, COLLAPSING, COLLAPSED = 0, 1, 2  # stages of the layer
ROUNDED, TRUNCATED, UNTOUCHED = 0, 1, 2  # modes of its inputs


class InputRounding:
    """Step, range and mode of each input, in variables that the layer saves with its weights.

    Args:
        step, span: (n_in,) variables, powers of two: multiples of `step` over ranges of size `span`.
        state: (3,) variable: stage of the layer, mode of its inputs, whether they are signed.
        is_prescribed: whether step and span are a detector's, and stay.
    """

    def __init__(self, step: tf.Variable, span: tf.Variable, state: tf.Variable, *, is_prescribed: bool) -> None:
        self._step, self._span, self._state, self._is_prescribed = step, span, state, is_prescribed

    @property
    def stage(self) -> int:
        """NOISY, COLLAPSING or COLLAPSED."""
        return int(self._state[0])

    @property
    def mode(self) -> int:
        """ROUNDED (RND, SAT, signed), TRUNCATED (TRN, WRAP) or UNTOUCHED (whatever comes is in a format already)."""
        return int(self._state[1])

    @property
    def format(self) -> FixedPoint | None:
        """The inputs' format; None before the collapse, and for inputs that come in a format already."""
        if self.stage == NOISY or self.mode == UNTOUCHED:
            return None
        steps = self._step.numpy(), self._span.numpy()
        return format_of_steps(*steps, signed=bool(self._state[2]), truncated=self.mode == TRUNCATED)

    def start(self, mode: int, step: np.ndarray) -> None:
        """Begin to round to multiples of `step`, (n_in,); a prescribed format keeps its own."""
        if not self._is_prescribed:
            self._step.assign(step)
        self._state.assign([COLLAPSING, mode, 1])

    def cover(self, low: np.ndarray, high: np.ndarray) -> None:
        """Set the integer bits such that inputs from `low` to `high`, (n_in,) each, do not overflow."""
        step, offset = self._step.numpy().astype(np.float64), 0.5 * (self.mode == ROUNDED)
        low, high = (np.floor(np.asarray(limit, np.float64) / step + offset) * step for limit in (low, high))
        signed = self.mode == ROUNDED or bool((low < 0).any())
        if not self._is_prescribed:
            self._span.assign(span_covering(low, high, step, signed))
            self._state.assign([self.stage, self.mode, signed])

    def finish(self) -> None:
        """Let the layer be constant from now on."""
        self._state.assign([COLLAPSED, self.mode, self._state[2]])

    def __call__(self, inputs: tf.Tensor) -> tf.Tensor:
        """Round inputs, (n_events, ..., n_in); truncated ones wrap once the layer is constant, and saturate before."""
        stage, mode, signed = tf.unstack(self._state)
        truncated = tf.equal(mode, TRUNCATED)
        modes = {"half_up": tf.logical_not(truncated), "wraps": tf.logical_and(truncated, stage >= COLLAPSED)}
        rounded = round_inputs(inputs, self._step, -0.5 * signed * self._span, self._span, **modes)
        return tf.where(tf.equal(mode, UNTOUCHED), inputs, rounded)
