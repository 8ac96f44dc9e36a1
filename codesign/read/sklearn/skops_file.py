"""skops files as data: a tree of plain values, arrays and estimators; no type that it names is looked up or made.

What a network does not need, such as functions and random states, becomes a mark that says what it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from codesign._untrusted import parse_array, parse_json, read_entry
from codesign.errors import UnreadableError
from codesign.read.sklearn.estimator import Estimator

NEWEST_PROTOCOL = 2
_LARGEST_SCHEMA = 2**26
_DEEPEST = 60
_MOST_VALUES = 2_000_000


@dataclass(frozen=True)
class Mark:
    """Something that is not read: the name of its class."""

    name: str


@dataclass(frozen=True)
class SkopsContent:
    """What a file holds.

    Args:
        value: an Estimator, or anything else.
        about: the file.
        described: what it is, for messages.
    """

    value: object
    about: Mapping[str, str]
    described: str


def open_skops(path: Path) -> SkopsContent:
    """Return what a file holds.

    Raises:
        UnreadableError: for a damaged file, or a protocol newer than is known.
    """
    try:
        schema = parse_json(read_entry(path, "schema.json", _LARGEST_SCHEMA).decode())
    except UnicodeDecodeError:
        raise UnreadableError("a skops file whose schema is no text; dump it again") from None
    if not isinstance(schema, dict):
        raise UnreadableError("a skops file without a schema; dump it again")
    protocol = schema.get("protocol", 0)
    if isinstance(protocol, bool) or not isinstance(protocol, int) or not 0 <= protocol <= NEWEST_PROTOCOL:
        raise UnreadableError(
            f"a skops file of protocol {str(protocol)[:20]}; known are those to {NEWEST_PROTOCOL}: dump it with skops "
            "0.16 or older"
        )
    about = {"version": f"protocol {protocol}", "producer": f"skops {str(schema.get('_skops_version', '?'))[:20]}"}
    value = _Tree(path).value(schema)
    return SkopsContent(value, about, _described(schema))


def _described(node: Mapping) -> str:
    return f"{str(node.get('__module__'))[:60]}.{str(node.get('__class__'))[:60]}"


@dataclass
class _Tree:
    """Reads nodes of a schema; those that are there twice are one.

    Args:
        path: of the file.
    """

    path: Path
    known: dict[int, object] = field(default_factory=dict)
    n_values: int = 0

    def value(self, node: object, depth: int = 0) -> object:
        """Return what a node stands for."""
        self.n_values += 1
        if not isinstance(node, dict) or depth > _DEEPEST or self.n_values > _MOST_VALUES:
            raise UnreadableError("a skops file with a schema that is damaged, or too large; dump it again")
        number, loader = node.get("__id__"), node.get("__loader__")
        if isinstance(number, int) and number in self.known:
            return self.known[number]
        read = _LOADERS.get(loader)
        found = Mark(_described(node)) if read is None else read(self, node, depth + 1)
        if isinstance(number, int):
            self.known[number] = found
        return found

    def json(self, node: Mapping, depth: int) -> object:
        """A plain value."""
        text = node.get("content")
        if not isinstance(text, str):
            raise UnreadableError("a skops file with a value that is no JSON; dump it again")
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        return parse_json(text) if node.get("is_json", True) else text

    def items(self, node: Mapping, depth: int) -> list:
        """A list."""
        content = node.get("content")
        if not isinstance(content, list):
            raise UnreadableError("a skops file with a list that is none; dump it again")
        return [self.value(one, depth) for one in content]

    def sequence(self, node: Mapping, depth: int) -> tuple:
        """A tuple."""
        return tuple(self.items(node, depth))

    def mapping(self, node: Mapping, depth: int) -> dict:
        """A mapping, its keys as texts."""
        content = node.get("content")
        if not isinstance(content, dict):
            raise UnreadableError("a skops file with a mapping that is none; dump it again")
        return {key: self.value(one, depth) for key, one in content.items()}

    def array(self, node: Mapping, depth: int) -> np.ndarray:
        """An array: a file of its own, or a list of objects."""
        if node.get("type") == "numpy":
            name = str(node.get("file"))
            return parse_array(read_entry(self.path, name), name[:60], records=True)
        content, shape = node.get("content"), node.get("shape")
        found = self.value(content, depth) if isinstance(content, dict) else self.items(node, depth)
        shape = self.value(shape, depth) if isinstance(shape, dict) else shape
        if not isinstance(found, (list, tuple)):
            raise UnreadableError("a skops file with an array that is none; dump it again")
        sizes = tuple(shape) if isinstance(shape, (list, tuple)) else (len(found),)
        for _ in sizes[1:]:
            found = [one for row in found for one in (row if isinstance(row, (list, tuple)) else [row])]
        if not all(type(one) is int and one >= 0 for one in sizes) or prod(sizes) != len(found):
            raise UnreadableError("a skops file with an array of another size; dump it again")
        array = np.empty(len(found), object)
        for place, one in enumerate(found):
            array[place] = one
        return array.reshape(sizes)

    def estimator(self, node: Mapping, depth: int) -> object:
        """An object: its class by name, and its attributes."""
        content = node.get("content")
        attributes = self.value(content, depth) if isinstance(content, dict) else {}
        if not isinstance(attributes, dict):
            return Mark(_described(node))
        return Estimator((str(node.get("__class__")),), attributes)

    def slice(self, node: Mapping, depth: int) -> slice:
        """A slice."""
        content = node.get("content")
        content = content if isinstance(content, dict) else {}
        parts = [content.get(name) for name in ("start", "stop", "step")]
        if not all(one is None or type(one) is int for one in parts) or parts[2] == 0:
            raise UnreadableError("a skops file with a slice that is none; dump it again")
        return slice(*parts)

    def tree(self, node: Mapping, depth: int) -> object:
        """A tree of scikit-learn: the arrays of its state."""
        content = node.get("content")
        state = content.get("content", content) if isinstance(content, dict) else None
        state = self.value(node["content"], depth) if isinstance(state, dict) and "__loader__" in content else state
        state = state if isinstance(state, dict) else {}
        nodes, values = state.get("nodes"), state.get("values")
        if not isinstance(nodes, np.ndarray) or not isinstance(values, np.ndarray) or nodes.dtype.names is None:
            raise UnreadableError("a skops file with a tree without its nodes; dump it again")
        if not set(_TREE) <= set(nodes.dtype.names) or values.ndim != 3 or len(values) != len(nodes):
            raise UnreadableError("a skops file with a tree of other nodes than are known; dump it again")
        parts = {name: np.ascontiguousarray(nodes[own]) for own, name in _TREE.items()}
        return SimpleNamespace(value=values, **parts)


_CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_TREE = {"left_child": "children_left", "right_child": "children_right", "feature": "feature", "threshold": "threshold"}
_LOADERS: Mapping[object, Callable[[_Tree, Mapping, int], object]] = {
    "JsonNode": _Tree.json,
    "ListNode": _Tree.items,
    "TupleNode": _Tree.sequence,
    "SetNode": _Tree.items,
    "DictNode": _Tree.mapping,
    "DefaultDictNode": _Tree.mapping,
    "OrderedDictNode": _Tree.mapping,
    "NdArrayNode": _Tree.array,
    "ObjectNode": _Tree.estimator,
    "SliceNode": _Tree.slice,
    "TreeNode": _Tree.tree,
}
