import numpy as np
import pytest
from qkeras import QActivation

from codesign._keras import keras
from codesign.errors import DataError
from codesign.layers import PosteriorDense
from codesign.posterior import CollapseSchedule
from codesign.posterior.training_events import check_events

X = np.random.default_rng(0).uniform(-1, 1, (50, 4)).astype(np.float32)


def model_of(*layers):
    return keras.Sequential([keras.Input((4,)), *layers])


def with_value(value, feature=2):
    x = X.copy()
    x[7, feature] = value
    return x


@pytest.mark.parametrize("value", [-8.0625, -8, 7.9375, 8.0])
def test_what_the_format_holds_within_a_step_passes(value):
    check_events(model_of(PosteriorDense(2, input_precision="ap_fixed<8,4>")), with_value(value), "x_train")


@pytest.mark.parametrize("value", [-8.25, 8.25])
@pytest.mark.parametrize("before", [[], [keras.layers.Dropout(0.1)]])
def test_values_that_a_detector_cannot_send(value, before):
    model = model_of(*before, PosteriorDense(2, input_precision="ap_fixed<8,4>", name="first"))
    message = (
        r"expected feature 2 within -8 to 7.9375, the range of input_precision=ap_fixed<8,4> of layer 'first'. "
        r"Received: "
    )
    with pytest.raises(DataError, match=f"{message}{value};") as error:
        check_events(model, with_value(value), "x_train")
    assert "\n" not in str(error.value)


def test_the_feature_that_is_furthest_beyond_is_named():
    x = with_value(-40)
    x[3, 1], x[4, 0] = 30, 20
    with pytest.raises(
        DataError, match="expected feature 2 .* Received: -40, and 2 more of the 4 features are beyond; "
    ):
        check_events(model_of(PosteriorDense(2, input_precision="ap_fixed<8,4>")), x, "x_train")


def test_values_that_another_layer_makes_may_saturate():
    free = (
        model_of(PosteriorDense(2)),
        model_of(QActivation("quantized_bits(8,3,alpha=1)"), PosteriorDense(2, input_precision="ap_fixed<4,1>")),
    )
    for model in free:
        check_events(model, with_value(1000), "x_train")


def test_a_collapse_checks_its_events_before_it_begins():
    model = model_of(PosteriorDense(2, input_precision="ap_fixed<8,4>"))
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.raises(DataError, match="expected feature 2 within"):
        model.fit(X, X[:, :2], verbose=0, callbacks=[CollapseSchedule(with_value(9))])
    assert model.layers[0].stage == 0
