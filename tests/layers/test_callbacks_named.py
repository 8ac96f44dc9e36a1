"""The docstring of each layer says which callback the layer needs."""

import inspect

import pytest

import codesign.layers
from codesign._keras import keras

PUBLIC = [getattr(codesign.layers, name) for name in codesign.layers.__all__]
LAYERS = [one for one in PUBLIC if inspect.isclass(one) and issubclass(one, keras.layers.Layer)]
TRAINED = [layer for layer in LAYERS if not inspect.isabstract(layer)]
NEEDS = {"VariationalDense": "KLSchedule", "PosteriorDense": "CostSchedule", "TopKGate": "GateSchedule"}
NEEDS |= dict.fromkeys(("CancelOut", "TernaryDense", "MaskedDense"), "Callback: none")
NEEDS |= dict.fromkeys(("TableSum", "KeyBits", "TableLookup", "SegmentSum"), "Callback: none")


@pytest.mark.parametrize("name", NEEDS)
def test_docstring_says_which_callback(name):
    layer = getattr(codesign.layers, name)
    assert NEEDS[name] in layer.__doc__.split("Callback")[1] or NEEDS[name] in layer.__doc__


def test_every_layer_that_trains_is_among_them():
    assert {layer.__name__ for layer in TRAINED} - set(NEEDS) == {
        "ColliderAugmentation",
        "ColliderFeatures",
        "DetectorWords",
        "FeatureSelection",
        "FillMissing",
        "FixedPointQuantizer",
        "TrainingDense",
    }
