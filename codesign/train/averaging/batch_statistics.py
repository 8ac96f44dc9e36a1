"""Means and variances of batch normalisation, for weights that no training step has seen."""

from codesign._arguments import check_range
from codesign._keras import keras, tf
from codesign.train.fit_events import check_model_takes


def batch_norms(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Return the layers of batch normalisation that train, in nested models and wrappers too."""
    found = [one for one in model.submodules if isinstance(one, keras.layers.BatchNormalization)]
    return [layer for layer in found if layer.trainable]


def update_batch_statistics(model: keras.Model, x: object, *, batch_size: int) -> None:
    """Set the moving means and variances to the means over all batches of events; no other weight changes.

    Izmailov et al., arXiv:1803.05407, section 3.2: averaged weights have activations that none of the averaged ones
    had. Layers of noise are on, as they are in a training.

    Args:
        model: whose weights are final.
        x: events, as `fit` takes them: an array, or a list or dict of arrays.
        batch_size: events of each pass.

    Raises:
        ConfigError: for events that the model does not take, or no batch.
        DataError: for NaN or inf in them.
    """
    check_range(batch_size, "batch_size", 1, 10**9)
    check_model_takes(model, x, "x")
    layers = batch_norms(model)
    statistics = {variable.ref() for layer in layers for variable in (layer.moving_mean, layer.moving_variance)}
    others = [(variable, variable.numpy()) for variable in model.weights if variable.ref() not in statistics]
    momenta = [layer.momentum for layer in layers]
    n_events = len(tf.nest.flatten(x)[0])
    try:
        for begin in range(0, n_events, batch_size):
            end = min(begin + batch_size, n_events)
            for layer in layers:
                layer.momentum = begin / end
            model(_rows(x, begin, end), training=True)
    finally:
        for layer, momentum in zip(layers, momenta):
            layer.momentum = momentum
        for variable, value in others:
            variable.assign(value)


def _rows(x: object, begin: int, end: int) -> object:
    return tf.nest.map_structure(lambda values: tf.convert_to_tensor(values[begin:end]), x)
