"""ONNX files, looked at as protobuf: other files that they would open, and operators that only other programs know."""

from itertools import islice
from os import PathLike
from pathlib import Path

from codesign._untrusted.protobuf import fields_of
from codesign.errors import DataError, UnreadableError

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
_DAMAGED = "a damaged or truncated ONNX file; copy or export it again"


def looks_like_onnx(path: str | PathLike) -> bool:
    """Whether the file is a protobuf with the version and the graph of an ONNX model."""
    try:
        fields = dict(islice(fields_of(memoryview(Path(path).read_bytes())), _MOST_FIELDS // 20))
    except (UnreadableError, OSError):
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
    try:
        _check(memoryview(Path(path).read_bytes()))
    except UnreadableError:
        raise DataError(_DAMAGED) from None


def _check(model: memoryview) -> None:
    waiting = [("model", model, 0)]
    n_fields = 0
    while waiting:
        kind, content, depth = waiting.pop()
        for number, value in fields_of(content):
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
                    raise DataError(_DAMAGED)
                waiting.append((_FIELDS[kind][number], value, depth + 1))


def _text(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, memoryview) else str(value)
