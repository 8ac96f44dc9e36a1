"""Save and load Keras models with QKeras layers, training layers and TFMOT wrappers."""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike

from codesign._arguments import checked
from codesign._files import replaced_file
from codesign._keras import keras, tf
from codesign.errors import DataError
from codesign.layers.quantizers import without_qkeras_warnings  # importing the layers also registers them with Keras
from codesign.model_files import checked_copy

_SLACK = 1000  # seeds and counters, which are not always saved
_LONGEST_REASON = 300
_BEHIND_A_DUMP = "Exception encountered: "  # Keras begins with the layer's whole configuration


@checked
def save_model(model: keras.Model, path: str | PathLike) -> None:
    """Write the whole model to ``.h5`` or ``.keras``; an existing file is replaced only when the new is complete.

    Example:
        >>> from codesign import TopKGate, keras, load_model, save_model
        >>> save_model(keras.Sequential([keras.Input((4,)), TopKGate(2), keras.layers.Dense(1)]), "gated.h5")
        >>> load_model("gated.h5").layers[0].k
        2
    """
    with replaced_file(path, "the model") as partial, _without_known_warnings():
        model.save(partial)


@checked
def load_model(path: str | PathLike) -> keras.Model:
    """Load a Keras 2 model with QKeras layers, the layers of :mod:`codesign.layers`, and TFMOT's pruning wrappers.

    Nothing in the file is run: its configuration is compared with lists of known classes and functions first, and Keras
    opens a copy of what was checked (:mod:`codesign.model_files`).

    Args:
        path: ``.h5`` or ``.keras``, whatever its name ends in; a drone's file too.

    Returns:
        The model, not compiled.

    Raises:
        DataError: for a missing or damaged file, or one of another kind; it says which, and the way out.
        UnsupportedLayerError: for a Lambda layer, or a class or function that is not known; it names the layer.

    Example:
        >>> from codesign import PosteriorDense, keras, load_model, save_model
        >>> save_model(keras.Sequential([keras.Input((4,)), PosteriorDense(1)]), "posterior.keras")
        >>> type(load_model("posterior.keras").layers[0]).__name__
        'PosteriorDense'
    """
    with checked_copy(path) as copy:
        try:
            with _known_objects(), _variables_of_at_most(copy.n_values):
                model = keras.models.load_model(copy.path, compile=False)
        except _TooManyValuesError:
            reason = f"its layers need more weights than the {copy.n_values:,} that are in it; save it again"
        except Exception as error:  # Keras raises many types here, for many kinds of damage
            own = str(error).rpartition(_BEHIND_A_DUMP)[2]
            reason = (own.strip().splitlines() or [type(error).__name__])[0][:_LONGEST_REASON]
        else:
            if model.built and model.inputs:
                return model
            reason = "it was never built, so it has no weights; begin it with keras.Input, or fit it, and save it again"
    raise DataError(f"model: expected a saved Keras model (.h5 or .keras). Received: {path} ({reason})")


class _TooManyValuesError(Exception):
    """Raised when a model's layers want more weights than its file holds."""


@contextmanager
def _known_objects() -> Iterator[None]:
    from qkeras.utils import _add_supported_quantized_objects
    from tensorflow_model_optimization.sparsity.keras import prune_scope

    from codesign.layers.binarized_dense import BinaryDense, PlaygroundTernaryDense, ternary_tanh
    from codesign.layers.qdense_batchnorm import QDenseBatchnorm

    known = {"QDenseBatchnorm": QDenseBatchnorm, "BinaryDense": BinaryDense, "TernaryDense": PlaygroundTernaryDense}
    known["ternary_tanh"] = ternary_tanh
    _add_supported_quantized_objects(known)
    with _without_known_warnings(), prune_scope(), keras.utils.custom_object_scope(known):
        yield


@contextmanager
def _variables_of_at_most(n_values: int) -> Iterator[None]:
    """A configuration of a few bytes can ask for any number of units: count before the memory is taken."""
    left = n_values + _SLACK

    def create(next_creator: Callable, **arguments: object) -> object:
        nonlocal left
        left -= math.prod(arguments.get("shape") or ())
        if left < 0:
            raise _TooManyValuesError
        return next_creator(**arguments)

    with tf.variable_creator_scope(create):
        yield


@contextmanager
def _without_known_warnings() -> Iterator[None]:
    """HDF5 is on purpose."""
    with warnings.catch_warnings(), without_qkeras_warnings():
        warnings.filterwarnings("ignore", message="You are saving your model as an HDF5 file")
        yield
