"""Types that the metadata of a QONNX file state, where the file is codesign's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from codesign._untrusted import parse_json
from codesign.errors import DataError, UnreadableError
from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import Activation, Affine, Dense, Mean
from codesign.network.storage.ops import unpack_constant_types, unpack_op
from codesign.network.storage.values import unpack_type
from codesign.read.onnx.flow import BATCH, Flow, constant_for
from codesign.read.onnx.patches import with_patches

METADATA = "codesign_types"


@dataclass(frozen=True)
class Stated:
    """What is stated, by ONNX's names of inputs and nodes."""

    inputs: Mapping[str, object] = field(default_factory=dict)
    nodes: Mapping[str, dict] = field(default_factory=dict)

    @classmethod
    def of(cls, metadata: Mapping[str, str]) -> "Stated":
        """Return what a file's metadata state.

        Raises:
            UnreadableError: for something else in their place.
        """
        if METADATA not in metadata:
            return cls()
        found = parse_json(metadata[METADATA])
        parts = [found.get(name) if isinstance(found, dict) else None for name in ("inputs", "nodes")]
        if not all(isinstance(part, dict) for part in parts) or not all(
            isinstance(entry, dict) for entry in parts[1].values()
        ):
            raise UnreadableError(f"metadata '{METADATA}': expected types of inputs and nodes. Received: others")
        return cls(*parts)

    def output(self, node: str, flow: Flow) -> FixedPoint | None:
        """Return the type of what a node of ONNX rounds, with the axes of the flow's value; None: not stated."""
        entry = self.nodes.get(node, {}).get("output")
        if entry is None:
            return None
        kind = unpack_type(entry, tuple(size for size in flow.sizes if size != BATCH), f"node '{node}'")
        if not kind.per_element:
            return kind
        parts = (constant_for(flow, np.asarray(part)) for part in (kind.width, kind.integer, kind.signed))
        width, integer, signed = (part if part.ndim and part.size > 1 else part.reshape(-1)[0] for part in parts)
        return FixedPoint(width, integer, signed, kind.rounding, kind.overflow)

    def typed(self, network: Network, names: Mapping[str, str]) -> Network:
        """Return a network with these types.

        Args:
            names: ONNX's name of what made each node.

        Raises:
            DataError: for types that do not fit.
        """
        if not self.inputs and not self.nodes:
            return network
        nodes, stated = [], {name: self.nodes.get(given, {}) for name, given in names.items()}
        for node in network.nodes:
            try:
                nodes.append(_typed(node, stated.get(node.name, {}), network.shapes[node.name]))
            except (KeyError, TypeError, AttributeError):
                raise DataError(f"node '{node.name}': expected types in the metadata. Received: others") from None
        inputs = [
            replace(one, precision=unpack_type(self.inputs.get(one.name), one.shape, f"input '{one.name}'"))
            if self.inputs.get(one.name) is not None
            else one
            for one in network.inputs
        ]
        return with_patches(replace(network, nodes=tuple(nodes), inputs=tuple(inputs)), stated)


def _typed(node: Node, entry: Mapping[str, object], shape: tuple[int, ...]) -> Node:
    op, where = node.op, f"node '{node.name}'"
    if "activation" in entry and isinstance(op, Activation):
        op = unpack_op(Activation, entry["activation"], where, [shape])
    elif "types" in entry and isinstance(op, Dense | Affine):
        arrays = [op.kernel, op.bias] if isinstance(op, Dense) else [op.factor, op.offset]
        op = replace(op, types=unpack_constant_types(entry["types"], arrays, where))
    elif "accum" in entry and isinstance(op, Mean):
        op = replace(op, accum=unpack_type(entry["accum"], (), where))
    if not isinstance(op, Activation | Mean) or entry.get("output") is None:
        return replace(node, op=op)
    output = unpack_type(entry["output"], shape, where)
    return replace(node, op=op, output=output)
