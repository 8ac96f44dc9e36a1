"""TableSum: keys, tables of them and sums of the tables, as one Keras layer."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.full_precision import FullPrecisionLayer
from codesign.layers.plain_lists import plain_lists
from codesign.layers.tables.grown import grown_tables
from codesign.layers.tables.key_bits import KeyBits
from codesign.layers.tables.precision import pack_precision
from codesign.layers.tables.segment_sum import SegmentSum
from codesign.layers.tables.table_lookup import TableLookup
from codesign.network import FixedPoint, Network
from codesign.network.ops.table import LUT6_KEYS


@checked
@keras.utils.register_keras_serializable(package="codesign")
class TableSum(FullPrecisionLayer):
    """Sums of tables of at most six one-bit keys: additive oblivious trees, each bit of a tree one six-input LUT.

    ``y[s] = offset[s] + sum over the tables t of s of leaves[t][keys of t]``. A key is ``x[feature] >= threshold``, or
    a raw bit of x. Thresholds are trained with the slope of a sigmoid, leaves and offsets straight through their
    rounding to a step: :class:`KeyBits`, :class:`TableLookup`, :class:`SegmentSum`. It goes beside Dense, QDense and
    PosteriorDense layers, in front of them or behind.

    Leaves begin at 0. What tables are worth having is better grown than trained: :meth:`from_network` goes on from
    there.

    Args:
        units: outputs, at least 1.
        thresholds: (feature, threshold) of each comparator.
        tables: for each the places of its keys: comparators first, then raw bits.
        segments: for each table the output that it is added to.
        bits: (feature, weight) of each raw bit, weights powers of two.
        input_precision: the type of the inputs, such as ``ap_fixed<8,3>``, to which they are rounded; thresholds never
            leave it. None: any numbers.
        step: of leaves, a power of two, of all tables or of each; None: any numbers.
        offset_step: of offsets; None: the finest of the leaves.
        leaf_bits: bits of each table's leaves at most, see :class:`TableLookup`.
        surrogate_width: see :class:`KeyBits`.
        train_thresholds, train_leaves: whether these move.
        max_keys: 6; 7 and 8 cost two and four LUTs for each bit of the leaves.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n)

    Output shape:
        (n_events, ..., units)

    Raises:
        ConfigError: for keys, tables or segments that do not fit together.
        PrecisionError: for a threshold that the inputs' type does not cross.

    Callback: none.

    Example:
        >>> import numpy as np
        >>> from codesign import Network, TableSum, keras
        >>> x = np.random.default_rng(0).normal(size=(256, 2)).astype("float32")
        >>> layer = TableSum(1, [(0, 0.1), (1, -0.1)], [[0, 1]], [0], step=0.125)
        >>> model = keras.Sequential([keras.Input((2,)), layer])
        >>> model.compile(keras.optimizers.Adam(0.1), "mse")
        >>> history = model.fit(x, (x[:, 0] > 0) ^ (x[:, 1] > 0), epochs=5, verbose=0).history["loss"]
        >>> history[-1] < history[0], len(Network.from_keras(model).nodes)
        (True, 3)
    """

    def __init__(
        self,
        units: int,
        thresholds: Sequence[tuple[int, float]],
        tables: Sequence[Sequence[int]],
        segments: Sequence[int],
        *,
        bits: Sequence[tuple[int, float]] = (),
        input_precision: FixedPoint | str | Mapping[str, object] | None = None,
        step: float | Sequence[float] | None = None,
        offset_step: float | None = None,
        leaf_bits: int | Sequence[int] | None = None,
        surrogate_width: float = 0.25,
        train_thresholds: bool = True,
        train_leaves: bool = True,
        max_keys: int = LUT6_KEYS,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        own = {"dtype": self.precision}
        self.keys = KeyBits(
            thresholds,
            bits=bits,
            input_precision=input_precision,
            surrogate_width=surrogate_width,
            train_thresholds=train_thresholds,
            name="keys",
            **own,
        )
        options = {"step": step, "leaf_bits": leaf_bits, "max_keys": max_keys, "train_leaves": train_leaves}
        self.lookup = TableLookup(tables, **options, name="lookup", **own)
        finest = None if step is None else float(np.min(step))
        self.offset_step = offset_step
        self.sums = SegmentSum(units, segments, step=offset_step or finest, name="sums", **own)
        if len(self.sums.segments) != len(self.lookup.tables):
            raise ConfigError(
                f"segments: expected an output for each of {len(self.lookup.tables)} tables. "
                f"Received: {len(self.sums.segments)}"
            )

    @classmethod
    @checked
    def from_network(cls, network: Network, **options: object) -> Self:
        """Return the layer that a network of tables is, built, with the network's weights.

        Args:
            network: one input, thresholds or raw bits of it, tables of these, and their sums, such as a grown one;
                :meth:`codesign.Network.to_keras` writes any other.
            options: as of the constructor; the leaves of a table have the coarsest step that holds them, and no more
                bits than they have now.

        Raises:
            UnsupportedLayerError: for a network with anything else in it; it names the node.
        """
        found = grown_tables(network)
        layer = cls(**{**found.arguments, **options})
        layer.build((None, network.n_inputs))
        layer.lookup.leaves.assign(found.leaves)
        layer.sums.offset.assign(found.offset)
        return layer

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        shape = tuple(input_shape)
        for layer in (self.keys, self.lookup, self.sums):
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        bits = self.keys(self._widen(inputs), training=training)
        return self._narrow(self.sums(self.lookup(bits, training=training)))

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: there are no weights of which zeros are cheap."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.sums.units)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "units": self.sums.units,
            "thresholds": plain_lists(self.keys.thresholds),
            "tables": plain_lists(self.lookup.tables),
            "segments": plain_lists(self.sums.segments),
            "bits": plain_lists(self.keys.bits),
            "input_precision": pack_precision(self.keys.input_precision),
            "step": plain_lists(self.lookup.step),
            "offset_step": self.offset_step,
            "leaf_bits": plain_lists(self.lookup.leaf_bits),
            "surrogate_width": self.keys.surrogate_width,
            "train_thresholds": self.keys.train_thresholds,
            "train_leaves": self.lookup.train_leaves,
            "max_keys": self.lookup.max_keys,
        }
