"""Nodes in order: constants are worked out, what depends on the events becomes nodes of the network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from codesign.errors import CodesignError, UnreadableError, UnsupportedLayerError, nearest
from codesign.read.onnx.constants import FOLDS
from codesign.read.onnx.flow import Flow
from codesign.read.onnx.loops import read_loop, read_scan
from codesign.read.onnx.operators import OPERATORS
from codesign.read.onnx.records import AttributeName, OnnxFunction, OnnxGraph, OnnxNode
from codesign.read.onnx.walk import Call, Walk, named_errors

_MOST_STEPS = 200_000
# What NumPy and the reader say of attributes and inputs that no exporter writes.
_STRANGE = (
    *(ValueError, IndexError, TypeError, KeyError, AttributeError),
    *(OverflowError, ZeroDivisionError, StopIteration, MemoryError),
)
_DEEPEST = 16

_NUMBERED = re.compile(r"/\d+$")  # how codesign tells the nodes of one of the network's apart

Scope = dict[str, object]
_LOOPS = {"Loop": read_loop, "Scan": read_scan}


class Steps:
    """Reads nodes, those of graphs and functions inside others too.

    Args:
        walk: what is known.
    """

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self._left = _MOST_STEPS

    def run_graph(self, graph: OnnxGraph, scope: Scope, depth: int = 0) -> None:
        """Read the nodes of a graph into a scope."""
        scope |= {name: self.walk.opener.open(message) for name, message in graph.tensors.items()}
        self.run(graph.nodes, scope, depth)

    def run(self, nodes: Sequence[OnnxNode], scope: Scope, depth: int = 0) -> None:
        """Read nodes, each behind those that it takes."""
        for node in nodes:
            self._left -= 1
            if self._left < 0 or depth > _DEEPEST:
                raise UnreadableError(f"an ONNX file of more than {_MOST_STEPS:,} nodes, or {_DEEPEST} levels")
            missing = next((name for name in node.inputs if name and name not in scope), None)
            if missing is not None:
                raise UnreadableError(f"node '{node.name}': expected inputs that are there. Received: '{missing[:60]}'")
            values = tuple(scope[name] if name else None for name in node.inputs)
            found = self._read(node, values, scope, depth)
            found = found if isinstance(found, tuple) else (found,)
            scope |= {name: value for name, value in zip(node.outputs, found) if name}

    def apply(self, node: OnnxNode, values: tuple) -> object:
        """Read one node with what it takes, as readers of other formats have it; what it gives, or a tuple of these."""
        self._left -= 1
        if self._left < 0:
            raise UnreadableError(f"a model of more than {_MOST_STEPS:,} nodes")
        return self._read(node, values, {}, 0)

    def _read(self, node: OnnxNode, values: tuple, scope: Scope, depth: int) -> object:
        name = node.name or next((one for one in node.outputs if one), node.operation)
        if self.walk.stated.nodes:
            name = _NUMBERED.sub("", name)
        call = Call(self.walk, node, name.strip("/").replace("/", "_") or node.operation.lower(), values)
        try:
            if (node.domain, node.operation) in self.walk.model.functions:
                return self._function(node, values, depth)
            if (node.domain, node.operation) == ("", "If"):
                return self._branch(call, scope, depth)
            if node.domain == "" and node.operation in _LOOPS:
                run = lambda graph, inside: self.run_graph(graph, inside, depth + 1)  # noqa: E731
                return _LOOPS[node.operation](call, scope, run)
            first = len(self.walk.builder.nodes)
            with np.errstate(all="ignore"):
                found = self._one(call)
            self.walk.origins |= {made.name: node.name for made in self.walk.builder.nodes[first:]}
            return found
        except CodesignError as error:
            raise named_errors(call, error) from None
        except _STRANGE as error:
            said = str(error).splitlines() or [type(error).__name__]
            strange = UnreadableError(f"attributes or inputs that do not fit ({said[0][:80]})")
            raise named_errors(call, strange) from None

    def _one(self, call: Call) -> object:
        """An operator: worked out where it takes constants alone."""
        node = call.node
        if node.domain not in OPERATORS:
            known = ", ".join(domain or "ai.onnx" for domain in OPERATORS)
            raise UnsupportedLayerError(
                f"expected operators of {known}. Received: {node.operation[:60]} of '{node.domain[:60]}'; export the "
                "model with operators of ONNX only"
            )
        if self.walk.stated.nodes.get(node.name, {}).get("is_half") and isinstance(call.value(0), Flow):
            return call.value(0)  # the type behind it rounds half up
        is_constant = not any(isinstance(value, Flow) for value in call.values)
        if is_constant and node.domain == "" and node.operation in FOLDS:
            with np.errstate(all="ignore"):
                found = FOLDS[node.operation](call, *_without_ends(call.values))
            self.walk.count(sum(np.size(one) for one in (found if isinstance(found, tuple) else (found,))))
            return found
        _, table = OPERATORS[node.domain]
        if node.operation not in table:
            received = f"{node.operation[:60]}{nearest(node.operation, table)}"
            raise UnsupportedLayerError(
                f"expected an operator that a network has. Received: {received}; `codesign drone` takes the file as a "
                "teacher"
            )
        return table[node.operation](call)

    def _function(self, node: OnnxNode, values: tuple, depth: int) -> tuple:
        """The nodes of a function that the file brings."""
        function = self.walk.model.functions[node.domain, node.operation]
        inside: Scope = dict(zip(function.inputs, (*values, *[None] * len(function.inputs))))
        self.run(_with_attributes(function, node.attributes), inside, depth + 1)
        return tuple(inside.get(name) for name in function.outputs)

    def _branch(self, call: Call, scope: Scope, depth: int) -> tuple:
        """The branch that a constant chooses."""
        chosen = call.constant(0, what="condition")
        graph = call.attribute("then_branch" if np.ravel(chosen)[0] else "else_branch")
        if not isinstance(graph, OnnxGraph):
            raise call.refusal("two branches", "none")
        inside = dict(scope)
        self.run_graph(graph, inside, depth + 1)
        return tuple(inside[one.name] for one in graph.outputs)


def _without_ends(values: tuple) -> tuple:
    """Without optional inputs that are left out at the end."""
    while values and values[-1] is None:
        values = values[:-1]
    return values


def _with_attributes(function: OnnxFunction, given: Mapping[str, object]) -> list[OnnxNode]:
    """A function's nodes with the attributes that it is called with."""
    known, nodes = {**function.defaults, **given}, []
    for node in function.nodes:
        found = {
            key: known.get(value.name) if isinstance(value, AttributeName) else value
            for key, value in node.attributes.items()
        }
        nodes.append(replace(node, attributes={key: value for key, value in found.items() if value is not None}))
    return nodes
