"""Models of published shapes: set networks, several inputs and outputs, skip connections, models in models."""

import numpy as np
from qkeras import QActivation, QBatchNormalization, QConv1D, QDense

from codesign._keras import keras, tf
from codesign.layers.qdense_batchnorm import QDenseBatchnorm

L = keras.layers
QUANTIZERS = {"kernel_quantizer": "quantized_bits(6,0,alpha=1)", "bias_quantizer": "quantized_bits(8,2,alpha=1)"}


def dense_chain():
    inputs = keras.Input((7,))
    values = L.BatchNormalization()(inputs)
    for units in (8, 6):
        values = L.Dropout(0.1)(L.Activation("relu")(L.BatchNormalization()(L.Dense(units, use_bias=False)(values))))
    return keras.Model(inputs, L.Dense(3, "softmax")(values))


def jets_of_particles(shared):
    """Dense layers shared over particles, pooled: Conv1D of kernel 1, TimeDistributed, or Dense on particles."""

    def model():
        inputs = keras.Input((5, 3), name="particles")
        values = L.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 9.0])(inputs)
        for units in (6, 4):
            layers = {
                "conv": lambda n: L.Conv1D(n, 1, activation="relu"),
                "time": lambda n: L.TimeDistributed(L.Dense(n, activation="relu")),
                "dense": lambda n: L.Dense(n, activation="relu"),
            }
            values = layers[shared](units)(values)
        pooled = L.Concatenate()([L.GlobalAveragePooling1D()(values), L.GlobalMaxPooling1D()(values)])
        return keras.Model(inputs, L.Dense(3, "softmax")(L.Dense(6, "relu")(pooled)))

    return model


def deep_sets_of_models():
    """phi and rho are models, phi inside a TimeDistributed; two inputs, two heads."""
    phi = keras.Sequential([keras.Input((3,)), L.Dense(5, "relu"), L.BatchNormalization(), L.Dense(4, "tanh")])
    particles, event = keras.Input((4, 3), name="particles"), keras.Input((2,), name="event")
    pooled = tf.reduce_sum(L.TimeDistributed(phi)(particles), axis=1)
    both = L.Concatenate(name="both")([event, pooled])
    trunk = keras.Sequential([keras.Input((6,)), L.Dense(6, "relu"), L.Dropout(0.2)])
    values = trunk(both)
    flavour = L.Dense(3, "softmax", name="flavour")(values)
    return keras.Model([particles, event], [flavour, L.Dense(1, name="momentum")(values)])


def concatenates_every_layer():
    """As in the HiggsML solutions: each layer sees all before it, and a category is embedded."""
    features, category = keras.Input((5,), name="features"), keras.Input((1,), name="jets", dtype="int32")
    values = L.Concatenate()([features, L.Flatten()(L.Embedding(4, 2)(category))])
    for units in (6, 5, 4):
        values = L.Concatenate()([values, L.Dense(units, "swish")(values)])
    return keras.Model([features, category], L.Dense(1, "sigmoid")(values))


def residual():
    inputs = keras.Input((6,))
    values = L.Dense(6, "relu", name="stem")(inputs)
    for _ in range(2):
        hidden = L.BatchNormalization()(L.Dense(6)(L.LeakyReLU(0.1)(L.Dense(4)(values))))
        values = L.ReLU(max_value=4.0)(L.Add()([values, hidden]))
    return keras.Model(inputs, L.Dense(2)(values))


def anomaly_detector():
    """As AXOL1TL: an encoder inside, whose sampled output nobody takes; the mean is compared and multiplied."""
    inputs = keras.Input((8,))
    hidden = L.Dense(6, "relu")(inputs)
    mean, spread = L.Dense(3, name="mean")(hidden), L.Dense(3, name="log_variance")(hidden)
    drawn = L.Lambda(lambda pair: pair[0] + tf.exp(pair[1]))([mean, spread])
    encoder = keras.Model(inputs, [mean, spread, drawn], name="encoder")
    outer = keras.Input((8,), name="event")
    mean, _, _ = encoder(outer)
    distance = L.Subtract()([mean, L.Dense(3, name="reference")(outer)])
    return keras.Model(outer, [L.Dot(axes=1)([mean, mean]), distance])


def siamese():
    """One layer and one model called twice, and what merges their outputs."""
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    tower = keras.Sequential(
        [keras.Input((4,)), L.Dense(5), L.BatchNormalization(), L.Activation("relu")], name="tower"
    )
    last = L.Dense(3, "hard_sigmoid", name="last")
    left, right = last(tower(first)), last(tower(second))
    merged = [
        L.Average()([left, right]),
        L.Maximum()([left, right]),
        L.Minimum()([left, right]),
        L.Multiply()([left, right]),
    ]
    return keras.Model([first, second], L.Dense(2)(L.Concatenate()(merged)))


