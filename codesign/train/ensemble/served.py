"""The members as one Keras model of Keras's own layers, which predicts as one network."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from codesign._keras import keras, tf
from codesign.layers import FeatureSelection
from codesign.network import Network
from codesign.train.checkpoints import save_model
from codesign.train.ensemble.members import Members

_SHARES = "shares"  # the layer that weights members
_TABLE = "categories_"  # and the column that a layer embeds


def served_model(
    members: Members, weights: list[np.ndarray], mean: np.ndarray, std: np.ndarray, shares: np.ndarray
) -> keras.Model:
    """Return the model of events to the members' mean probabilities.

    Args:
        members: what they are.
        weights: as :meth:`Members.start` orders them.
        mean, std: of the columns that are not embedded.
        shares: (members,) weights of their probabilities, of sum 1.

    Returns:
        Of one output (n_events, 1), or (n_events, n_classes).
    """
    layers, settings = keras.layers, members.settings
    n_tables, count = len(settings.categories), settings.members
    inputs = keras.Input((members.n_inputs,), name="events")
    x = FeatureSelection(members.plain, name="columns")(inputs) if n_tables else inputs
    x = layers.Normalization(mean=mean, variance=np.square(std), name="standardised")(x)
    if n_tables or settings.dense_connections:
        x = layers.RepeatVector(count, name="of_each_member")(x)
    if n_tables:
        tables = [_embedded(inputs, column, table) for (column, _), table in zip(settings.categories, weights)]
        x = layers.Concatenate(name="with_categories")([x, *tables])
    arrays = weights[n_tables:]
    for number, (kernel, bias) in enumerate(zip(arrays[::2], arrays[1::2])):
        is_last = number == len(settings.hidden)
        activation = ("softmax" if members.n_outputs > 1 else "sigmoid") if is_last else settings.activation
        found = _dense(x, kernel, bias, activation, f"members_{number + 1}")
        x = layers.Concatenate(name=f"joined_{number + 1}")([found, x]) if _joins(members, is_last) else found
    x = layers.Permute((2, 1), name="by_output")(x)
    weighted = layers.Dense(1, use_bias=False, name=_SHARES)
    outputs = layers.Flatten(name="probability")(weighted(x))
    weighted.set_weights([np.asarray(shares, np.float32)[:, np.newaxis]])
    return keras.Model(inputs, outputs, name="ensemble")


def members_of(model: keras.Model) -> np.ndarray:
    """Return (members,) the shares of a served model's members."""
    return model.get_layer(_SHARES).get_weights()[0][:, 0]


def categories_of(model: keras.Model) -> list[tuple[int, int]]:
    """Return the columns that a served model embeds, and the number of categories of each."""
    tables = [one for one in model.layers if one.name.startswith(_TABLE) and isinstance(one, keras.layers.Embedding)]
    return [(int(one.name.removeprefix(_TABLE)), one.input_dim) for one in tables]


def outputs_of_members(model: keras.Model) -> keras.Model:
    """Return the model of (n_events, n_outputs, members) probabilities, each member's own."""
    return keras.Model(model.inputs, model.get_layer(_SHARES).input)


def as_network(model: keras.Model) -> Network:
    """Return all that a model does as nodes: what standardises its inputs, a softmax at its end."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        save_model(model, path)
        return Network.load(path)


def graph_of(model: keras.Model) -> Callable[[np.ndarray], tf.Tensor]:
    """Return the graph of (n, n_inputs) float32 events to the model's outputs.

    It takes a third of the time of `model.predict`, which makes a data set of each call's events.
    """
    return tf.function(
        lambda events: model(events, training=False),
        input_signature=[tf.TensorSpec((None, model.input_shape[-1]), tf.float32)],
    )


def _joins(members: Members, is_last: bool) -> bool:
    return members.settings.dense_connections and not is_last


def _dense(x: object, kernel: np.ndarray, bias: np.ndarray, activation: str, name: str) -> object:
    """Add the layer of each member: of its own values, or of values that all take."""
    count, _, units = kernel.shape
    equation = "bi,kio->bko" if len(x.shape) == 2 else "bki,kio->bko"
    options = {"output_shape": (count, units), "bias_axes": "ko", "activation": activation}
    layer = keras.layers.EinsumDense(equation, name=name, **options)
    found = layer(x)
    layer.set_weights([kernel, bias[:, 0]])
    return found


def _embedded(inputs: object, column: int, table: np.ndarray) -> object:
    """Add a lookup of all members' rows at once."""
    count, entries, size = table.shape
    layers = keras.layers
    lookup = layers.Embedding(entries, count * size, name=f"{_TABLE}{column}")
    rows = lookup(FeatureSelection([column], name=f"column_{column}")(inputs))
    lookup.set_weights([table.transpose(1, 0, 2).reshape(entries, count * size)])
    return layers.Reshape((count, size), name=f"rows_{column}")(rows)
