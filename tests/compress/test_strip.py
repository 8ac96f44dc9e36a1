import numpy as np
import pytest
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.compress import mask_zeros, strip
from codesign.errors import TrainingError, UnsupportedLayerError
from codesign.layers import CancelOut, FeatureSelection, MaskedDense, TernaryDense, TopKGate, VariationalDense
from codesign.network import Network

X = np.random.default_rng(0).normal(size=(100, 6)).astype(np.float32)
KERNEL, BIAS = "quantized_bits(6,1,alpha=1)", "quantized_bits(8,1,alpha=1)"
Dense, ReLU, BatchNormalization = keras.layers.Dense, keras.layers.ReLU, keras.layers.BatchNormalization


def chain(*layers, functional=False):
    """Return a model whose weights, gates and noise are random."""
    rng = np.random.default_rng(3)
    model = keras.Sequential([keras.Input((6,)), *layers])
    for layer in model.layers:
        if isinstance(layer, TopKGate):
            layer.gate.assign(rng.permutation(layer.n_nodes) < layer.k)
        elif isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
        else:
            layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    if functional:
        model = keras.Model(model.inputs, model.outputs)
    return model


def quantised(units):
    return QDense(units, kernel_quantizer=KERNEL, bias_quantizer=BIAS)


MODELS = {
    "gates before and between": lambda: chain(TopKGate(3), Dense(8, "relu"), TopKGate(4), Dense(3)),
    "functional": lambda: chain(
        VariationalDense(8, n_train=10), ReLU(), TernaryDense(3), keras.layers.Softmax(), functional=True
    ),
    "gate before the activation": lambda: chain(Dense(8), TopKGate(4), ReLU(), Dense(3)),
    "gate before sigmoid": lambda: chain(Dense(8), TopKGate(4), keras.layers.Activation("sigmoid"), Dense(3)),
    "gate before batch normalisation": lambda: chain(Dense(8), TopKGate(4), BatchNormalization(), ReLU(), Dense(3)),
    "gate on the outputs": lambda: chain(Dense(8, "relu"), Dense(5), TopKGate(2)),
    "gate, dropout, dense": lambda: chain(TopKGate(3), keras.layers.Dropout(0.5), Dense(8)),
    "two gates in a row": lambda: chain(TopKGate(4), CancelOut(), Dense(8)),
    "soft gates": lambda: chain(CancelOut(), Dense(8, "tanh"), CancelOut(), Dense(3)),
    "soft gate before relu": lambda: chain(Dense(8), CancelOut(), ReLU(), Dense(3)),
    "selection": lambda: chain(FeatureSelection([1, 4]), Dense(3)),
    "selection and batch normalisation": lambda: chain(FeatureSelection([1, 4]), BatchNormalization(), Dense(3)),
    "selection and gate": lambda: chain(
        FeatureSelection([0, 1, 4]), TopKGate(2), QActivation("quantized_bits(8,3,alpha=1)"), Dense(3)
    ),
    "quantised": lambda: chain(
        QActivation("quantized_bits(8,3,alpha=1)"),
        TopKGate(3),
        quantised(8),
        QActivation("quantized_relu(6,2)"),
        TopKGate(4),
        VariationalDense(5, n_train=10, kernel_quantizer=KERNEL, bias_quantizer=BIAS, initial_log_sigma2=-4),
        QActivation("quantized_relu(6,2)"),
        TernaryDense(3, kernel_quantizer=KERNEL),
    ),
    "open alpha": lambda: chain(VariationalDense(4, n_train=10, kernel_quantizer="quantized_bits(4,0)"), Dense(2)),
    "masked": lambda: chain(MaskedDense(4, activation="relu"), Dense(2)),
}


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS.keys())
def test_stripped_model_is_plain_and_predicts_the_same(build):
    model = build()
    stripped = strip(model)
    np.testing.assert_allclose(stripped(X), model(X), atol=1e-6, rtol=1e-5)
    assert all(not type(layer).__module__.startswith("codesign") for layer in stripped.layers)
    np.testing.assert_allclose(mask_zeros(model)(X), model(X), atol=1e-6, rtol=1e-5)


def test_network_reads_training_layers():
    model = MODELS["quantised"]()
    np.testing.assert_allclose(
        Network.from_keras(model).emulate(X), model(X), atol=1e-4
    )  # a bias without a quantizer gets 16 bits


def test_pruning_wrappers_are_opened():
    from tensorflow_model_optimization.sparsity import keras as tfmot

    model = MODELS["functional"]()
    wrapped = tfmot.prune_low_magnitude(model)
    np.testing.assert_allclose(strip(wrapped)(X), model(X), atol=1e-6)


def test_zeros_stay_zero_in_a_fine_tune():
    model = MODELS["gates before and between"]()
    zeros = [layer.kernel.numpy() == 0 for layer in strip(model).layers]
    tuned = mask_zeros(model)
    tuned.compile(keras.optimizers.Adam(0.1), "mse")
    tuned.fit(X, X[:, :3], epochs=2, verbose=0)
    for layer, zero in zip(strip(tuned).layers, zeros):
        np.testing.assert_array_equal(layer.kernel.numpy() == 0, zero)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: chain(CancelOut(), quantised(3)), "gate 'cancel_out.*use TopKGate in front of quantised layers"),
        (
            lambda: chain(TopKGate(2), keras.layers.Activation("sigmoid"), Dense(3)),
            "gate 'top_k.*Received: 'activation",
        ),
        (lambda: chain(TopKGate(2), BatchNormalization(), Dense(3)), "gate 'top_k.*Received: 'batch"),
        (lambda: chain(TopKGate(2)), "gate 'top_k.*Received: 'the output'"),
        (lambda: chain(FeatureSelection([1, 2])), "selection.*expected a Dense behind"),
        (lambda: keras.Sequential([Dense(3)]), "expected a model that knows its inputs"),
        (lambda: "model.h5", "expected a Keras model. Received: str"),
    ],
)
def test_what_cannot_be_exact_is_refused(build, message):
    with pytest.raises(UnsupportedLayerError, match=message):
        strip(build())


def test_a_soft_gate_is_refused():
    model = chain(TopKGate(2), Dense(3))
    model.layers[0].gate.assign(np.full(6, 2 / 6))
    with pytest.raises(TrainingError, match="gate 'top_k_gate.*still soft"):
        strip(model)


def test_nan_weights_are_named():
    model = chain(Dense(4, name="first"), Dense(3, name="second"))
    model.layers[1].bias.assign([0, np.nan, 1])
    with pytest.raises(TrainingError, match="weights of layer 'second'.*NaN or inf in 'second/bias"):
        strip(model)


def test_quantised_activation_inside_a_layer_cannot_be_masked():
    model = chain(QDense(4, activation="quantized_relu(6,2)", kernel_quantizer=KERNEL))
    np.testing.assert_array_equal(strip(model)(X), model(X))
    with pytest.raises(UnsupportedLayerError, match="expected a QActivation behind the QDense"):
        mask_zeros(model)
