"""Read a file of Keras: its layers as records, and of these a network."""

import re
import warnings

from codesign._layer_graph import LayerGraph
from codesign._printable import printable
from codesign.errors import CodesignError, DataError, HalfPrecisionWarning, UnsupportedLayerError
from codesign.model_files import ModelFile
from codesign.read.keras_files.calls import GraphMaker
from codesign.read.keras_files.configuration import Parser
from codesign.read.keras_files.contents import Contents, with_contents
from codesign.read.keras_files.weights import check_shapes, fill_by_layer
from codesign.read.keras_files.weights_by_place import fill_by_place
from codesign.read.keras_records import computes_in_half_precision
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading
from codesign.read.record_network import read_records

_DAMAGE = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
_COUNTS_MAKING = re.compile(r"2\.(\d+)")  # tf.keras, and Keras from 2.4 on
_FIRST_OF_TF_KERAS = 4


def read_keras_file(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a file of Keras 1, 2 or 3, QKeras or this package: .h5, .keras or its folder, a configuration and weights.

    Args:
        file: as :func:`codesign.model_files.identify` found it.
        options: sizes of inputs that the file leaves open.

    Raises:
        DataError: for a damaged file, or one that holds no model.
        UnsupportedLayerError: for a layer that has no place in a Network; it names the layer.

    Warns:
        HalfPrecisionWarning: for a model with mixed_float16 or the like.
    """
    try:
        return with_contents(file, lambda contents: _reading(contents, options))
    except CodesignError as error:
        text = str(error)
        raise type(error)(
            text if text.startswith(("model:", "layer ")) else f"model: {text} (in {file.path})"
        ) from None
    except _DAMAGE as error:
        reason = printable((str(error).strip().splitlines() or [""])[0][:100])
        raise DataError(
            f"model: expected the configuration and the weights of a Keras model. Received: {file.path}, which Keras "
            f"did not write, or which is damaged ({type(error).__name__}: {reason}); save it again"
        ) from None


def _reading(contents: Contents, options: ReadOptions) -> Reading:
    graph = layer_graph(contents)
    names = list(graph.inputs)
    shapes = {name: options.shape_of(name, graph.inputs[name], names) for name in names}
    network, _ = read_records(graph, shapes, standardisation=True)
    if any(computes_in_half_precision(layer) for layer in graph.layers):
        said = "the model computes in half precision: the network has its weights, and not its rounding errors"
        warnings.warn(said, HalfPrecisionWarning, stacklevel=6)
    about = {"format": contents.kind} | ({"version": contents.version} if contents.version else {})
    return Reading(network, about=about, assumed=_assumed(contents))


def layer_graph(contents: Contents) -> LayerGraph:
    """Return the calls of a file's layers, each a :class:`codesign.read.keras_records.LayerRecord`.

    Raises:
        DataError: for a configuration or weights that no Keras model has.
        UnsupportedLayerError: for a model that does not know its inputs.
    """
    generation = contents.generation
    config = contents.config
    if str(config.get("class_name")) not in ("Sequential", "Functional", "Model"):
        raise UnsupportedLayerError(
            "model: expected a Sequential or functional model. Received: "
            f"'{printable(str(config.get('class_name'))[:60])}'; build one of these with the same layers and give it "
            "the weights (set_weights)"
        )
    model = Parser(generation).model(config)
    attributes = contents.weights.attributes
    if "layer_names" in attributes or "layer_names0" in attributes:
        fill_by_layer(model, contents.weights, is_first=generation == 1)
    else:
        fill_by_place(model, contents.weights)
    check_shapes(model)
    return GraphMaker(max(generation, 2), counts_making=_counts_making(contents.version)).graph(model)


def _counts_making(version: str | None) -> bool:
    found = _COUNTS_MAKING.match(version or "")
    return bool(found) and (int(found[1]) >= _FIRST_OF_TF_KERAS or "tf" in str(version))


def _assumed(contents: Contents) -> tuple[str, ...]:
    if contents.beside is None:
        return ()
    return (f"its other half, weights or layers, was taken from {contents.beside}, which lies beside it",)
