"""A network as hls4ml's layers: each node by the table op -> function."""

from collections.abc import Sequence

from codesign.errors import CodesignError
from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.fpga.hls4ml.layers import write_node
from codesign.network import Input, Network
from codesign.network.ops import Embedding, FixedOp, Op, Tensor

DEFAULT = "ap_fixed<16,6>"  # of what hls4ml wants to know and no layer uses


def written_layers(network: Network, reuse_factors: Sequence[int], strategy: str) -> tuple[LayerList, list[str]]:
    """Return hls4ml's layers, with the precision, reuse factor and strategy of each, and the names of the outputs.

    Args:
        network: with every type.
        reuse_factors: one for each of its layers; everything else has 1.
        strategy: hls4ml's.

    Raises:
        UnsupportedLayerError: for an op that hls4ml has not; it names the node.
    """
    layers = LayerList(strategy)
    factor_of = {name: factor for group, factor in zip(network.groups, reuse_factors) for name in group.names}
    tensors = {one.name: Tensor(one.shape, one.precision) for one in network.inputs}
    values = {one.name: _sent(layers, one, is_index=is_index(network, one.name)) for one in network.inputs}
    bound, shapes = network.fixed_ops, network.shapes
    for node in network.nodes:
        layers.node, layers.reuse_factor = node.name, factor_of.get(node.name, 1)
        fixed, shape = bound[node.name], shapes[node.name]
        taken = tuple(tensors[name] for name in node.inputs)
        tensors[node.name] = Tensor(shape, fixed.output)
        casts_each = fixed.output.differs_by_element and fixed.output is node.output
        written = WrittenNode(node.op, uncast(node.op, taken) if casts_each else fixed, taken, shape)
        try:
            value = write_node(written, layers, *(values[name] for name in node.inputs))
            values[node.name] = layers.cast(value, fixed.output) if casts_each else value
        except CodesignError as error:
            raise type(error)(f"layer '{node.name}': {error}") from None
    return layers, _outputs(layers, [values[name] for name in network.outputs])


def uncast(op: Op, inputs: Sequence[Tensor]) -> FixedOp:
    """Return an op in integers that gives every bit of its result, before the cast to the type of a node."""
    if isinstance(op, Embedding):
        return op.bind(inputs, op.type)
    return op.bind(inputs, op.table if getattr(op, "function", "") in ("sigmoid", "tanh") else None)


def is_index(network: Network, name: str) -> bool:
    """Whether an input counts rows of an embedding's table."""
    return any(isinstance(node.op, Embedding) and name in node.inputs for node in network.nodes)


def _sent(layers: LayerList, one: Input, *, is_index: bool) -> Value:
    """Add an input; where elements have types of their own, the project itself drops the bits that are not used."""
    value = layers.add_input(one.shape, one.precision, is_index=is_index)
    return layers.cast(value, one.precision) if one.precision.differs_by_element and not is_index else value


def _outputs(layers: LayerList, values: list[Value]) -> list[str]:
    """Return the names of the outputs, each an array of its own."""
    names: list[str] = []
    for value in values:
        is_new = value.is_own and value.name not in names
        names.append(value.name if is_new else layers.copy(value).name)
    return names
