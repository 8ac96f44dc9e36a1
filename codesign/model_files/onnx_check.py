"""ONNX files, looked at as protobuf: other files that they would open, and operators that only other programs know."""

from collections.abc import Iterator
from itertools import islice
from os import PathLike
from pathlib import Path

from codesign.errors import DataError

# message: {number of a field: the message that it holds}, of those that can lead to a tensor or a node
_FIELDS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_NODE_DOMAIN, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 7, 13, 14
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "com.microsoft")
_DEEPEST = 32
_MOST_FIELDS = 2_000_000
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def looks_like_onnx(path: str | PathLike) -> bool:
    """Whether the file is a protobuf with the version and the graph of an ONNX model."""
    try:
        fields = dict(islice(_fields_of(memoryview(Path(path).read_bytes())), _MOST_FIELDS // 20))
    except (DataError, OSError):
        return False
    return isinstance(fields.get(1), int) and isinstance(fields.get(7), memoryview)


def looks_like_saved_model(head: bytes) -> bool:
    """Whether a file that begins so is a saved_model.pb: version 1, then a graph with its tags."""
    return head.startswith(b"\x08\x01\x12")


def check_onnx(path: str | PathLike) -> None:
    """Refuse a model that opens other files or needs operators that ONNX Runtime does not bring.

    Raises:
        DataError: it names the reason; also for a damaged file.
    """
    waiting = [("model", memoryview(Path(path).read_bytes()), 0)]
    n_fields = 0
    while waiting:
        kind, content, depth = waiting.pop()
        for number, value in _fields_of(content):
            n_fields += 1
            if depth > _DEEPEST or n_fields > _MOST_FIELDS:
                raise DataError(f"an ONNX model of more than {_MOST_FIELDS:,} parts, or {_DEEPEST} levels")
            if kind == "tensor" and (number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value == 1)):
                raise DataError(
                    "an ONNX model whose weights lie in other files, which are not opened; "
                    "write it as one file: onnx.save(onnx.load(path), path, save_as_external_data=False)"
                )
            if kind == "node" and number == _NODE_DOMAIN and _text(value) not in _DOMAINS:
                raise DataError(
                    f"an ONNX model with custom operators ({_text(value)[:60]!r}); export it with operators of ONNX "
                    "only"
                )
            if number in _FIELDS[kind]:
                if not isinstance(value, memoryview):
                    raise DataError("a damaged ONNX file; copy or export it again")
                waiting.append((_FIELDS[kind][number], value, depth + 1))


def _text(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, memoryview) else str(value)


def _fields_of(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and value of each field of a message.

    Raises:
        DataError: where the bytes are no message.
    """
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, place = _varint(content, place)
        elif wire in (_FIXED_32, _FIXED_64):
            width = 4 if wire == _FIXED_32 else 8
            value, place = int.from_bytes(content[place : place + width], "little"), place + width
        elif wire == _BYTES:
            size, place = _varint(content, place)
            value, place = content[place : place + size], place + size
        else:
            number = 0
        if not number or place > len(content):
            raise DataError("a damaged or truncated ONNX file; copy or export it again")
        yield number, value


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(content):
            break
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise DataError("a damaged or truncated ONNX file; copy or export it again")
