import numpy as np
import pytest

from codesign.errors import DataError
from codesign.export import load_network, write_tflite
from codesign.export.tflite.file import predict_tflite
from codesign.network.ends import split_standardisation, with_standardisation
from tests.export.example_chains import events_of, keras_classifier, random_chain


@pytest.mark.parametrize("activations", [("relu", "softmax"), ("tanh", "sigmoid"), ("linear", "linear")])
def test_float_file_predicts_what_the_chain_predicts(tmp_path, activations):
    chain = random_chain((16, 20, 3), activations)
    write_tflite(chain, tmp_path / "net.tflite")
    for n in (1, 70):
        x = events_of(chain, n)
        np.testing.assert_allclose(predict_tflite(tmp_path / "net.tflite", x), chain.predict(x), atol=1e-6)


def test_float_file_predicts_what_keras_predicts(tmp_path):
    model = keras_classifier()
    chain = load_network(model)
    x = events_of(chain, 50)
    write_tflite(chain, tmp_path / "net.tflite")
    np.testing.assert_allclose(predict_tflite(tmp_path / "net.tflite", x), model.predict(x, verbose=0), atol=1e-6)


def test_mean_far_beyond_the_width_costs_no_digits(tmp_path):
    chain = random_chain((4, 6, 2))
    far = with_standardisation(split_standardisation(chain)[1], np.full(4, -8192.0), None)
    x = np.float32(8192 + np.random.default_rng(0).integers(-2048, 2048, (40, 4)) / 1024)
    write_tflite(far, tmp_path / "net.tflite")
    np.testing.assert_allclose(predict_tflite(tmp_path / "net.tflite", x), far.predict(x), atol=1e-6)


def test_int8_file_is_near_and_smaller(tmp_path):
    chain = random_chain((16, 64, 32, 5), ("relu", "relu", "softmax"))
    x = events_of(chain, 300)
    write_tflite(chain, tmp_path / "float.tflite")
    write_tflite(chain, tmp_path / "int8.tflite", int8=True, x=x)
    y = predict_tflite(tmp_path / "int8.tflite", x)
    difference = np.abs(y - chain.predict(x))
    assert y.dtype == np.float32 and difference.mean() < 0.01 and 1e-4 < difference.max() < 0.1
    np.testing.assert_array_equal(predict_tflite(tmp_path / "int8.tflite", x[:1]), y[:1])
    assert (tmp_path / "int8.tflite").stat().st_size < 0.6 * (tmp_path / "float.tflite").stat().st_size


def test_int8_needs_events(tmp_path):
    for x in (None, np.ones((3, 5)), np.ones((0, 6)), np.full((2, 6), np.nan)):
        with pytest.raises(DataError, match="x: expected"):
            write_tflite(random_chain(), tmp_path / "net.tflite", int8=True, x=x)


def test_bad_files(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        predict_tflite(tmp_path / "none.tflite", np.zeros((1, 2)))
    (tmp_path / "net.tflite").write_bytes(b"no model")
    with pytest.raises(DataError, match="expected a TFLite model"):
        predict_tflite(tmp_path / "net.tflite", np.zeros((1, 2)))
