"""dense_block: dense layers, each of which takes the outputs of all before it."""

from codesign._arguments import check_range, checked
from codesign._keras import keras, tf
from codesign.layers.functional_value import check_name, check_value, known


@checked
def dense_block(
    x: object,
    units: int,
    depth: int,
    activation: object = "swish",
    *,
    kernel_initializer: object = "glorot_uniform",
    name: str = "dense_block",
) -> tf.Tensor:
    """Return ``x = concat(layer(x), x)``, `depth` times: dense connections (Huang et al., arXiv:1608.06993).

    Later layers see the inputs themselves, so narrow layers are enough. The recipe of the HiggsML solution, 6 layers of
    33 of which the last is not joined (Strong, arXiv:2002.01427), is a block of 5 and one Dense layer more.

    Args:
        x: (n_events, n_features), a value of Keras's functional API.
        units: of each layer.
        depth: layers.
        activation, kernel_initializer: of each layer, as Dense takes them.
        name: layers are called NAME_1, ..., and NAME_1_joined.

    Returns:
        (n_events, n_features + depth * units), the newest layer first.

    Raises:
        ConfigError: for no unit, no layer, or what Keras does not know.

    Example:
        >>> from codesign import Network, dense_block, keras
        >>> inputs = keras.Input((8,))
        >>> x = dense_block(inputs, 6, 3)
        >>> model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
        >>> x.shape[1], Network.from_keras(model).n_outputs
        (26, 1)
    """
    check_value(x)
    check_name(name)
    activation = known(keras.activations.get, activation, "activation")
    check_range(units, "units", 1, 10**6)
    check_range(depth, "depth", 1, 1000)
    layers = keras.layers
    for index in range(1, depth + 1):
        start = known(keras.initializers.get, kernel_initializer, "kernel_initializer")
        found = layers.Dense(units, activation=activation, kernel_initializer=start, name=f"{name}_{index}")(x)
        x = layers.Concatenate(name=f"{name}_{index}_joined")([found, x])
    return x
