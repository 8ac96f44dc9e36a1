"""embed_columns: categories among the columns of an event, each replaced by values that are learnt."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError, nearest
from codesign.layers.functional_value import check_name, check_value

_MOST = 10**6
_LARGEST = 50  # values of a category, where the number is not given


@checked
def embed_columns(
    x: object, features: Sequence[str], categories: Mapping[str, int | tuple[int, int]], *, name: str = "embedding"
) -> tf.Tensor:
    """Return the other columns, then for each categorical one a row of a table that is learnt.

    Entity embedding (Guo, Berkhahn, arXiv:1604.06737): categories that act alike come close to each other. Columns of
    categories hold whole numbers from 0, so leave them out of the standardisation.

    Args:
        x: (n_events, n_features), a value of Keras's functional API.
        features: names of its columns.
        categories: name of a column -> number of its categories, or (number, values of each). By default half as many
            values as categories, rounded up, and at most 50.
        name: the table of column 3 is the layer NAME_3.

    Returns:
        (n_events, columns that are left + values of the categories).

    Raises:
        ConfigError: for names that are not one for each column, a column that is none of them, nothing to embed, or
            fewer than one category or value.

    Example:
        >>> import numpy as np
        >>> from codesign import Network, embed_columns, keras
        >>> inputs = keras.Input((3,))
        >>> x = embed_columns(inputs, ("mass", "n_jets", "pt"), {"n_jets": (4, 3)})
        >>> model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
        >>> model.predict(np.array([[0.3, 2, -1.0]]), verbose=0).shape, Network.from_keras(model).n_inputs
        ((1, 1), 3)
    """
    check_value(x)
    check_name(name)
    sizes = _checked(x.shape[-1], features, categories)
    layers, found = keras.layers, _others(x, [feature in sizes for feature in features])
    for feature, (count, size) in sizes.items():
        index = list(features).index(feature)
        rows = layers.Embedding(count, size, name=f"{name}_{index}")(x[:, index : index + 1])
        found.append(layers.Reshape((size,), name=f"{name}_{index}_values")(rows))
    return layers.Concatenate(name=name)(found) if len(found) > 1 else found[0]


def _others(x: object, is_category: Sequence[bool]) -> list[tf.Tensor]:
    """Return the columns that are no categories, those side by side as one value."""
    edges = np.flatnonzero(np.diff([True, *is_category, True]))
    return [x[:, begin:end] for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist())]


def _checked(
    width: int, features: Sequence[str], categories: Mapping[str, int | tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return the number of categories and of their values."""
    if len(features) != width or len(set(features)) < len(features):
        raise ConfigError(
            f"features: expected a name of its own for each of the {width} columns. Received: {len(features)} names, "
            f"{len(set(features))} different"
        )
    if not categories:
        raise ConfigError("categories: expected at least one column. Received: none; leave embed_columns out")
    sizes = {}
    for feature, given in categories.items():
        if feature not in features:
            raise ConfigError(
                f"categories: expected names of features. Received: {feature!r}{nearest(feature, features)}"
            )
        is_count = isinstance(given, (int, np.integer))
        count, size = (given, min(_LARGEST, (given + 1) // 2)) if is_count else given
        if not (1 <= count <= _MOST and 1 <= size <= _MOST):
            raise ConfigError(
                f"categories: expected 1 to {_MOST:,} categories, and values of each, of {feature!r}. Received: "
                f"{count}, {size}"
            )
        sizes[feature] = (int(count), int(size))
    return sizes
