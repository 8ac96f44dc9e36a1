"""TableLookup: tables of bits as a Keras layer, with leaves that are trained on a grid."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.full_precision import FullPrecisionLayer
from codesign.layers.plain_lists import plain_lists
from codesign.layers.tables.limits import check_steps, check_tables
from codesign.layers.tables.math import on_grid, straight_through, within_bits
from codesign.network.ops import Table
from codesign.network.ops.table import LUT6_KEYS

_MOST_LEAF_BITS = 24


@checked
@keras.utils.register_keras_serializable(package="codesign")
class TableLookup(FullPrecisionLayer):
    """``leaves[t][sum_k bits[keys[t][k]] 2**k]`` of each table t.

    In training the gradient by a bit is the difference of the two leaves that it chooses between. Leaves are trained,
    and what is looked up is their nearest multiple of a step.

    Callback: none.

    Args:
        tables: for each the places of the bits that are its keys; the first is the lowest bit of the index.
        step: of the leaves, a power of two, of all tables or of each; None: any numbers.
        leaf_bits: each table's leaves differ by less than ``2**leaf_bits`` steps, which is the number of LUTs that it
            takes; of all tables, or of each. None: any range.
        max_keys: 6, since a table of six is one LUT6 for each bit of its leaves; 7 are two LUTs, 8 are four.
        train_leaves: whether the leaves move.
        kwargs: name, dtype.

    Input shape:
        (n_events, ..., n_bits), 0 and 1.

    Output shape:
        (n_events, ..., n_tables)

    Raises:
        ConfigError: for no tables, more keys than `max_keys`, or a step that is no power of two.

    Example:
        >>> import numpy as np
        >>> from codesign.layers import TableLookup
        >>> layer = TableLookup([[0, 1], [1]], step=0.25)
        >>> layer.build((None, 2))
        >>> layer.set_weights([np.array([0.0, 0.3, 1.0, 2.0, -1.0, 1.0], "float32")])
        >>> layer(np.array([[1.0, 0.0], [1.0, 1.0]], "float32")).numpy().tolist()
        [[0.25, -1.0], [2.0, 1.0]]
    """

    def __init__(
        self,
        tables: Sequence[Sequence[int]],
        *,
        step: float | Sequence[float] | None = None,
        leaf_bits: int | Sequence[int] | None = None,
        max_keys: int = LUT6_KEYS,
        train_leaves: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.max_keys = int(max_keys)
        self.tables = check_tables(tables, self.max_keys)
        self.step = check_steps(step, len(self.tables))
        self.leaf_bits = None if leaf_bits is None else np.asarray(leaf_bits).tolist()
        self.train_leaves = bool(train_leaves)
        bits = np.asarray(0 if leaf_bits is None else leaf_bits)
        if bits.shape not in ((), (len(self.tables),)) or bits.min() < 0 or bits.max() > _MOST_LEAF_BITS:
            raise ConfigError(
                f"leaf_bits: expected 0 to {_MOST_LEAF_BITS}, one number or one for each of {len(self.tables)} tables. "
                f"Received: {leaf_bits!r:.60}"
            )
        if leaf_bits is not None and step is None:
            raise ConfigError("step: expected a power of two where leaf_bits are given. Received: None")
        self._arrange()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        highest = max((place for keys in self.tables for place in keys), default=0)
        if highest >= input_shape[-1]:
            raise ConfigError(
                f"inputs of layer '{self.name}': expected the {highest + 1} bits that tables take. "
                f"Received: {input_shape[-1]}"
            )
        trainable = self.train_leaves and self.trainable
        shape = (len(self._table_of),)
        self.leaves = self.add_weight(name="leaves", shape=shape, initializer="zeros", trainable=trainable)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        leaves, bits = self._rounded_leaves(), self._widen(inputs)
        taken = tf.gather(bits, self._keys, axis=-1)
        places = tf.cast(taken * self._powers, tf.int32)
        index = tf.reduce_sum(places, -1) + self._first
        found = tf.gather(leaves, index)
        if training:
            lower = index[..., tf.newaxis] - places
            difference = tf.gather(leaves, lower + self._powers.astype(np.int32)) - tf.gather(leaves, lower)
            passed = (taken - tf.stop_gradient(taken)) * tf.stop_gradient(difference)  # 0, with a gradient
            found += tf.reduce_sum(passed, -1)
        return self._narrow(found)

    def op(self) -> Table:
        """Return what the layer is in a Network."""
        leaves = np.asarray(self._rounded_leaves(), np.float64)
        return Table(self.tables, np.split(leaves, self._first[1:]))

    def get_prunable_weights(self) -> list[tf.Variable]:
        """Return nothing: a leaf of 0 costs what others cost."""
        return []

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], len(self.tables))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "tables": plain_lists(self.tables),
            "step": plain_lists(self.step),
            "leaf_bits": plain_lists(self.leaf_bits),
            "max_keys": self.max_keys,
            "train_leaves": self.train_leaves,
        }

    def _arrange(self) -> None:
        """Keys side by side, with factors of 0 where a table has fewer; all leaves in a row."""
        sizes = np.array([2 ** len(keys) for keys in self.tables])
        self._first = np.cumsum([0, *sizes[:-1]]).astype(np.int32)
        self._table_of = np.repeat(np.arange(len(sizes)), sizes)
        most = max(1, *map(len, self.tables), 1)
        self._keys = np.array([[*keys, *[0] * (most - len(keys))] for keys in self.tables], np.int64)
        powers = [[*np.exp2(np.arange(len(keys))), *[0] * (most - len(keys))] for keys in self.tables]
        self._powers = np.array(powers, self.precision)

    def _rounded_leaves(self) -> tf.Tensor:
        if self.step is None:
            return straight_through(self.leaves, self.leaves)  # a gradient of all leaves, not of some
        step = np.broadcast_to(self.step, len(self.tables)).astype(self.precision)[self._table_of]
        leaves = on_grid(self.leaves, step)
        if self.leaf_bits is None:
            return leaves
        bits = np.broadcast_to(self.leaf_bits, len(self.tables))
        return within_bits(leaves, self._table_of, bits, step)
