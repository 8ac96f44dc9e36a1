"""ColliderAugmentation: events turned about the beam and mirrored at random, while a network is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.data.collider import ColliderVectors
from codesign.errors import ConfigError


@checked
@keras.utils.register_keras_serializable(package="codesign")
class ColliderAugmentation(keras.layers.Layer):
    """Each event turned by a random angle about the beam, and mirrored in y and in z at random, in training only.

    It goes in front of what standardises the events. :meth:`augment` is the same as a function, for
    ``tf.data.Dataset.map`` behind ``batch``, or for :meth:`codesign.Ensemble.train`.

    Args:
        features, polar, cartesian, missing: as of :class:`codesign.data.ColliderVectors`.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n_features), in physical units

    Output shape:
        as the input.

    Raises:
        ConfigError: for a column that is not there, or has two meanings.

    Callback: none.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import ColliderAugmentation
        >>> layer = ColliderAugmentation(("pt", "eta", "phi"), polar={"muon": ("pt", "eta", "phi")})
        >>> x = np.array([[40.0, 1.5, 0.5]], np.float32)
        >>> np.abs(layer(x, training=True))[0, :2].tolist(), layer(x).numpy().tolist() == x.tolist()
        ([40.0, 1.5], True)
    """

    def __init__(
        self,
        features: Sequence[str],
        polar: Mapping[str, Sequence[str | None]] | None = None,
        cartesian: Mapping[str, Sequence[str | None]] | None = None,
        *,
        missing: float | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.vectors = ColliderVectors(tuple(features), dict(polar or {}), dict(cartesian or {}), missing)
        n_features = len(self.vectors.features)
        self._is_phi, self._along = np.zeros((2, n_features), np.float32)
        self._is_phi[self.vectors.places("phi")] = 1
        self._along[[one for part in ("eta", "pz") for one in self.vectors.places(part) if one >= 0]] = 1
        self._px, self._py = np.zeros((2, n_features), np.float32)
        px, py = (self.vectors.places(part) for part in ("px", "py"))
        self._px[px], self._py[py] = 1, 1
        self._partner = np.arange(n_features)
        self._partner[px], self._partner[py] = py, px

    @classmethod
    def of(cls, vectors: ColliderVectors, **kwargs: object) -> "ColliderAugmentation":
        """Return the layer of momenta that are named already."""
        return cls(**asdict(vectors), **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if int(input_shape[-1]) != len(self.vectors.features):
            raise ConfigError(
                f"features: expected names of all {input_shape[-1]} columns. Received: {len(self.vectors.features)}"
            )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.augment(inputs) if training else inputs

    def augment(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return events turned and mirrored at random."""
        events, dtype = tf.shape(inputs)[:-1], inputs.dtype
        angle = tf.random.uniform(tf.concat([events, [1]], 0), -np.pi, np.pi, dtype)
        signs = tf.sign(tf.random.uniform(tf.concat([events, [2]], 0), -1, 1, dtype))
        y, z = signs[..., :1], signs[..., 1:]
        found = inputs
        if self._px.any():
            cosine, sine = tf.cos(angle), tf.sin(angle)
            in_plane, partner = self._px + self._py, tf.gather(inputs, self._partner, axis=-1)
            found = inputs * (1 + (cosine - 1) * in_plane) + partner * sine * (self._py - self._px)
        if self._is_phi.any():
            turned = found + angle * self._is_phi
            found = turned - 2 * np.pi * tf.round(turned / (2 * np.pi)) * self._is_phi
        found = found * (1 + (y - 1) * (self._is_phi + self._py)) * (1 + (z - 1) * self._along)
        missing = self.vectors.missing
        return found if missing is None else tf.where(inputs == missing, inputs, found)

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict:
        named = asdict(self.vectors)
        momenta = {kind: {name: list(one) for name, one in named[kind].items()} for kind in ("polar", "cartesian")}
        return {**super().get_config(), **named, "features": list(self.vectors.features), **momenta}
