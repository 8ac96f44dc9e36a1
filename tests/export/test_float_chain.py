import numpy as np
import pytest

from codesign._keras import keras
from codesign.errors import DataError, UnsupportedLayerError
from codesign.export import FloatChain, FloatLayer

RNG = np.random.default_rng(0)
X = RNG.normal(2, 3, size=(40, 4)).astype(np.float32)


def model_of(*layers):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), *layers])


@pytest.mark.parametrize(
    "layers",
    [
        [keras.layers.Dense(5, activation="relu"), keras.layers.Dense(3, activation="softmax")],
        [keras.layers.Dense(5), keras.layers.ReLU(), keras.layers.Dense(3), keras.layers.Softmax()],
        [
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1, activation="sigmoid"),
        ],
        [keras.layers.Normalization(mean=[1, 2, 3, 0], variance=[1, 4, 9, 0.5]), keras.layers.Dense(2)],
    ],
)
def test_reads_what_keras_predicts(layers):
    model = model_of(*layers)
    chain = FloatChain.from_keras(model)
    np.testing.assert_allclose(chain.predict(X), model.predict(X, verbose=0), atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"scale": False}, {"center": False}])
def test_batch_normalisation_before_and_behind_a_layer(options):
    before, after = keras.layers.BatchNormalization(**options), keras.layers.BatchNormalization()
    model = model_of(before, keras.layers.Dense(5), after, keras.layers.ReLU(), keras.layers.Dense(2))
    for layer in (before, after):
        layer.set_weights([RNG.uniform(0.5, 2, size=weights.shape) for weights in layer.get_weights()])
    if before.scale:
        before.gamma.assign([1, 0, 2, -1])  # a gamma of 0 leaves beta
    np.testing.assert_allclose(FloatChain.from_keras(model).predict(X), model.predict(X, verbose=0), atol=1e-5)


def test_names_sizes_and_live_weights():
    chain = FloatChain(
        (FloatLayer([[1, 0], [0, 2]], [0, 0], "relu"), FloatLayer([[1], [0]], [1])), output_names=["score"]
    )
    assert (chain.sizes, chain.n_live_weights) == ((2, 2, 1), 3)
    assert (chain.input_names, chain.output_names) == (("x0", "x1"), ("score",))


def test_bad_chains_are_refused():
    layer = FloatLayer(np.ones((2, 2)), np.zeros(2))
    for error, layers, options in [
        (UnsupportedLayerError, (), {}),
        (UnsupportedLayerError, (layer, FloatLayer(np.ones((3, 1)), [0])), {}),
        (UnsupportedLayerError, (FloatLayer(np.ones((2, 2)), [0, 0], "softmax"), layer), {}),
        (DataError, (layer,), {"input_names": ["a", "a"]}),
        (DataError, (layer,), {"scale": [1]}),
        (DataError, (layer,), {"offset": [np.nan, 0]}),
        (DataError, (layer,), {"name": "a b"}),
    ]:
        with pytest.raises(error, match="expected"):
            FloatChain(layers, **options)
    with pytest.raises(UnsupportedLayerError, match="gelu"):
        FloatLayer(np.ones((2, 2)), np.zeros(2), "gelu")
    with pytest.raises(DataError, match="finite"):
        FloatLayer([[np.inf]], [0])
    with pytest.raises(DataError, match="n_events"):
        FloatChain((layer,)).predict(np.ones(2))
