"""The example in each layer's docstring runs, and the docstring says which callback the layer needs."""

import doctest
import importlib
import inspect

import pytest

import codesign.layers
from codesign._keras import keras

LAYERS = [getattr(codesign.layers, name) for name in codesign.layers.__all__]
TRAINED = [layer for layer in LAYERS if issubclass(layer, keras.layers.Layer) and not inspect.isabstract(layer)]
NEEDS = {"VariationalDense": "KLSchedule", "PosteriorDense": "CostSchedule", "TopKGate": "GateSchedule"}
NEEDS |= dict.fromkeys(("CancelOut", "TernaryDense", "MaskedDense"), "Callback: none")


@pytest.mark.parametrize("name", NEEDS)
def test_example(name):
    layer = getattr(codesign.layers, name)
    assert NEEDS[name] in layer.__doc__.split("Callback")[1] or NEEDS[name] in layer.__doc__
    keras.utils.set_random_seed(0)
    (found,) = doctest.DocTestFinder(recurse=False).find(layer, name, module=importlib.import_module(layer.__module__))
    assert found.examples
    result = doctest.DocTestRunner().run(found)
    assert result.failed == 0


def test_every_layer_that_trains_is_among_them():
    assert {layer.__name__ for layer in TRAINED} - set(NEEDS) == {
        "FeatureSelection",
        "FixedPointQuantizer",
        "TrainingDense",
    }
