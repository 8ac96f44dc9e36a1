"""What an ONNX file holds, as records: model, graph, nodes, attributes; tensors are opened when they are needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from codesign._untrusted.protobuf import signed
from codesign.errors import UnreadableError
from codesign.read.onnx.fields import (
    Fields,
    as_message,
    as_text,
    message_fields,
    number_of,
    real_numbers,
    text_of,
    whole_numbers,
)

DEEPEST = 16
_MOST_NODES = 100_000


@dataclass(frozen=True)
class OnnxNode:
    """One node: what it does, names of what it takes and gives, and its attributes."""

    operation: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, object]


@dataclass(frozen=True)
class OnnxValue:
    """An input or output: its name, ONNX's number of its type, its sizes (a text or None: any), None: not stated."""

    name: str
    type: int | None
    sizes: tuple[int | str | None, ...] | None


@dataclass(frozen=True)
class OnnxGraph:
    """Nodes, tensors by name as raw messages, inputs and outputs."""

    name: str
    nodes: tuple[OnnxNode, ...]
    tensors: Mapping[str, memoryview]
    inputs: tuple[OnnxValue, ...]
    outputs: tuple[OnnxValue, ...]


@dataclass(frozen=True)
class OnnxFunction:
    """A function that the file brings, made of nodes."""

    nodes: tuple[OnnxNode, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    defaults: Mapping[str, object]


@dataclass(frozen=True)
class AttributeName:
    """In the nodes of a function: the value of the attribute of this name that the function is called with."""

    name: str


@dataclass(frozen=True)
class OnnxModel:
    """A file: its graph, versions of operator sets by domain, functions by (domain, name), and what it says of
    itself."""

    graph: OnnxGraph
    opsets: Mapping[str, int]
    functions: Mapping[tuple[str, str], OnnxFunction] = field(default_factory=dict)
    ir_version: int = 0
    producer: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def parse_model(content: memoryview) -> OnnxModel:
    """Return the records of a file.

    Raises:
        UnreadableError: where the bytes are no ONNX model.
    """
    found = message_fields(content)
    graphs = found.get(7, [])
    if not graphs:
        raise UnreadableError("an ONNX file without a graph; export it again")
    opsets = {}
    for one in found.get(8, []):
        entry = message_fields(as_message(one))
        opsets[domain_of(text_of(entry, 1))] = number_of(entry, 2)
    functions = {}
    for one in found.get(25, []):
        entry = message_fields(as_message(one))
        functions[domain_of(text_of(entry, 10)), text_of(entry, 1)] = _function(entry)
    pairs = [message_fields(as_message(one)) for one in found.get(14, [])]
    producer = " ".join(part for part in (text_of(found, 2), text_of(found, 3)) if part)
    metadata = {text_of(pair, 1): text_of(pair, 2) for pair in pairs}
    return OnnxModel(parse_graph(as_message(graphs[-1])), opsets, functions, number_of(found, 1), producer, metadata)


def domain_of(name: str) -> str:
    """Return a domain's name; that of ONNX itself is empty."""
    return "" if name == "ai.onnx" else name


def parse_graph(content: memoryview, depth: int = 0) -> OnnxGraph:
    """Return the records of a graph.

    Raises:
        UnreadableError: for a damaged one, or one of too many nodes or levels.
    """
    if depth > DEEPEST:
        raise UnreadableError(f"an ONNX file of more than {DEEPEST} graphs in each other")
    found = message_fields(content)
    if found.get(15):
        raise UnreadableError("an ONNX file with sparse tensors; export it with dense ones")
    tensors = {}
    for one in found.get(5, []):
        tensors[text_of(message_fields(as_message(one)), 8)] = one
    return OnnxGraph(
        text_of(found, 2),
        _nodes(found.get(1, []), depth),
        tensors,
        tuple(_value(message_fields(as_message(one))) for one in found.get(11, [])),
        tuple(_value(message_fields(as_message(one))) for one in found.get(12, [])),
    )


def _nodes(raw: Sequence[memoryview], depth: int = 0) -> tuple[OnnxNode, ...]:
    if len(raw) > _MOST_NODES:
        raise UnreadableError(f"an ONNX file of more than {_MOST_NODES:,} nodes")
    return tuple(_node(message_fields(as_message(one)), depth) for one in raw)


def _node(found: Fields, depth: int) -> OnnxNode:
    attributes = {}
    for one in found.get(5, []):
        entry = message_fields(as_message(one))
        attributes[text_of(entry, 1)] = _attribute(entry, depth)
    inputs, outputs = (tuple(as_text(one) for one in found.get(number, [])) for number in (1, 2))
    domain = domain_of(text_of(found, 7))
    return OnnxNode(text_of(found, 4), domain, text_of(found, 3), inputs, outputs, attributes)


def _attribute(found: Fields, depth: int) -> object:
    """The value of an attribute, by its type; of a graph the records, of a tensor the raw message."""
    if found.get(21):
        return AttributeName(text_of(found, 21))
    kind = number_of(found, 20) or next((key for key, (number, _) in _ATTRIBUTES.items() if number in found), 0)
    if kind in (5, 10):
        graphs = [parse_graph(as_message(one), depth + 1) for one in found.get(_ATTRIBUTES[kind][0], [])]
        return graphs if kind == 10 else graphs[0] if graphs else None
    if kind not in _ATTRIBUTES:
        return None
    number, read = _ATTRIBUTES[kind]
    return read(found.get(number, []))


def _function(found: Fields) -> OnnxFunction:
    inputs, outputs = (tuple(as_text(one) for one in found.get(number, [])) for number in (4, 5))
    pairs = [message_fields(as_message(one)) for one in found.get(11, [])]
    defaults = {text_of(pair, 1): _attribute(pair, 0) for pair in pairs}
    return OnnxFunction(_nodes(found.get(7, [])), inputs, outputs, defaults)


def _value(found: Fields) -> OnnxValue:
    name, kind = text_of(found, 1), message_fields(as_message(found[2][-1])) if found.get(2) else {}
    if not kind.get(1):
        return OnnxValue(name, None, None)
    tensor = message_fields(as_message(kind[1][-1]))
    if not tensor.get(2):
        return OnnxValue(name, number_of(tensor, 1), None)
    sizes = []
    for one in message_fields(as_message(tensor[2][-1])).get(1, []):
        size = message_fields(as_message(one))
        sizes.append(signed(number_of(size, 1)) if size.get(1) else text_of(size, 2) or None)
    return OnnxValue(name, number_of(tensor, 1), tuple(sizes))


def _last(read: Callable[[Sequence[object]], Sequence]) -> Callable[[Sequence[object]], object]:
    def value(values: Sequence[object]) -> object:
        found = read(values)
        return found[-1] if len(found) else None

    return value


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(as_text(one) for one in values)


def _tensors(values: Sequence[object]) -> tuple[memoryview, ...]:
    return tuple(as_message(one) for one in values)


# ONNX's number of an attribute's type: the field that it stands in, and how it is read
_ATTRIBUTES: Mapping[int, tuple[int, Callable]] = {
    1: (2, lambda values: float(found) if (found := _last(real_numbers)(values)) is not None else 0.0),
    2: (3, lambda values: int(found) if (found := _last(whole_numbers)(values)) is not None else 0),
    3: (4, lambda values: _last(_texts)(values) or ""),
    4: (5, _last(_tensors)),
    5: (6, _tensors),
    6: (7, real_numbers),
    7: (8, whole_numbers),
    8: (9, _texts),
    9: (10, _tensors),
    10: (11, _tensors),
}
