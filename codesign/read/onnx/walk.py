"""Walk: over the nodes of an ONNX graph, each a constant that is worked out or nodes of a network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from codesign.errors import CodesignError, UnreadableError, UnsupportedLayerError
from codesign.network.ops import Op, Reshape, Transpose
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.onnx.flow import EVENTS, Flow, event_flow, regrouped, said_sizes
from codesign.read.onnx.records import OnnxModel, OnnxNode
from codesign.read.onnx.stated import Stated
from codesign.read.onnx.tensors import TensorOpener

LARGEST_VALUE = 2**24  # of an event
_LARGEST_FOLDED = 2**26  # values of all constants that are worked out


@dataclass
class Walk:
    """What is known while nodes are read.

    Args:
        model: the file.
        opener: of its tensors.
        builder: of the network.
        assumed: sentences about what the file does not state.
        batch: the number of events that the file fixes; None: any.
        folded: values of constants so far.
        casts: what was cut to whole numbers, by the name of the value that holds these.
        origins: ONNX's name of what made each node of the network.
        stated: types that the file's metadata state.
        quantised: what was quantised, and how, by the name of the value that holds the codes.
    """

    model: OnnxModel
    opener: TensorOpener
    builder: GraphBuilder = field(default_factory=GraphBuilder)
    assumed: list[str] = field(default_factory=list)
    batch: int | None = None
    folded: int = 0
    quantised: dict[str, tuple] = field(default_factory=dict)
    casts: dict[str, Flow] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    stated: Stated = Stated()

    def opset(self, domain: str = "") -> int:
        """Return the version of a domain's operators."""
        return self.model.opsets.get(domain, 1)

    def count(self, n_values: int) -> None:
        """Take note of constants that are worked out.

        Raises:
            UnreadableError: for too many.
        """
        self.folded += int(n_values)
        if self.folded > _LARGEST_FOLDED:
            raise UnreadableError(f"an ONNX file whose constants work out to more than {_LARGEST_FOLDED:,} values")


