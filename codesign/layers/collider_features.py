"""ColliderFeatures: momenta as a network takes them, components of events in one position, and masses."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.data.collider import ColliderVectors
from codesign.data.collider_inputs import ColliderInputs
from codesign.data.collider_steps import collider_steps
from codesign.errors import ConfigError

_FUNCTIONS = {"exponential": "exp"}


@checked
@keras.utils.register_keras_serializable(package="codesign")
class ColliderFeatures(keras.layers.Layer):
    """px, py, pz in place of pt, eta, phi, behind the other columns, of each event in one position; masses of pairs.

    What :class:`codesign.EnsembleClassifier` makes of events, as a layer: with it a model, its file and its generated
    C++ take events in physical units. Events are turned about the beam until `reference` is at phi = 0, and mirrored
    until that has an eta, and `other` a py, of 0 or above, by products with the direction of the reference.

    Args:
        features, polar, cartesian, missing: as of :class:`codesign.data.ColliderVectors`.
        reference, other: momenta that events are aligned by; None: they stay as they are.
        masses: whether masses and distances of pairs are added.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n_features), in physical units

    Output shape:
        (n_events, ..., columns that are no momenta + components + what pairs have); of what does not exist, `missing`.

    Raises:
        ConfigError: for a column or a momentum that is not there, or has two meanings.

    Callback: none.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import ColliderFeatures
        >>> columns = ("pt", "eta", "phi", "met", "met_phi")
        >>> momenta = {"lep": columns[:3], "met": ("met", None, "met_phi")}
        >>> layer = ColliderFeatures(columns, momenta, reference="lep", other="met")
        >>> layer.names
        ('lep_px', 'lep_py', 'lep_pz', 'met_px', 'met_py', 'mt_lep_met')
        >>> [f"{value:.2f}" for value in layer(np.array([[40.0, 0.0, 1.0, 30.0, 2.0]], np.float32)).numpy()[0]]
        ['40.00', '0.00', '0.00', '16.21', '25.24', '33.22']
    """

    def __init__(
        self,
        features: Sequence[str],
        polar: Mapping[str, Sequence[str | None]] | None = None,
        cartesian: Mapping[str, Sequence[str | None]] | None = None,
        *,
        missing: float | None = None,
        reference: str | None = None,
        other: str | None = None,
        masses: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        vectors = ColliderVectors(tuple(features), dict(polar or {}), dict(cartesian or {}), missing)
        self.wanted = ColliderInputs(vectors, reference, other, masses)

    @classmethod
    def of(cls, wanted: ColliderInputs, **kwargs: object) -> "ColliderFeatures":
        """Return the layer of what is described already."""
        options = {name: getattr(wanted, name) for name in ("reference", "other", "masses")}
        return cls(**asdict(wanted.vectors), **options, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if input_shape[-1] != len(self.wanted.vectors.features):
            raise ConfigError(
                f"features: expected names of all {input_shape[-1]} columns. Received: "
                f"{len(self.wanted.vectors.features)}"
            )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return collider_steps(_TensorSteps(), inputs, self.wanted)

    @property
    def names(self) -> tuple[str, ...]:
        """What the outputs are called."""
        return self.wanted.names

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], len(self.wanted.order()))

    def get_config(self) -> dict:
        wanted = self.wanted
        named = asdict(wanted.vectors)
        momenta = {kind: {name: list(one) for name, one in named[kind].items()} for kind in ("polar", "cartesian")}
        options = {name: getattr(wanted, name) for name in ("reference", "other", "masses")}
        return {**super().get_config(), **named, "features": list(wanted.vectors.features), **momenta, **options}


class _TensorSteps:
    """The operations in TensorFlow."""

    def take(self, x: tf.Tensor, places: Sequence[int]) -> tf.Tensor:
        found = tf.gather(x, np.maximum(places, 0), axis=-1)
        is_there = np.array([one >= 0 for one in places])
        return found if is_there.all() else tf.where(is_there, found, tf.zeros_like(found))

    def join(self, values: Sequence[tf.Tensor]) -> tf.Tensor:
        return tf.concat(values, -1)

    def line(self, x: tf.Tensor, factor: float | np.ndarray, offset: float = 0.0) -> tf.Tensor:
        return x * tf.cast(factor, x.dtype) + tf.cast(offset, x.dtype)

    def apply(self, function: str, x: tf.Tensor) -> tf.Tensor:
        if function in ("sqrt", "rsqrt"):  # whose slope at 0 would make gradients NaN; the rsqrt of 0 is taken nowhere
            is_above = x > 0
            return tf.where(
                is_above, getattr(tf.math, function)(tf.where(is_above, x, tf.ones_like(x))), tf.zeros_like(x)
            )
        return getattr(tf.nn if function == "relu" else tf.math, _FUNCTIONS.get(function, function))(x)

    def merge(self, operation: str, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        return getattr(tf.math, operation)(a, b)

    def differs(self, x: tf.Tensor, number: float) -> tf.Tensor:
        return tf.cast(x != tf.cast(number, x.dtype), x.dtype)

    def choose(self, condition: tf.Tensor, x: tf.Tensor, other: tf.Tensor | float) -> tf.Tensor:
        return tf.where(condition != 0, x, tf.cast(other, x.dtype))
