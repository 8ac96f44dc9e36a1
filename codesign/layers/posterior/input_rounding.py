"""InputRounding: how a PosteriorDense rounds its inputs, from the start of its collapse on."""

from typing import NamedTuple

import numpy as np

from codesign._keras import tf
from codesign.layers.posterior.math import round_inputs, span_covering
from codesign.network import FixedPoint
from codesign.network.types.of_steps import format_of_steps

NOISY, COLLAPSING, COLLAPSED = 0, 1, 2  # stages of the layer
ROUNDED, TRUNCATED, UNTOUCHED, SENT = 0, 1, 2, 3  # modes of its inputs


class SentInputs(NamedTuple):
    """Words of a detector as the inputs of a layer, less an offset.

    Args:
        offset: (n_in,) what was subtracted.
        finest: (n_in,) what their lowest bits are worth.
        coarsest: (n_in,) the largest step that divides the offset.
        span: (n_in,) powers of two: the sizes of their ranges.
    """

    offset: np.ndarray
    finest: np.ndarray
    coarsest: np.ndarray
    span: np.ndarray


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
        """How inputs become what the layer multiplies.

        ROUNDED (RND, SAT, signed), TRUNCATED (TRN, WRAP), UNTOUCHED (whatever comes is in a format already), or SENT
        (TRN: words of a detector, whose range is theirs, less an offset).
        """
        return int(self._state[1])

    @property
    def format(self) -> FixedPoint | None:
        """The inputs' format; None before the collapse, and for inputs that come in a format already.

        Of words the bits that are used of those sent, and one more for the sign that the offset gives them.
        """
        if self.stage == NOISY or self.mode == UNTOUCHED:
            return None
        steps = self._step.numpy(), self._span.numpy()
        return format_of_steps(*steps, signed=bool(self._state[2]), truncated=self.mode != ROUNDED)

    def start(self, mode: int, step: np.ndarray, sent: SentInputs | None = None) -> None:
        """Begin to round to multiples of `step`, (n_in,), of words to one that they have; a prescribed format stays."""
        if sent is not None:
            step = np.clip(step, sent.finest, sent.coarsest)
            self._span.assign(2 * sent.span)
        if not self._is_prescribed:
            self._step.assign(step)
        self._state.assign([COLLAPSING, mode, 1])

    def cover(self, low: np.ndarray, high: np.ndarray) -> None:
        """Set the integer bits such that inputs from `low` to `high`, (n_in,) each, do not overflow."""
        if self._is_prescribed or self.mode == SENT:
            return
        step, offset = self._step.numpy().astype(np.float64), 0.5 * (self.mode == ROUNDED)
        low, high = (np.floor(np.asarray(limit, np.float64) / step + offset) * step for limit in (low, high))
        signed = self.mode == ROUNDED or bool((low < 0).any())
        self._span.assign(span_covering(low, high, step, signed))
        self._state.assign([self.stage, self.mode, signed])

    def finish(self) -> None:
        """Let the layer be constant from now on."""
        self._state.assign([COLLAPSED, self.mode, self._state[2]])

    def __call__(self, inputs: tf.Tensor) -> tf.Tensor:
        """Round inputs, (n_events, ..., n_in); truncated ones wrap once the layer is constant, and saturate before."""
        stage, mode, signed = tf.unstack(self._state)
        truncated = tf.logical_or(tf.equal(mode, TRUNCATED), tf.equal(mode, SENT))
        modes = {"half_up": tf.logical_not(truncated), "wraps": tf.logical_and(truncated, stage >= COLLAPSED)}
        rounded = round_inputs(inputs, self._step, -0.5 * signed * self._span, self._span, **modes)
        return tf.where(tf.equal(mode, UNTOUCHED), inputs, rounded)
