"""Which kind of model a file is, by its content and not by its name; nothing in it is run."""

import os
import re
import stat
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._arguments import check_path
from codesign._untrusted import LARGEST_UNPACKED, is_tar, parse_json, read_text, tar_entries_of
from codesign.errors import DataError, UnreadableError
from codesign.model_files.firmware import is_firmware_file, is_firmware_folder, looks_like_firmware
from codesign.model_files.formats import FORMATS, KERAS, RUNS_CODE
from codesign.model_files.onnx_check import looks_like_onnx, looks_like_saved_model
from codesign.model_files.zips import kind_of_zip

_HEAD_BYTES = 4096
_PACKED = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x5d\x00\x00",
    b"\x04\x22\x4d\x18",
    b"ZF0x",
)  # as tar and joblib pack
# kind, where its mark stands, and the mark
_MAGIC = (
    ("tflite", 4, b"TFL3"),
    ("executorch", 4, (b"ET11", b"ET12", b"ET13")),
    ("catboost", 0, b"CBM1"),
    ("xgboost_binary", 0, b"binf"),
    ("tensorrt", 0, b"ftrt"),
)
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
# the keys of an object of JSON, and what it is
_JSON = (
    ({"learner"}, "xgboost"),
    ({"class_name", "config"}, "keras_config"),
    ({"modelTopology"}, "tensorflow_js"),
    ({"tree_info", "max_feature_idx"}, "lightgbm_json"),
    ({"oblivious_trees"}, "catboost"),
    ({"n_trees", "trees", "n_features"}, "conifer"),
    ({"format"}, "network"),
    ({"layers", "inputs"}, "lwtnn"),
)
_SAFETENSORS = re.compile(rb".{4}\x00{4}\{", re.DOTALL)
_XML = {b"<MethodSetup": "tmva", b"<PMML": "pmml", b"<net name=": "openvino"}
_TEXT_PICKLE = re.compile(rb"[\(\]\}]*(c[\w.]+\n[\w.]+\n|[ldp(]+0?\n)", re.ASCII)


@dataclass(frozen=True)
class ModelFile:
    """A file, and what was found in it.

    Args:
        path: where it is.
        kind: a key of :data:`codesign.model_files.formats.FORMATS`.
        version: of the program that wrote it, where the file says so.
    """

    path: Path
    kind: str
    version: str | None = None

    @property
    def runs_code(self) -> bool:
        """Whether opening it can run a program that the file brings."""
        return self.kind in RUNS_CODE

    @property
    def is_keras(self) -> bool:
        """Whether it may be a Keras 2 model."""
        return self.kind in KERAS

    @property
    def description(self) -> str:
        """What it is: ``written by Keras 3 (3.5.0)``."""
        return FORMATS[self.kind][0] + (f" ({self.version})" if self.version else "")

    @property
    def way_out(self) -> str:
        """What to do where a Keras 2 model is expected."""
        return FORMATS[self.kind][1]


def identify(path: str | PathLike, *, what: str = "model") -> ModelFile:
    """Find out what a file is.

    An HDF5 file is ``hdf5`` here; what is in it only :func:`codesign.model_files.checked_copy` looks at.

    Args:
        path: a file or folder.
        what: for messages: which argument it was given for.

    Raises:
        DataError: for a file that does not exist, cannot be read, is larger than 512 MiB, or is a damaged archive.
    """
    check_path(path, what)
    path = Path(path)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            return ModelFile(path, _kind_of_folder(path))
        if not stat.S_ISREG(found.st_mode):
            return ModelFile(path, "special")
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "which does not exist" if missing else f"which cannot be read ({getattr(error, 'strerror', error)})"
        raise DataError(f"{what}: expected a saved model. Received: {path}, {reason}") from None
    if found.st_size > LARGEST_UNPACKED:
        raise DataError(
            f"{what}: expected a file of at most {LARGEST_UNPACKED // 2**20} MiB. Received: {path} of "
            f"{found.st_size / 2**20:,.0f} MiB"
        )
    try:
        return _kind_of_file(path, head)
    except DataError as error:
        raise DataError(f"{what}: expected a saved model. Received: {path}, {error}") from None


def _kind_of_folder(path: Path) -> str:
    names = set(os.listdir(path))
    if names & {"saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"}:
        return "savedmodel"
    if {"config.json", "model.weights.h5"} <= names:
        return "keras_folder"
    return "hls4ml" if is_firmware_folder(path) else "folder"


def _kind_of_file(path: Path, head: bytes) -> ModelFile:
    if not head:
        return ModelFile(path, "empty")
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return ModelFile(path, "hdf5")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ModelFile(path, *kind_of_zip(path))
    if head.startswith(b"\x93NUMPY"):
        return ModelFile(path, "npy")
    for kind, place, words in _MAGIC:
        if head[place : place + 8].startswith(words):
            return ModelFile(path, kind)
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        return ModelFile(path, "torch" if b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" in head[:32] else "pickle")
    if head.startswith((*_PACKED, *_ZLIB)) or head[257:262] == b"ustar":
        return ModelFile(path, _kind_of_packed(path))
    kind = _kind_of_bytes(path, head)
    return ModelFile(path.parent if kind == "hls4ml" else path, kind)


def _kind_of_bytes(path: Path, head: bytes) -> str:
    if head[:1] == b"{" and head[1:2] in (b"L", b"l", b"i", b"I", b"U") and b"learner" in head:
        return "xgboost"
    if head.lstrip()[:1] == b"{":
        return _kind_of_json(path)
    if head.startswith((b"tree\n", b"tree\r\n")):
        return "lightgbm"
    if head.lstrip()[:1] == b"<":
        return _kind_of_xml(head)
    if _SAFETENSORS.match(head):
        return "safetensors"
    if _TEXT_PICKLE.match(head):
        return "pickle"
    if looks_like_saved_model(head):
        return "savedmodel"
    if looks_like_onnx(path):
        return "onnx"
    if not _is_text(head):
        return "unknown"
    return "hls4ml" if is_firmware_file(path, head) else "text"


def _kind_of_packed(path: Path) -> str:
    if not is_tar(path):
        return "pickle"
    return "hls4ml" if looks_like_firmware(tar_entries_of(path)) else "tar"


def _kind_of_xml(head: bytes) -> str:
    return next((kind for mark, kind in _XML.items() if mark in head), "text")


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < _HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n\ufeff" for letter in text)


def _kind_of_json(path: Path) -> str:
    try:
        content = parse_json(read_text(path), as_floats=True)
    except UnreadableError as error:
        raise DataError(f"JSON that is damaged or truncated ({error}); copy or save it again") from None
    if not isinstance(content, dict):
        return "json"
    return next((kind for keys, kind in _JSON if keys <= content.keys()), "json")
