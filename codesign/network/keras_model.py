"""What a Network is read from: the Keras model in a file or in one of the tool's products, its features, its arithmetic."""

from os import PathLike

import numpy as np

from codesign.errors import UnsupportedLayerError


def keras_model(model: object) -> object:
    """Return the Keras model in a file, a Drone or a ShrunkModel, or what was given if it is one itself."""
    if isinstance(model, (str, PathLike)):
        from codesign.train import load_model

        return load_model(model)
    if hasattr(model, "with_selection"):
        return model.with_selection()
    return model if hasattr(model, "layers") else getattr(model, "model", model)


def count_features(model: object) -> int:
    """Return the features of an event."""
    shape = tuple(model.input_shape)
    if len(shape) != 2 or shape[1] is None:
        raise UnsupportedLayerError(
            f"model: expected inputs of shape (n_events, n_features). Received: {shape}; flatten the events, and start the model "
            "with keras.Input((n_features,))"
        )
    return int(shape[1])


def least_precise(model: object) -> np.dtype:
    """The least precise type that the model computes in."""
    used = [np.dtype(getattr(layer, "compute_dtype", None) or "float32") for layer in model.layers]
    return min(used, key=lambda dtype: dtype.itemsize)
