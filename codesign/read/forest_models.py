"""Forests of XGBoost and LightGBM, in files and live, as networks of real numbers with what stands behind the sums."""

from os import PathLike
from pathlib import Path

import numpy as np

from codesign.errors import CodesignError
from codesign.forests import Forest, read_forest
from codesign.forests.plain_splits import with_plain_splits
from codesign.model_files import ModelFile, identify
from codesign.network import Network
from codesign.network.ops import Activation, Affine, Dense
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.names import Names
from codesign.read.options import ReadOptions
from codesign.read.parts.forest import add_forest
from codesign.read.reading import Reading

_LINKS = {"sigmoid": "sigmoid", "softmax": "softmax", "exp": "exponential"}


def read_forest_file(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a file of XGBoost or LightGBM, without its library."""
    reading = read_forest_object(read_forest(file.path), options)
    return Reading(reading.network, reading.names, {"format": file.kind, **reading.about})


def read_any_forest(model: object) -> Forest:
    """Read a forest of XGBoost, LightGBM or scikit-learn, live or in a file, a skops file too; a Forest is itself.

    Raises:
        DataError: for a file that holds none.
        ConfigError, UnsupportedLayerError: as the readers of each library.
    """
    if isinstance(model, Forest):
        return model
    if isinstance(model, (str, PathLike)) and identify(model).kind == "skops":
        from codesign.read.sklearn.trees import skops_forest

        return skops_forest(Path(model))
    return read_forest(model)


def read_forest_object(model: object, options: ReadOptions) -> Reading:
    """Read a live forest of XGBoost or LightGBM: what its booster predicts.

    The inputs have no type: :func:`codesign.from_xgboost` and its like read a forest for an FPGA.

    Raises:
        UnsupportedLayerError: for a forest that gives the same for every event.
    """
    forest = read_any_forest(model)
    builder = GraphBuilder()
    value = builder.add_input("x", (forest.n_features,))
    value = add_forest(builder, "forest", value, with_plain_splits(forest))
    if forest.link in _LINKS:
        value = builder.add("link", Activation(_LINKS[forest.link]), value)
    network = Network(builder.nodes, builder.inputs, builder.as_outputs([value]))
    labels = tuple(map(str, forest.labels)) if len(forest.labels) == network.n_outputs else ()
    return Reading(network, _names(network, forest.features, labels), {"model": forest.name})


def _names(network: Network, features: tuple[str, ...], labels: tuple[str, ...]) -> Names:
    try:
        return Names(inputs=features, outputs=labels).of(network)
    except CodesignError:
        return Names().of(network)


def both_classes(builder: GraphBuilder, value: Value, origin: str) -> Value:
    """Add the probability of the first of two classes beside that of the second, less one half."""
    half = builder.add(origin, Affine(np.ones(1), np.full(1, 0.5)), value)
    return builder.add(origin, Dense(np.array([[-1.0, 1.0]]), np.array([1.0, 0.0])), half)
