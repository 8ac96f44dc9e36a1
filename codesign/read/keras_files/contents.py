"""What a Keras file holds, whatever the container: a model's configuration, its weights, and which Keras wrote it."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from codesign._printable import printable
from codesign._untrusted import read_entry, read_text
from codesign._untrusted.hdf5 import Group, UnknownLayoutError, open_hdf5
from codesign.errors import DataError, UnreadableError
from codesign.model_files import ModelFile
from codesign.model_files.formats import FORMATS
from codesign.model_files.hdf5 import copy_keras_hdf5
from codesign.model_files.keras_config import read_config

_WEIGHTS, _CONFIG, _METADATA = "model.weights.h5", "config.json", "metadata.json"
_LARGEST = 512 * 2**20
_LONGEST_CONFIG = 16 * 2**20
_MOST_BESIDE = 1_000
_NEWEST = 3  # generation of Keras


@dataclass(frozen=True, eq=False)
class Contents:
    """A model in a file.

    Args:
        config: ``{"class_name": ..., "config": ...}``.
        weights: the group of all of them.
        version: of the Keras that wrote it, where the file says so.
        kind: as :data:`codesign.model_files.formats.FORMATS` has it.
        beside: the file that the other half was taken from; None: there is one file.
    """

    config: Mapping[str, object]
    weights: Group
    version: str | None
    kind: str
    beside: Path | None = None

    @property
    def generation(self) -> int:
        """1, 2 or 3.

        Raises:
            DataError: for a newer Keras than is known.
        """
        first = (self.version or "1").partition(".")[0]
        if not first.isdigit() or not 1 <= int(first[:4]) <= _NEWEST:
            raise DataError(
                f"expected a file of Keras 1 to {_NEWEST}. Received: one of Keras {printable(str(self.version)[:20])}; "
                "save it in one of these, or as ONNX"
            )
        return int(first)


def with_contents(file: ModelFile, use: Callable[[Contents], object]) -> object:
    """Return what `use` makes of a file's contents; where arrays lie in a way that is read by libhdf5 alone, of those
    of a copy.

    Raises:
        DataError: for a damaged file, or one without a model.
    """
    try:
        return use(_contents(file, open_hdf5))
    except UnknownLayoutError:
        return use(_contents(file, lambda content: open_hdf5(_copied(content))))


def _copied(content: bytes) -> bytes:
    """The same in the layout that is read here, written by a process of its own."""
    with tempfile.TemporaryDirectory(prefix="codesign_") as folder:
        came, copy = Path(folder, "came.h5"), Path(folder, "copy.h5")
        came.write_bytes(content)
        copy_keras_hdf5(came, copy)
        return copy.read_bytes()


def _contents(file: ModelFile, opened: Callable[[bytes], Group]) -> Contents:
    if file.path.is_dir():
        return _of_parts(file, lambda name: _bytes(file.path / name), opened)
    if file.kind == "keras_config":
        return _of_config(file, opened)
    if file.kind == "hdf5":
        return _of_hdf5(file, opened)
    return _of_parts(file, lambda name: read_entry(file.path, name), opened)


def _of_parts(file: ModelFile, read: Callable[[str], bytes], opened: Callable[[bytes], Group]) -> Contents:
    """A .keras archive, or the folder that one unpacks to."""
    config = read_config(_decoded(read(_CONFIG)))
    version = read_config(_decoded(read(_METADATA))).get("keras_version")
    return Contents(config, opened(read(_WEIGHTS)), None if version is None else str(version), file.kind)


def _of_hdf5(file: ModelFile, opened: Callable[[bytes], Group]) -> Contents:
    root = opened(_bytes(file.path))
    version, text = (root.attributes.get(name) for name in ("keras_version", "model_config"))
    version = None if version is None else str(version)
    if isinstance(text, str):
        kind = "keras3_h5" if version and version.startswith("3") else "keras2_h5"
        return Contents(read_config(text), root["model_weights"], version, kind)
    holds_weights = "layer_names" in root.attributes or {"layers", "_layer_checkpoint_dependencies"} & set(root)
    config = _beside(file.path, ".json") if holds_weights or "layer_names0" in root.attributes else None
    if config is None:
        what, cure = FORMATS["keras_weights" if holds_weights else "hdf5"]
        raise DataError(f"expected a saved Keras model. Received: {what}; {cure}")
    content = read_config(read_text(config))
    stated = content.get("keras_version", version)
    return Contents(content, root, None if stated is None else str(stated), "keras_config", config)


def _of_config(file: ModelFile, opened: Callable[[bytes], Group]) -> Contents:
    content = read_config(read_text(file.path))
    weights = _beside(file.path, ".h5", ".hdf5")
    if weights is None:
        what, cure = FORMATS["keras_config"]
        raise DataError(f"expected a saved Keras model. Received: {what}; {cure}")
    found = _of_hdf5(ModelFile(weights, "hdf5"), opened) if _is_whole(weights, opened) else None
    if found is not None:
        return replace(found, config=content, beside=weights)
    root = opened(_bytes(weights))
    version = content.get("keras_version", root.attributes.get("keras_version"))
    return Contents(content, root, None if version is None else str(version), "keras_config", weights)


def _is_whole(path: Path, opened: Callable[[bytes], Group]) -> bool:
    return "model_config" in opened(_bytes(path)).attributes


def _beside(path: Path, *endings: str) -> Path | None:
    """The other half of a model in the same folder: of the same name, less or more a word, else the only one."""
    found = [one for one in _listed(path.parent) if one.suffix in endings and one.is_file() and not one.is_symlink()]
    wanted = _word(path)
    named = [one for one in found if _word(one) == wanted]
    chosen = named or found
    return chosen[0] if len(chosen) == 1 else None


def _listed(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry, _ in zip(entries, range(_MOST_BESIDE)))


def _word(path: Path) -> str:
    word = path.name.partition(".")[0].lower()
    for part in ("weights", "weight", "architecture", "arch", "model", "config"):
        word = word.replace(part, "")
    return word.strip("_-")


def _bytes(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise DataError(f"expected a saved model. Received: {path}, which cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST:
        raise DataError(f"expected at most {_LARGEST // 2**20} MiB. Received: {path}, which is larger")
    return content


def _decoded(content: bytes) -> str:
    if len(content) > _LONGEST_CONFIG:
        raise UnreadableError(f"expected a configuration of at most {_LONGEST_CONFIG // 2**20} MiB")
    return content.decode("utf-8", "replace")
