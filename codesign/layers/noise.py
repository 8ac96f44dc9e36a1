"""Where training layers take their noise from."""

import numpy as np

from codesign._keras import tf


def noise_generator(seed: int | None) -> tf.random.Generator:
    """Return a generator of a layer's own, whose state is a variable.

    TensorFlow's ``tf.random.uniform`` keeps its state in the compiled training step, where nobody can set it; this one
    can be set, so a training that was stopped goes on with the same noise (:mod:`codesign.train.restart`).

    Args:
        seed: None draws one by NumPy, which ``keras.utils.set_random_seed`` sets.
    """
    seed = int(np.random.randint(2**31)) if seed is None else seed
    with tf.init_scope():
        return tf.random.Generator.from_seed(seed, alg="philox")
