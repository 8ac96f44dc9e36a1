"""TorchCall: one node of a program with what it takes, and the way to ONNX's operators."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codesign.errors import CodesignError, UnreadableError, UnsupportedLayerError
from codesign.read.onnx.flow import BATCH, Flow
from codesign.read.onnx.nodes import Steps
from codesign.read.onnx.records import OnnxNode
from codesign.read.onnx.walk import Call
from codesign.read.torch.program import TorchNode

MOST_PARTS = 4096
_MISSING = object()


@dataclass(frozen=True)
class TorchCall:
    """A node with what it takes.

    Args:
        steps: of ONNX's reader, which makes nodes of the network.
        node: of the program.
        name: what the network's nodes are called after it.
        values: arguments by name: flows, arrays, numbers, texts, lists of these, None.
    """

    steps: Steps
    node: TorchNode
    name: str
    values: Mapping[str, object]

    def onnx(self, operation: str, *values: object, n_outputs: int = 1, **attributes: object) -> object:
        """Read an operator of ONNX: a flow or an array, or a tuple of these."""
        given = tuple(one if one is None or isinstance(one, Flow) else np.asarray(one) for one in values)
        outputs = tuple(f"{self.name}_{index}" for index in range(n_outputs))
        node = OnnxNode(operation, "", self.name, (), outputs, attributes)
        return self.steps.apply(node, given)

    def network(self, *values: object) -> Call:
        """Return the call of ONNX's reader that adds nodes itself."""
        return Call(self.steps.walk, OnnxNode(self.node.operation, "", self.name, (), ("",), {}), self.name, values)

    def get(self, name: str, default: object = None) -> object:
        """Return an argument; `default` where it is left out."""
        return self.values.get(name, default)

    def value(self, name: str = "self") -> object:
        """Return an argument that is a tensor, a flow or an array.

        Raises:
            UnsupportedLayerError: for another.
        """
        found = self.values.get(name, self.values.get("input") if name == "self" else None)
        if isinstance(found, (bool, int, float, np.generic)):
            return np.asarray(found)
        if not isinstance(found, (Flow, np.ndarray)):
            raise self.refusal(f"a tensor as {name}", type(found).__name__)
        return found

    def array(self, name: str) -> np.ndarray | None:
        """Return an argument that is a constant, or None.

        Raises:
            UnsupportedLayerError: for one that depends on the events.
        """
        found = self.values.get(name)
        if isinstance(found, Flow):
            raise self.refusal(f"a constant as {name}", "a value that depends on the events")
        return None if found is None else np.asarray(found)

    def whole(self, name: str, default: object = _MISSING) -> int:
        """Return an argument that is a whole number."""
        found = self.values.get(name, default)
        if isinstance(found, bool) or not isinstance(found, (int, np.integer)):
            raise self.refusal(f"a whole number as {name}", repr(found)[:60])
        return int(found)

    def number(self, name: str, default: float | None = None) -> float | None:
        """Return an argument that is a number, or None."""
        found = self.values.get(name, default)
        if found is None or isinstance(found, (int, float)):
            return found
        raise self.refusal(f"a number as {name}", repr(found)[:60])

    def wholes(self, name: str, size: int | None = None, default: Sequence[int] = ()) -> list[int]:
        """Return an argument that is a list of whole numbers; one number stands for as many as `size`."""
        found = self.values.get(name)
        found = list(default) if found is None or found == [] else found
        found = [found] * (size or 1) if isinstance(found, int) else list(found)
        if any(isinstance(one, bool) or not isinstance(one, int) for one in found):
            raise self.refusal(f"whole numbers as {name}", repr(found)[:60])
        if size is not None and len(found) == 1:
            found = found * size
        if size is not None and len(found) != size:
            raise self.refusal(f"{size} whole numbers as {name}", found)
        return found

    def refusal(self, expected: str, received: object) -> UnsupportedLayerError:
        """Return the error of something that the node has and no network."""
        return UnsupportedLayerError(f"expected {expected}, for {self.node.operation}. Received: {received}")

    def named(self, error: CodesignError) -> CodesignError:
        """Return an error that says of which node it is."""
        said = str(error)
        return type(error)(said if said.startswith("node '") else f"node '{self.name}' ({self.node.operation}): {said}")


def sizes_of(value: object) -> tuple[int, ...]:
    """Return the sizes of a flow, BATCH for the events, or of an array."""
    return value.sizes if isinstance(value, Flow) else np.shape(value)


def axis_of(call: TorchCall, value: object, name: str = "dim", default: int | None = None) -> int:
    """Return an argument that is an axis of a tensor, counted from 0."""
    rank = len(sizes_of(value))
    axis = call.whole(name) if default is None else call.whole(name, default)
    if not -max(rank, 1) <= axis < max(rank, 1):
        raise call.refusal(f"an axis below {rank}", axis)
    return axis % max(rank, 1)


_ARITHMETIC: Mapping[str, Callable] = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "floordiv", "mod", "neg")},
    "truediv": operator.truediv,
    "pow": lambda one, other: one**other if abs(other) < 64 else 0,
}


def of_numbers(call: TorchCall) -> object:
    """Arithmetic of sizes."""
    name = call.node.operation.rpartition(".")[2]
    given = list(call.values.values())
    if name in ("eq", "ne", "lt", "le", "gt", "ge"):
        return bool(getattr(operator, name)(*given))
    if name not in _ARITHMETIC or any(not isinstance(one, (int, float)) for one in given):
        raise call.refusal("arithmetic of numbers", name)
    found = _ARITHMETIC[name](*given)
    if not abs(found) < BATCH * 2**30:
        raise UnreadableError("a program with sizes that are too large")
    return found
