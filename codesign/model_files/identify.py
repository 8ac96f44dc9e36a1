"""Which kind of model a file is, by its content and not by its name; nothing in it is run."""

import os
import re
import stat
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._arguments import check_path
from codesign._untrusted import LARGEST_UNPACKED, entries_of, parse_json, read_entry, read_text
from codesign.errors import DataError, UnreadableError
from codesign.model_files.formats import FORMATS, HGQ_MODULES, KERAS, RUNS_CODE
from codesign.model_files.keras_config import named_modules, read_config
from codesign.model_files.onnx_check import looks_like_onnx, looks_like_saved_model

_HEAD_BYTES = 4096
_PACKED_PICKLES = (
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x5d\x00\x00",
    b"\x04\x22\x4d\x18",
    b"ZF0x",
)  # as joblib packs them
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
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
    return "hls4ml" if names & {"hls4ml_config.yml", "firmware"} else "folder"


def _kind_of_file(path: Path, head: bytes) -> ModelFile:
    if not head:
        return ModelFile(path, "empty")
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return ModelFile(path, "hdf5")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path)
    if head.startswith(b"\x93NUMPY"):
        return ModelFile(path, "npy")
    if head[4:8] == b"TFL3":
        return ModelFile(path, "tflite")
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        return ModelFile(path, "torch" if b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" in head[:32] else "pickle")
    if head.startswith((*_PACKED_PICKLES, *_ZLIB)):
        return ModelFile(path, "pickle")
    return ModelFile(path, _kind_of_bytes(path, head))


def _kind_of_bytes(path: Path, head: bytes) -> str:
    if head[:1] == b"{" and head[1:2] in (b"L", b"l", b"i", b"I", b"U") and b"learner" in head:
        return "xgboost"
    if head.lstrip()[:1] == b"{":
        return _kind_of_json(path)
    if head.startswith((b"tree\n", b"tree\r\n")):
        return "lightgbm"
    if _TEXT_PICKLE.match(head):
        return "pickle"
    if looks_like_saved_model(head):
        return "savedmodel"
    if looks_like_onnx(path):
        return "onnx"
    return "text" if _is_text(head) else "unknown"


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
    if "learner" in content:
        return "xgboost"
    if "class_name" in content and "config" in content:
        return "keras_config"
    if "format" in content:
        return "network"
    return "lwtnn" if "layers" in content and "inputs" in content else "json"


def _kind_of_zip(path: Path) -> ModelFile:
    names = set(entries_of(path))
    if "config.json" in names or "model.weights.h5" in names:
        return _kind_of_keras(path, names)
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in names):
        is_script = any("/code/" in name or name.endswith("/constants.pkl") for name in names)
        return ModelFile(path, "torchscript" if is_script else "torch")
    if "schema.json" in names:
        return ModelFile(path, "skops")
    return ModelFile(path, "npz" if names and all(name.endswith(".npy") for name in names) else "zip")


def _kind_of_keras(path: Path, names: set[str]) -> ModelFile:
    missing = {"config.json", "metadata.json", "model.weights.h5"} - names
    if missing:
        raise DataError(f"a .keras archive without {', '.join(sorted(missing))}; save it again")
    metadata = read_config(read_entry(path, "metadata.json", 2**16).decode(errors="replace"))
    version = str(metadata.get("keras_version"))
    if not re.fullmatch(r"\d+(\.\w+){1,4}", version, re.ASCII):
        raise DataError("a .keras archive without the version of Keras that wrote it; save it again")
    config = read_config(read_entry(path, "config.json", 2**24).decode(errors="replace"))
    if named_modules(config) & HGQ_MODULES:
        return ModelFile(path, "hgq")
    if int(version.partition(".")[0]) >= 3:
        return ModelFile(path, "keras3_zip", version)
    return ModelFile(path, "drone" if "drone.json" in names else "keras2_zip", version)
