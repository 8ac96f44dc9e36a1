"""A model in a file is given the events that it was trained on, and what was found is said."""

import numpy as np
import pytest
import yaml

from codesign._keras import keras
from codesign.data import load_dataset
from codesign.export import export_model
from codesign.project import read_project
from codesign.project.scaling import scaled_events
from codesign.train import save_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two features of different ranges, the class in the sign of their difference in units of their widths.

    Two models that know it.
    """
    folder = tmp_path_factory.mktemp("scaling")
    rng = np.random.default_rng(0)
    standard = rng.normal(size=(2000, 2))
    y = (standard[:, 0] > standard[:, 1]).astype(int)
    x = standard * [3.0, 100.0] + [40.0, -500.0]
    np.savez(folder / "events.npz", x_train=x[:1500], y_train=y[:1500], x_test=x[1500:], y_test=y[1500:])
    dense = {"activation": "sigmoid", "kernel_initializer": keras.initializers.Constant([[4.0], [-4.0]])}
    inner = keras.layers.Normalization(mean=[40.0, -500.0], variance=[9.0, 1e4])
    save_model(keras.Sequential([keras.Input((2,)), inner, keras.layers.Dense(1, **dense)]), folder / "raw.h5")
    save_model(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, **dense)]), folder / "standard.h5")
    export_model(folder / "raw.h5", folder / "raw.json")
    return folder


def scaled(folder, model, **data):
    content = {"data": {"source": "events.npz", **data}, "model": {"path": model}}
    (folder / "project.yml").write_text(yaml.safe_dump(content))
    config = read_project(folder)
    events, notes = scaled_events(config, load_dataset(config.data.source, directory=folder))
    return abs(float(events.x_train.mean())) < 1e-3, " ".join(notes)


@pytest.mark.parametrize("model", ["raw.h5", "raw.json"])
def test_a_model_that_standardises_its_inputs_gets_them_as_they_come(folder, model):
    is_standardised, notes = scaled(folder, model)
    assert not is_standardised and "as they come" in notes


def test_a_model_of_standardised_events_gets_these(folder):
    assert scaled(folder, "standard.h5") == (True, "")


@pytest.mark.parametrize("model, standardize", [("raw.h5", True), ("standard.h5", False)])
def test_a_choice_that_fits_the_model_less_is_kept_and_said(folder, model, standardize):
    is_standardised, notes = scaled(folder, model, standardize=standardize)
    assert is_standardised == standardize
    assert "change data.standardize?" in notes
