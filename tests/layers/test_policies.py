"""Every training layer under every dtype policy of Keras: as in float32, but for the type that comes out."""

import numpy as np
import pytest

from codesign._keras import keras, tf
from codesign.compress import strip
from codesign.layers import CancelOut, MaskedDense, PosteriorDense, TernaryDense, TopKGate, VariationalDense
from codesign.train import GateSchedule, load_model, save_model

POLICIES = {"mixed_float16": 0.03, "mixed_bfloat16": 0.1, "float64": 1e-4}
LAYERS = {
    "variational": lambda: VariationalDense(8, n_train=200, activation="relu", kl_weight=0.2),
    "posterior": lambda: PosteriorDense(8, activation="relu", cost_weight=1e-4),
    "gate": lambda: TopKGate(5),
    "cancel out": CancelOut,
    "ternary": lambda: TernaryDense(8, activation="relu"),
    "masked": lambda: MaskedDense(8, activation="relu"),
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
RNG = np.random.default_rng(0)
Y = RNG.integers(0, 4, 200)
X = (RNG.normal(size=(200, 6)) * 0.5 + 2 * np.eye(4, 6)[Y]).astype(np.float32)


@pytest.fixture
def policy():
    yield keras.mixed_precision.set_global_policy
    keras.mixed_precision.set_global_policy("float32")


def classifier(make):
    keras.utils.set_random_seed(0)
    layers = [keras.Input((6,)), make(), keras.layers.Dense(4), keras.layers.Activation("softmax", dtype="float32")]
    model = keras.Sequential(layers)
    model.compile(
        keras.optimizers.Adam(0.06), "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True
    )
    return model


@pytest.mark.parametrize("name", POLICIES)
@every_layer
def test_gradients_are_those_of_float32(make, name, policy):
    found = []
    for used in ("float32", name):
        policy(used)
        keras.utils.set_random_seed(0)
        layer = make()
        layer.build((None, 6))
        with tf.GradientTape() as tape:
            outputs = layer(tf.cast(X, layer.compute_dtype), training=True)
            loss = tf.reduce_sum(tf.cast(outputs, "float32") ** 2) / 200 + tf.cast(sum(layer.losses), "float32")
        assert outputs.dtype == layer.compute_dtype
        assert {weight.dtype for weight in layer.weights} <= {tf.float32, tf.as_dtype(layer.precision)}
        found.append([np.asarray(gradient) for gradient in tape.gradient(loss, layer.trainable_weights)])
    if name == "float64":  # which draws other weights and another noise
        found = [[np.float32(np.isfinite(gradient).all()) for gradient in gradients] for gradients in found]
    for expected, gradient in zip(*found):
        np.testing.assert_allclose(
            gradient, expected, rtol=POLICIES[name], atol=POLICIES[name] * np.abs(expected).max()
        )


@pytest.mark.parametrize(
    "name", ["mixed_float16", *(pytest.param(name, marks=pytest.mark.slow) for name in ("mixed_bfloat16", "float64"))]
)
@pytest.mark.parametrize(
    "make",
    [pytest.param(make, id=name, marks=() if name == "ternary" else pytest.mark.slow) for name, make in LAYERS.items()],
)
def test_learns_saves_and_strips_as_under_float32(make, name, policy, tmp_path):
    policy(name)
    model = classifier(make)
    schedules = [GateSchedule()] if isinstance(model.layers[0], TopKGate) else []
    model.fit(X, Y, batch_size=100, epochs=10, verbose=0, callbacks=schedules)
    expected = model(X).numpy()
    assert (expected.argmax(1) == Y).mean() > 0.85
    save_model(model, tmp_path / "model.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "model.keras")(X), expected)
    policy("float32")
    np.testing.assert_allclose(strip(model)(X), expected, atol=0.05)
