"""The events of a training in an order that depends on the seed and the epoch alone."""

from collections.abc import Iterator, Sequence

import numpy as np

from codesign._keras import tf


def shuffled_batches(
    data: Sequence[np.ndarray | tf.Tensor], batch_size: int, *, epochs: range, seed: int
) -> tf.data.Dataset:
    """Return the batches of these epochs, each epoch a permutation of all events by `seed` and its number.

    Keras shuffles by a generator that nobody can set, so a training that goes on at epoch 7 would see other batches.

    Args:
        data: events and labels, of one length.
        batch_size: events in a batch; the last one of an epoch holds what is left.
        epochs: numbers of the epochs, from 0.
        seed: of the order.
    """
    tensors = tuple(map(tf.convert_to_tensor, data))
    n_events = len(tensors[0])
    n_full = n_events // batch_size * batch_size

    def orders() -> Iterator[np.ndarray]:
        for epoch in epochs:
            yield np.random.default_rng([seed, epoch]).permutation(n_events)

    def cut(order: tf.Tensor) -> tf.data.Dataset:
        full = tf.data.Dataset.from_tensor_slices(tf.reshape(order[:n_full], [n_full // batch_size, batch_size]))
        return full.concatenate(tf.data.Dataset.from_tensors(order[n_full:])) if n_full < n_events else full

    def gather(indices: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return tuple(tf.gather(tensor, indices) for tensor in tensors)

    drawn = tf.data.Dataset.from_generator(orders, output_signature=tf.TensorSpec((n_events,), tf.int64)).prefetch(1)
    batches = drawn.flat_map(cut).map(gather, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.deterministic = True
    options.experimental_optimization.apply_default_optimizations = False
    return batches.with_options(options)