@dataclass(frozen=True)
class Call:
    """One node of ONNX with what it takes.

    Args:
        walk: what is known.
        node: of ONNX.
        name: what the network's nodes are called after it.
        values: flows and constants; None where an optional one is left out.
    """

    walk: Walk
    node: OnnxNode
    name: str
    values: tuple

    @property
    def opset(self) -> int:
        """Version of its operators."""
        return self.walk.opset("" if self.node.domain == "com.microsoft" else self.node.domain)

    @property
    def flow(self) -> Flow:
        """The first thing that it takes.

        Raises:
            UnsupportedLayerError: where that is a constant.
        """
        return self.as_flow(0)

    def as_flow(self, index: int) -> Flow:
        """Return an input that depends on the events."""
        given = self.value(index)
        if not isinstance(given, Flow):
            raise self.refusal(f"a value of the events as input {index}", "a constant" if given is not None else "none")
        return given

    def value(self, index: int) -> object:
        """Return an input; None where there is none."""
        return self.values[index] if index < len(self.values) else None

    def constant(self, index: int, default: object = None, *, what: str = "constant") -> np.ndarray | None:
        """Return an input that is a constant.

        Raises:
            UnsupportedLayerError: for one that depends on the events.
        """
        given = self.value(index)
        if isinstance(given, Flow):
            raise self.refusal(f"a {what} as input {index}", "a value that depends on the events")
        return default if given is None else given

    def attribute(self, name: str, default: object = None) -> object:
        """Return an attribute; an empty one too."""
        found = self.node.attributes.get(name)
        return default if found is None else found

    def whole(self, name: str, default: int = 0) -> int:
        """Return an attribute that is a whole number."""
        found = self.attribute(name, default)
        if not isinstance(found, int):
            raise self.refusal(f"a whole number as {name}", repr(found)[:60])
        return found

    def number(self, name: str, default: float = 0.0) -> float:
        """Return an attribute that is a number."""
        found = self.attribute(name, default)
        if not isinstance(found, (int, float)):
            raise self.refusal(f"a number as {name}", repr(found)[:60])
        return float(found)

    def text(self, name: str, default: str = "") -> str:
        """Return an attribute that is a text."""
        found = self.attribute(name, default)
        if not isinstance(found, str):
            raise self.refusal(f"a text as {name}", repr(found)[:60])
        return found

    def wholes(self, name: str, index: int | None = None) -> list[int] | None:
        """Return whole numbers, of an attribute or, in later versions, of an input; None: not given."""
        given = self.attribute(name)
        if given is None and index is not None:
            given = self.constant(index)
        if given is None:
            return None
        array = np.asarray(given)
        if array.dtype.kind not in "iu":
            raise self.refusal(f"whole numbers as {name}", str(array.dtype))
        return [int(one) for one in np.ravel(array)]

    def refusal(self, expected: str, received: object) -> UnsupportedLayerError:
        """Return the error of something that the node has and no network."""
        return UnsupportedLayerError(f"expected {expected}, for {self.node.operation}. Received: {received}")

    def add(self, op: Op, *values: Value) -> Value:
        """Add a node of the network."""
        made = self.walk.builder.add(self.name, op, *values)
        if prod(made.shape) > LARGEST_VALUE:
            raise UnreadableError(f"a value of {prod(made.shape):,} numbers; expected at most {LARGEST_VALUE:,}")
        return made

    def apply(self, op: Op, flow: Flow, dtype: np.dtype | None = None) -> Flow:
        """Add an op of each value by itself: the axes stay."""
        return flow.with_value(self.add(op, flow.value), dtype)

    def ordered(self, flow: Flow, order: Sequence[int]) -> Flow:
        """Return a flow with the axes of its value in another order: order[i] is the one that becomes axis i."""
        if list(order) == list(range(len(order))):
            return flow
        value = self.add(Transpose(tuple(axis + 1 for axis in order)), flow.value)
        place = {axis: index for index, axis in enumerate(order)} | {EVENTS: EVENTS}
        return Flow(value, tuple(tuple(place[part] for part in dim) for dim in flow.dims), flow.dtype)

    def reshaped_value(self, value: Value, sizes: tuple[int, ...]) -> Value:
        """Return a value of other sizes."""
        return value if sizes == value.shape else self.add(Reshape(sizes), value)

    def reshaped(self, flow: Flow, target: tuple[int, ...]) -> Flow:
        """Return a flow of other sizes in ONNX, BATCH for the events, the values in the same order."""
        found = regrouped(flow, target)
        if found is not None:
            sizes, dims = found
            return Flow(self.reshaped_value(flow.value, sizes), dims, flow.dtype)
        flow = self.plain(flow)
        front = flow.events_axis
        if front not in (0, None) or (front == 0 and flow.dims[0] != (EVENTS,)) or prod(target) != prod(flow.sizes):
            raise self.refusal(f"sizes that {said_sizes(flow.sizes)} has", said_sizes(target))
        rest = target if front is None else target[1:]
        if front == 0 and target[0] != flow.sizes[0]:
            raise self.refusal("the events as an axis of their own", said_sizes(target))
        return event_flow(self.add(Reshape(rest or (1,)), flow.value), flow.dtype, has_events=front == 0)

    def plain(self, flow: Flow) -> Flow:
        """Return a flow each of whose axes, but for the events, is one of the value's, in ONNX's order."""
        parts = [part for dim in flow.dims for part in dim if part != EVENTS]
        rest = [axis for axis in range(len(flow.value.shape)) if axis not in parts]
        flow = self.ordered(flow, [*parts, *rest])
        sizes, dims = [], []
        for dim, size in zip(flow.dims, flow.sizes):
            if EVENTS in dim:
                own = [flow.size(part) for part in dim if part != EVENTS]
                made = [EVENTS if part == EVENTS else None for part in dim]
            else:
                own, made = [size], [None]
            places = iter(range(len(sizes), len(sizes) + len(own)))
            dims.append(tuple(EVENTS if part == EVENTS else next(places) for part in made))
            sizes += own
        if not sizes:
            sizes = [1]
        return Flow(self.reshaped_value(flow.value, tuple(sizes)), tuple(dims), flow.dtype)

    def with_last(self, flow: Flow, axis: int) -> Flow:
        """Return a flow in which an axis of ONNX is the last one of the value."""
        axis = flow.axis(axis)
        if EVENTS in flow.dims[axis]:
            raise self.refusal("an axis that is not that of the events", axis)
        if len(flow.dims[axis]) != 1:
            flow = self.plain(flow)
        (last,) = flow.dims[axis]
        rest = [one for one in range(len(flow.value.shape)) if one != last]
        return self.ordered(flow, [*rest, last])


def named_errors(call: Call, error: CodesignError) -> CodesignError:
    """Return an error that says of which node it is."""
    node = call.node
    said = str(error)
    where = f"node '{node.name or call.name}' ({node.operation})"
    return type(error)(said if said.startswith(("node '", "layer '")) else f"{where}: {said}")
