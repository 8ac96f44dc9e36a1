"""From the records of a model's layers to a network."""

from collections.abc import Mapping, Sequence

from codesign._layer_graph import LayerGraph
from codesign.errors import UnsupportedLayerError
from codesign.network import Network, Node
from codesign.network.ends import split_softmax, with_affines, with_softmax
from codesign.network.ops import Activation, Affine, Dense
from codesign.read.chain_form import chain_of, is_row
from codesign.read.fold import Folder
from codesign.read.graph_builder import GraphBuilder, used_nodes, with_trained_types
from codesign.read.keras_calls import read_model
from codesign.read.keras_layers import read_call
from codesign.read.keras_words import with_offsets
from codesign.read.selections import with_moves


def read_records(
    graph: LayerGraph, shapes: Mapping[str, tuple[int, ...]], *, standardisation: bool
) -> tuple[Network, Network]:
    """Return the network of layers, and the same without a softmax at its outputs.

    Args:
        graph: of :class:`codesign.read.keras_records.LayerRecord`.
        shapes: of an event's values, by input.
        standardisation: keep what standardises the inputs as a node of its own.

    Raises:
        UnsupportedLayerError: for a layer that has no place in a Network; it names the layer.
    """
    builder = GraphBuilder()
    values = [builder.add_input(name, shape) for name, shape in shapes.items()]
    found = read_model(graph, values, lambda call: read_call(builder, call), builder.origin)
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
    complete = with_trained_types(with_moves(Network(folded, builder.inputs, ends), builder.selections))
    return complete, split_softmax(complete)[0]


def _chain(builder: GraphBuilder, nodes: Sequence[Node], first: Node | None) -> Network:
    """Dense layers in a row, behind what standardises the inputs if that is to be kept."""
    is_kept = first is not None and isinstance(first.op, Affine)
    while is_kept and isinstance(nodes[0].op, Affine):
        nodes = nodes[1:]
    network = chain_of(nodes, builder.origins, builder.inputs[0].size)
    return with_affines(network, {network.inputs[0].name: first.op}) if is_kept else network
