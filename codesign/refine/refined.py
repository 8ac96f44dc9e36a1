"""The network that a refined state stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from codesign.network import FixedPoint, Network, Node, exact_type
from codesign.network.ops import ConstantTypes, Dense, Op, Quantize
from codesign.refine.formats import Format
from codesign.refine.layer_state import LayerState

_WIDEST_CONSTANT = 24


def refined(network: Network, layers: Sequence[LayerState], formats: Mapping[str, Format]) -> Network:
    """Return a network with other weights and types; a chain has its types as quantizers behind its layers.

    Args:
        network: as it was.
        layers: its dense layers as they are now.
        formats: of what is cast, by the name of the node or input.
    """
    if network.is_chain:
        return _chain(network, layers)
    shapes = network.shapes
    types = {name: form.as_type(shapes[name]) for name, form in formats.items() if form.given.per_element}
    states = {layer.node.name: layer for layer in layers}
    nodes = tuple(
        replace(
            node, op=_op(node, states, types), output=None if node.output is None else types.get(node.name, node.output)
        )
        for node in network.nodes
    )
    inputs = tuple(replace(one, precision=types.get(one.name, one.precision)) for one in network.inputs)
    return replace(network, nodes=nodes, inputs=inputs)


def _op(node: Node, states: Mapping[str, LayerState], types: Mapping[str, FixedPoint]) -> Op:
    """Quantizers are part of the function: they round as the design does."""
    if isinstance(node.op, Quantize):
        return Quantize(types.get(node.name, node.op.type))
    if not isinstance(node.op, Dense):
        return node.op
    layer = states[node.name]
    return Dense(layer.kernel, layer.bias, _constant_types(layer))


def _chain(network: Network, states: Sequence[LayerState]) -> Network:
    shapes = network.shapes
    formats = [state.format.as_type(shapes[state.node.inputs[0]]) for state in states]
    casts = [kind if state.format.name else None for kind, state in zip(formats, states)]
    layers = []
    for layer, state, after in zip(network.layers, states, [*casts[1:], None]):
        types = _constant_types(state)
        output = {} if after is None else {"output": after}
        precision = replace(layer.precision, weight=types.weight, bias=types.bias, **output)
        layers.append(replace(layer, kernel=state.kernel, bias=state.bias, precision=precision, quantizer=after))
    return Network.chain(tuple(layers), formats[0], input_quantizer=formats[0])


def _constant_types(layer: LayerState) -> ConstantTypes:
    return ConstantTypes(*(exact_type(values, widest=_WIDEST_CONSTANT) for values in (layer.kernel, layer.bias)))
