"""ensemble_of: several models as one that gives the mean of their predictions."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import as_numbers, checked
from codesign._keras import keras, tf
from codesign._layer_walk import check_model
from codesign.errors import ConfigError


@checked
def ensemble_of(models: Sequence[keras.Model], weights: Sequence[float] | None = None) -> keras.Model:
    """Return one model that gives the mean of the models' predictions: saved, read and exported as any other.

    It has copies of the models; they stay as they are. Probabilities are averaged, so give models that end in a sigmoid
    or softmax, not logits.

    Args:
        models: of the same inputs and outputs; networks of different layers may be mixed.
        weights: of each model, such as ``1 / loss`` on validation events; they are divided by their sum. None: equal.

    Raises:
        ConfigError: for no models, models of other inputs or outputs, or weights that are negative or of sum 0.
        UnsupportedLayerError: for a model that is unbuilt, or has a `call` of its own.

    Example:
        >>> from codesign import Network, ensemble_of, keras
        >>> def member():
        ...     return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
        >>> ensemble = ensemble_of([member(), member(), member()], weights=[1, 1, 2])
        >>> Network.from_keras(ensemble).n_outputs
        2
    """
    _check_models(models)
    shares = _shares(weights, len(models))
    inputs = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in models[0].inputs]
    found = [tf.nest.flatten(_copy(model, index)(_given(inputs))) for index, model in enumerate(models)]
    outputs = [_mean(values, shares) for values in zip(*found, strict=True)]
    return keras.Model(inputs, outputs[0] if len(outputs) == 1 else outputs, name="ensemble")


def copy_with(model: keras.Model, weights: Sequence[np.ndarray]) -> keras.Model:
    """Return a copy of a model that has these weights, as `get_weights` gives them."""
    copied = keras.models.clone_model(model)
    copied.set_weights(weights)
    return copied


def _given(inputs: list) -> object:
    return inputs[0] if len(inputs) == 1 else inputs


def _copy(model: keras.Model, index: int) -> keras.Model:
    copied = copy_with(model, model.get_weights())
    copied._name = f"member_{index + 1}"
    return copied


def _mean(values: Sequence[tf.Tensor], shares: np.ndarray) -> tf.Tensor:
    layers = keras.layers
    if len(values) == 1:
        return values[0]
    if np.ptp(shares) == 0:
        return layers.Average()(list(values))
    return layers.Add()([layers.Rescaling(float(share))(value) for value, share in zip(values, shares)])


def _shares(weights: Sequence[float] | None, count: int) -> np.ndarray:
    if weights is None:
        return np.full(count, 1 / count)
    found = as_numbers(weights, "weights")
    if found.shape != (count,) or not np.isfinite(found).all() or (found < 0).any() or not found.sum() > 0:
        raise ConfigError(
            f"weights: expected {count} numbers of at least 0, one for each model, with a sum above 0. Received: "
            f"{np.array2string(found, threshold=6, max_line_width=1000)}"
        )
    return found / found.sum()


def _check_models(models: Sequence[keras.Model]) -> None:
    if not len(models):
        raise ConfigError("models: expected at least one model. Received: none")
    for model in models:
        check_model(model)
    first = _shapes(models[0])
    for index, model in enumerate(models):
        own = _shapes(model)
        if own != first:
            raise ConfigError(
                f"models: expected the same inputs and outputs, {first[0]} to {first[1]}. Received: {own[0]} to "
                f"{own[1]} of model {index}"
            )


def _shapes(model: keras.Model) -> tuple[list, list]:
    return [tuple(one.shape) for one in model.inputs], [tuple(one.shape) for one in model.outputs]
