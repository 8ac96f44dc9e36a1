"""LiteCall: one operator of TensorFlow Lite with what it takes, and the way to ONNX's operators."""

from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.read.onnx.flow import Flow
from codesign.read.onnx.nodes import Steps
from codesign.read.onnx.records import OnnxNode
from codesign.read.tflite.records import LiteOperator, LiteTensor

ACTIVATIONS = ("", "Relu", "relu_n1_to_1", "relu6", "Tanh")
LIMITS = {"relu_n1_to_1": (-1.0, 1.0), "relu6": (0.0, 6.0), "relu_0_to_1": (0.0, 1.0)}


@dataclass(frozen=True)
class LiteCall:
    """An operator with what it takes.

    Args:
        steps: of ONNX's reader, which makes nodes of the network.
        operator: of the file.
        name: what the network's nodes are called.
        values: flows and constants, as real numbers; None where one is left out.
        results: the tensors that it gives.
    """

    steps: Steps
    operator: LiteOperator
    name: str
    values: tuple
    results: tuple[LiteTensor, ...]

    def onnx(self, operation: str, *values: object, n_outputs: int = 1, **attributes: object) -> object:
        """Read an operator of ONNX on values and constants."""
        given = tuple(np.asarray(one) if isinstance(one, (int, float, list)) else one for one in values)
        attributes = {
            key: np.asarray(one, np.int64) if isinstance(one, (list, tuple)) else one for key, one in attributes.items()
        }
        outputs = tuple(f"{self.name}_{index}" for index in range(n_outputs))
        return self.steps.apply(OnnxNode(operation, "", self.name, (), outputs, attributes), given)

    def value(self, index: int) -> object:
        """Return an input; None where there is none."""
        return self.values[index] if index < len(self.values) else None

    def constant(self, index: int, what: str) -> np.ndarray:
        """Return an input that is a constant.

        Raises:
            UnsupportedLayerError: for one that depends on the events.
        """
        found = self.value(index)
        if found is None or isinstance(found, Flow):
            received = "none" if found is None else "a value that depends on the events"
            raise UnsupportedLayerError(f"expected a constant {what} as input {index}. Received: {received}")
        return np.asarray(found)

    def wholes(self, index: int, what: str) -> list[int]:
        """Return an input that is whole numbers."""
        return [int(one) for one in np.ravel(self.constant(index, what))]

    def option(self, field: int, kind: str, default: int | float = 0) -> int | float:
        """Return one of its options."""
        options = self.operator.options
        return default if options is None else options.number(field, kind, default)

    def activated(self, found: object, field: int) -> object:
        """Apply the activation that an option names."""
        code = int(self.option(field, "b"))
        if not 0 <= code < len(ACTIVATIONS):
            raise UnsupportedLayerError(f"expected an activation that is known. Received: number {code}")
        name = ACTIVATIONS[code]
        if name in LIMITS:
            return self.limited(found, name)
        return self.onnx(name, found) if name else found

    def limited(self, found: object, name: str) -> object:
        """Cut a value between two limits."""
        low, high = LIMITS[name]
        return self.onnx("Clip", found, np.float32(low), np.float32(high))


@dataclass(frozen=True)
class Blocks:
    """Places in blocks beside the events, as TensorFlow has them around a convolution that it dilates.

    Args:
        flow: before it is cut into blocks.
        size: of a block along each axis.
    """

    flow: Flow
    size: tuple[int, ...]


def channels_second(flow: Flow) -> Flow:
    """Return the axes as ONNX has them: events, channels, places."""
    if not isinstance(flow, Flow) or flow.rank < 3:
        raise UnsupportedLayerError("expected (events, *places, channels). Received: a constant, or fewer axes")
    return replace(flow, dims=(flow.dims[0], flow.dims[-1], *flow.dims[1:-1]))


def channels_last(flow: Flow) -> Flow:
    """Return the axes as TensorFlow has them."""
    return replace(flow, dims=(flow.dims[0], *flow.dims[2:], flow.dims[1]))
