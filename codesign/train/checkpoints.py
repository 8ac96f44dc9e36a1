"""Save and load Keras models with QKeras layers, training layers and TFMOT wrappers."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from codesign._files import replaced_file
from codesign._keras import keras
from codesign.errors import DataError
from codesign.layers.quantizers import without_qkeras_warnings  # importing the layers also registers them with Keras


def save_model(model: keras.Model, path: str | PathLike) -> None:
    """Write the whole model to ``.h5`` or ``.keras``; an existing file is replaced only when the new one is complete."""
    with replaced_file(path, "the model") as partial, _without_known_warnings():
        model.save(partial)


def load_model(path: str | PathLike) -> keras.Model:
    """Load a model with QKeras layers, the layers of :mod:`codesign.layers`, and TFMOT's pruning wrappers.

    Raises:
        DataError: for a missing file, or one that Keras cannot read.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"model: expected a saved Keras model (.h5 or .keras). Received: {path}, which does not exist")
    from qkeras.utils import _add_supported_quantized_objects
    from tensorflow_model_optimization.sparsity.keras import prune_scope

    known = {}
    _add_supported_quantized_objects(known)
    try:
        with _without_known_warnings(), prune_scope(), keras.utils.custom_object_scope(known):
            return keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises many types here, for many kinds of damage
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"model: expected a saved Keras model (.h5 or .keras). Received: {path} ({reason[0]})") from None


@contextmanager
def _without_known_warnings() -> Iterator[None]:
    """HDF5 is on purpose."""
    with warnings.catch_warnings(), without_qkeras_warnings():
        warnings.filterwarnings("ignore", message="You are saving your model as an HDF5 file")
        yield