def moves():
    inputs = keras.Input((6,))
    rows = L.Permute((2, 1))(L.Reshape((3, -1))(inputs))
    repeated = L.RepeatVector(2)(L.Dense(3, "softmax")(inputs))
    values = L.Concatenate(axis=1)([rows, repeated])
    values = L.PReLU(shared_axes=[1])(L.Cropping1D((1, 0))(values))
    values = L.Concatenate(axis=1)([L.MaxPooling1D(2)(values), L.AveragePooling1D(3)(values)])
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(L.Softmax()(values))))


def film():
    """Images one behind the other: a convolution, a model and a recurrent layer at each."""
    encoder = keras.Sequential([keras.Input((2, 2, 2)), L.Flatten(), L.Dense(4), L.Reshape((2, 2)), L.GRU(3)])
    layers = [L.TimeDistributed(L.Conv2D(2, 2, activation="relu")), L.TimeDistributed(encoder), L.SpatialDropout1D(0.1)]
    return keras.Sequential([keras.Input((4, 3, 3, 1)), *layers, L.LSTM(2)])


def operators():
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    difference = first - 2.0 * second + np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    cut = tf.concat([difference[:, 0:3], difference[:, -1:], first[:, ::2]], 1)
    rows = tf.stack([cut[:, :3], tf.nn.relu(cut[:, 3:])], axis=1)
    sums = tf.reduce_sum(rows, axis=1), tf.reduce_mean(rows, 2), tf.reduce_max(tf.transpose(rows, (0, 2, 1)), axis=2)
    largest = tf.maximum(1.0 - first / 4.0, 0.0) * tf.squeeze(second[:, tf.newaxis], axis=1)
    return keras.Model([first, second], [L.Dense(2)(tf.concat([*sums, largest], -1)), -tf.square(first[:, 1:3])])


def qkeras_chain(kernel, activation="quantized_relu(5,1)"):
    def model():
        layers = [
            QDense(6, kernel_quantizer=kernel, bias_quantizer="quantized_bits(8,2,alpha=1)", kernel_initializer="zeros")
        ]
        layers += [QBatchNormalization(), QActivation(activation), QDense(3, **QUANTIZERS)]
        return keras.Sequential([keras.Input((5,)), *layers])

    return model


def qkeras_jets():
    """Quantised set network with a QConv1D of kernel 1, QDenseBatchnorm, and a shared quantizer."""
    inputs = keras.Input((4, 3))
    values = QActivation("quantized_bits(8,3,alpha=1)")(inputs)
    values = QActivation("quantized_relu(6,2)")(QConv1D(5, 1, **QUANTIZERS)(values))
    values = QActivation("quantized_relu(6,2)")(QDense(4, **QUANTIZERS)(values))
    values = QDenseBatchnorm(4, **QUANTIZERS)(L.GlobalAveragePooling1D()(values))
    values = QActivation("quantized_tanh(6)")(values)
    return keras.Model(
        inputs, [QDense(3, name="type", **QUANTIZERS)(values), QDense(1, name="energy", **QUANTIZERS)(values)]
    )


MODELS = {
    "dense chain": dense_chain,
    **{f"jets, {shared}": jets_of_particles(shared) for shared in ("conv", "time", "dense")},
    "deep sets": deep_sets_of_models,
    "concatenates": concatenates_every_layer,
    "residual": residual,
    "anomaly": anomaly_detector,
    "siamese": siamese,
    "moves": moves,
    "film": film,
    "operators": operators,
    "binary": qkeras_chain("binary(alpha=1)", "quantized_bits(4,1,alpha=1)"),
    "ternary": qkeras_chain("ternary()"),
    "qkeras jets": qkeras_jets,
}


def drawn(build, seed=0):
    """A model with weights of ordinary size, so that nothing is accidentally zero or one."""
    keras.utils.set_random_seed(seed)
    model, rng = build(), np.random.default_rng(seed)
    for weight in model.weights:
        if "iteration" not in weight.name:
            is_positive = any(word in weight.name for word in ("variance", "gamma"))
            shape = tuple(weight.shape)
            weight.assign(rng.uniform(0.3, 1.5, shape) if is_positive else rng.normal(0, 0.6, shape))
    return model


def events(model, n_events=100):
    """Inputs of a model, a list of arrays."""
    rng = np.random.default_rng(3)
    return [
        (rng.integers(0, 4, (n_events, *one.shape[1:])) if "int" in str(one.dtype.name) else
         rng.normal(0, 1.5, (n_events, *one.shape[1:]))).astype(one.dtype.name)
        for one in model.inputs
    ]  # fmt: skip
