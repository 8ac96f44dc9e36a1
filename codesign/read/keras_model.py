"""What a Network is read from: the Keras model in a file or in one of the tool's products, its features, its arithmetic."""

from os import PathLike

from codesign.errors import UnsupportedLayerError

_ROUNDING_ERRORS = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23, "float64": 2.0**-52}


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


def rounding_error(model: object) -> float:
    """Return the relative rounding error of the least precise type that a model computes in."""
    used = {str(getattr(layer, "compute_dtype", None) or "float32") for layer in model.layers}
    return max(_ROUNDING_ERRORS.get(dtype, _ROUNDING_ERRORS["float32"]) for dtype in used)
