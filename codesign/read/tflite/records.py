"""What a TensorFlow Lite file holds, as records.

Source: tensorflow/lite/schema/schema.fbs, version 3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from codesign._untrusted.flatbuffer import Table
from codesign.errors import UnreadableError
from codesign.read.tflite.codes import OPERATIONS

_VERSION = 3
_MOST_OPERATORS = 100_000
_LARGEST = 2**26
_MOST_AXES = 8

TYPES: Mapping[int, np.dtype] = MappingProxyType(
    {
        0: np.dtype("<f4"),
        1: np.dtype("<f2"),
        2: np.dtype("<i4"),
        3: np.dtype("u1"),
        4: np.dtype("<i8"),
        6: np.dtype(bool),
        7: np.dtype("<i2"),
        9: np.dtype("i1"),
        10: np.dtype("<f8"),
        12: np.dtype("<u8"),
        15: np.dtype("<u4"),
        16: np.dtype("<u2"),
        17: np.dtype("i1"),
    }
)
_INT4 = 17


@dataclass(frozen=True, eq=False)
class LiteTensor:
    """A tensor.

    Args:
        name: of the file.
        sizes: None where one is open.
        dtype: of its numbers.
        scale, zero_point: of what they stand for; empty: themselves.
        axis: along which scales differ.
        values: of a constant; None: of the events.
    """

    name: str
    sizes: tuple[int | None, ...]
    dtype: np.dtype
    scale: np.ndarray
    zero_point: np.ndarray
    axis: int
    values: np.ndarray | None

    @property
    def is_quantised(self) -> bool:
        """Whether its numbers are codes."""
        return bool(self.scale.size) and self.dtype.kind in "iu"


@dataclass(frozen=True)
class LiteOperator:
    """An operator: its name in the schema, tensors by number, -1 for none, and its options."""

    operation: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Table | None


@dataclass(frozen=True)
class LiteModel:
    """A file's first graph."""

    name: str
    tensors: tuple[LiteTensor, ...]
    operators: tuple[LiteOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    about: Mapping[str, str]


def parse_model(content: memoryview) -> LiteModel:
    """Return the records of a file.

    Raises:
        UnreadableError: where the bytes are no model, or one newer than is known.
    """
    model = Table.root(content)
    version = model.number(0, "I")
    if version != _VERSION:
        raise UnreadableError(f"expected version {_VERSION} of TensorFlow Lite's format. Received: version {version}")
    graphs = model.tables(2)
    if not graphs:
        raise UnreadableError("a TensorFlow Lite file without a graph; convert it again")
    codes = [_operation(one) for one in model.tables(1)]
    buffers, graph = model.tables(4), graphs[0]
    tensors = tuple(_tensor(one, buffers) for one in graph.tables(0))
    raw = graph.tables(3)
    if len(raw) > _MOST_OPERATORS:
        raise UnreadableError(f"a TensorFlow Lite file of more than {_MOST_OPERATORS:,} operators")
    operators = tuple(_operator(one, codes) for one in raw)
    inputs, outputs = (tuple(graph.numbers(field, "<i4").tolist()) for field in (1, 2))
    used = {place for one in operators for place in (*one.inputs, *one.outputs)} | {*inputs, *outputs}
    if any(not -1 <= place < len(tensors) for place in used) or -1 in (*inputs, *outputs) or not inputs or not outputs:
        raise UnreadableError("a TensorFlow Lite file with tensors that are not there; convert it again")
    about = {"format": "TensorFlow Lite", "version": str(version), "producer": model.text(3)[:200]}
    return LiteModel(graph.text(4), tensors, operators, inputs, outputs, MappingProxyType(about))


def _operation(code: Table) -> str:
    number = max(code.number(0, "b"), code.number(3, "i"))
    custom = code.text(1)
    return f"custom '{custom[:60]}'" if custom else OPERATIONS.get(number, f"number {number}")


def _operator(found: Table, codes: list[str]) -> LiteOperator:
    index = found.number(0, "I")
    if index >= len(codes):
        raise UnreadableError("a TensorFlow Lite file with an operator that is not listed; convert it again")
    inputs, outputs = (tuple(found.numbers(field, "<i4").tolist()) for field in (1, 2))
    return LiteOperator(codes[index], inputs, outputs, found.table(4))


def _tensor(found: Table, buffers: list[Table]) -> LiteTensor:
    name, kind = found.text(3), found.number(1, "b")
    if kind not in TYPES:
        raise UnreadableError(f"tensor '{name[:60]}': expected numbers. Received: TensorFlow Lite's type {kind}")
    if found.table(6) is not None:
        raise UnreadableError(f"tensor '{name[:60]}': expected dense values. Received: sparse ones")
    shape, signature = (found.numbers(field, "<i4").tolist() for field in (0, 7))
    if len(shape) > _MOST_AXES or any(size < 0 for size in shape) or math.prod(shape) > _LARGEST:
        raise UnreadableError(f"tensor '{name[:60]}': expected at most {_LARGEST:,} values. Received: {shape}")
    sizes = signature if len(signature) == len(shape) else shape
    how = found.table(4)
    scale, zero = (np.zeros(0), np.zeros(0)) if how is None else (how.numbers(2, "<f4"), how.numbers(3, "<i8"))
    zero = np.zeros(scale.shape, np.int64) if zero.size != scale.size else zero
    axis = 0 if how is None else how.number(6, "i")
    if scale.size > 1 and not (0 <= axis < len(shape) and scale.size == shape[axis]):
        raise UnreadableError(f"tensor '{name[:60]}': expected a scale for each channel. Received: {scale.size}")
    values = _values(found.number(2, "I"), buffers, kind, shape, name)
    open_sizes = tuple(None if size < 0 else int(size) for size in sizes)
    return LiteTensor(name, open_sizes, TYPES[kind], scale, zero, int(axis), values)


def _values(buffer: int, buffers: list[Table], kind: int, shape: list[int], name: str) -> np.ndarray | None:
    if not 0 < buffer < len(buffers):
        return None
    raw = buffers[buffer].numbers(0, "u1")
    if not raw.size:
        if buffers[buffer].number(1, "Q") > 1:
            raise UnreadableError(f"tensor '{name[:60]}': expected data within 2 GiB. Received: data behind the model")
        return None
    if kind == _INT4:
        halves = np.stack([raw & 15, raw >> 4], -1).ravel().astype(np.int8)
        values = np.where(halves > 7, halves - 16, halves)[: math.prod(shape)]
    elif raw.size % TYPES[kind].itemsize:
        values = np.zeros(0)
    else:
        values = raw != 0 if TYPES[kind].kind == "b" else np.frombuffer(raw.tobytes(), TYPES[kind])
    if values.size != math.prod(shape):
        raise UnreadableError(f"tensor '{name[:60]}': expected {math.prod(shape):,} values. Received: {values.size:,}")
    return values.reshape(shape)
