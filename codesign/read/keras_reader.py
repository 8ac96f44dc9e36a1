"""Read a Keras or QKeras model into a Network that computes the same."""

import warnings
from collections.abc import Sequence
from os import PathLike

import numpy as np

from codesign._layer_walk import read_layer_graph
from codesign.errors import HalfPrecisionWarning, UnsupportedLayerError
from codesign.model_files import ModelFile, identify
from codesign.network import Network, Node
from codesign.network.ends import split_softmax, with_affines, with_softmax
from codesign.network.ops import Activation, Affine, Dense
from codesign.network.same_function import SINGLE, check_same_function
from codesign.read.chain_form import chain_of, is_row
from codesign.read.files import read_file
from codesign.read.fold import Folder
from codesign.read.graph_builder import GraphBuilder, used_nodes, with_trained_types
from codesign.read.keras_calls import read_model
from codesign.read.keras_layers import TRAINING, read_call
from codesign.read.keras_model import Predict, input_shapes, keras_model, rounding_error
from codesign.read.keras_words import with_offsets
from codesign.read.live_records import record_graph
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading


def read_keras(
    model: object, x: np.ndarray | None = None, *, softmax: bool = False, standardisation: bool = False
) -> Network:
    """Read a Sequential or functional model of Keras 2 or 3, or a file of any model.

    Models inside it are opened, layers that are called several times become several nodes with the same constants, and
    there may be several inputs and outputs. The network's `predict` is the model's: QKeras quantizers round and
    saturate in it, and where they are, designs take their types. Batch normalisation, Normalization and Rescaling are
    folded into the dense layer before or behind them, TFMOT's pruning wrappers are opened, dropout and noise left out.
    A softmax at an output is cut off, since argmax needs none. What was read is compared with the model's own outputs
    on events that are drawn to reach every saturation. Nothing but Keras's and QKeras's own code is run: a Lambda or a
    layer of another package is refused.

    Args:
        model: a Keras model, a :class:`codesign.drone.Drone`, a :class:`codesign.compress.ShrunkModel`, or the path of
            the file of one of them.
        x: (n_events, n_inputs) events of the user's to compare on too, or what :meth:`codesign.Network.predict` takes;
            None: drawn ones only.
        softmax: keep a softmax at an output, as a node of its own; without, the network gives logits.
        standardisation: keep what standardises the inputs as an affine node, as exports want it; without, it is folded
            into what comes next.

    Raises:
        UnsupportedLayerError: for any other layer; it names the layer and says what to do.
        AgreementError: if the network's outputs are not the model's.
        DataError: for a file that is missing or cannot be read.

    Warns:
        HalfPrecisionWarning: for a model with mixed_float16 or the like.
    """
    if isinstance(model, (str, PathLike)) and not identify(model).is_keras:
        return read_file(model).design_network(softmax=softmax, standardisation=standardisation)
    model = keras_model(model)
    complete, network = _read(model, standardisation=standardisation)
    for events in (None,) if x is None else (None, x):
        check_same_function(complete, Predict(model, network), x=events, epsilon=rounding_error(model))
    if rounding_error(model) > SINGLE:
        said = "the model computes in half precision: the network has its weights, and not its rounding errors"
        warnings.warn(said, HalfPrecisionWarning, stacklevel=3)
    return complete if softmax else network


def read_keras_file(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a file of Keras 2; see :func:`read_keras`."""
    network = read_keras(file.path, softmax=True, standardisation=True)
    return Reading(network, about={"format": file.kind} | ({"version": file.version} if file.version else {}))


def _read(model: object, *, standardisation: bool) -> tuple[Network, Network]:
    """The network, and the same without a softmax at its outputs; nothing is compared."""
    builder = GraphBuilder()
    values = [builder.add_input(name, shape) for name, shape in input_shapes(read_layer_graph(model))]
    found = read_model(record_graph(_plain(model)), values, lambda call: read_call(builder, call), builder.origin)
    outputs = builder.as_outputs(found)
    nodes = with_offsets(builder, used_nodes(builder.nodes, outputs))
    kept = frozenset(one.name for one in builder.inputs) if standardisation else frozenset()
    folded, ends = Folder(outputs, kept).fold(nodes)
    network, cut = split_softmax(Network(nodes, builder.inputs, outputs))
    if all(isinstance(node.op, Activation) and node.op.function == "linear" for node in network.nodes):
        raise UnsupportedLayerError(
            "model: expected at least one Dense layer, or another that computes. Received: none"
        )
    has_dense = any(isinstance(node.op, Dense) for node in network.nodes)
    if has_dense and network.input_layout.is_vector and is_row(network.nodes, network.outputs):
        network = _chain(builder, network.nodes, folded[0] if standardisation else None)
        return (with_softmax(network) if cut else network), network
    complete = with_trained_types(Network(folded, builder.inputs, ends))
    return complete, split_softmax(complete)[0]


def _chain(builder: GraphBuilder, nodes: Sequence[Node], first: Node | None) -> Network:
    """Dense layers in a row, behind what standardises the inputs if that is to be kept."""
    is_kept = first is not None and isinstance(first.op, Affine)
    while is_kept and isinstance(nodes[0].op, Affine):
        nodes = nodes[1:]
    network = chain_of(nodes, builder.origins, builder.inputs[0].size)
    return with_affines(network, {network.inputs[0].name: first.op}) if is_kept else network


def _plain(model: object) -> object:
    """A chain with training layers is stripped first, so that gates fold into its kernels."""
    graph = read_layer_graph(model)
    training = [layer for layer in graph.layers if type(layer).__name__ in TRAINING]
    if all(getattr(layer, "is_collapsed", False) for layer in training) or not graph.is_chain:
        return model
    from codesign.compress import strip

    return strip(model)
