"""DetectorWords: the first layer of a network that takes what a detector sends."""

from collections.abc import Mapping

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.data import Words
from codesign.errors import ConfigError
from codesign.network.word_bits import mean_left_out


@checked
@keras.utils.register_keras_serializable(package="codesign")
class DetectorWords(keras.layers.Layer):
    """Take a detector's words, and give the layers behind numbers around 0 of a spread around 1.

    ``y = word(x) - offset``: a word is what ``ap_fixed`` makes of x, truncated and wrapping, which is x itself if a
    detector sent it. Nothing of this costs any hardware: scales are powers of two, and a Network has the offsets in the
    biases of the dense layers behind, exactly. A :class:`PosteriorDense` behind it learns how many bits of each word it
    needs, and leaves out the others at the low end.

    Args:
        words: see :class:`codesign.data.Words`, or its dictionary.
        bits: that are used of each word, from its highest on, where it has so many; ``y`` then is the middle of what
            the bits left out can be. None: all.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n), one value for each of the n words.

    Output shape:
        (n_events, ..., n)

    Raises:
        ConfigError: for no words, bits below 1, or inputs of another number.

    Example:
        >>> from codesign import PosteriorDense, keras, load_dataset
        >>> from codesign.layers import DetectorWords
        >>> data = load_dataset("b_decay").in_words()
        >>> layers = [DetectorWords(data.words), PosteriorDense(8, activation="relu"), PosteriorDense(1)]
        >>> model = keras.Sequential([keras.Input((data.n_features,)), *layers])
        >>> bool(abs(model.layers[0](data.x_train).numpy().mean()) < 0.5)
        True
    """

    def __init__(self, words: Words | Mapping[str, object], *, bits: int | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.words = words if isinstance(words, Words) else Words.from_dict(words)
        if bits is not None and bits < 1:
            raise ConfigError(f"bits: expected 1 or more, or None for all. Received: {bits}")
        self.bits = None if bits is None else int(bits)
        self.precision = self.words.top(self.bits)
        self.shift = mean_left_out(self.words.precision, self.precision) - self.words.offset

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        if input_shape[-1] != len(self.words.features):
            raise ConfigError(
                f"inputs of layer '{self.name}': expected {len(self.words.features)}, one for each word. Received: "
                f"{input_shape[-1]}; make the words of these features"
            )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        centred = tf.grad_pass_through(self._centre)(tf.cast(inputs, tf.float32))
        return tf.cast(centred, inputs.dtype)

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "words": self.words.as_dict(), "bits": self.bits}

    def _centre(self, values: tf.Tensor) -> tf.Tensor:
        """Exact, since steps and spans are powers of two; TensorFlow divides by constants less exactly."""
        step, span = self._step(), np.exp2(np.asarray(self.precision.integer, np.float64))
        constants = step, 1 / step, span, 1 / span, self.precision.low, self.shift
        step, scale, span, turns, low, shift = (np.asarray(one, np.float32) for one in constants)
        down = tf.floor(values * scale) * step
        return down - tf.floor((down - low) * turns) * span + shift

    def _step(self) -> np.ndarray:
        """(n,) float64: what the lowest bit that is used is worth."""
        return np.exp2(-np.broadcast_to(self.precision.fraction, len(self.words.features)).astype(np.float64))
