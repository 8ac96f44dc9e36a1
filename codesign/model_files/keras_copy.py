"""A clean copy of a saved Keras 2 model, which is all that Keras ever opens."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._untrusted import read_entry
from codesign.errors import CodesignError, DataError
from codesign.model_files.formats import HGQ_MODULES
from codesign.model_files.hdf5 import copy_keras_hdf5
from codesign.model_files.identify import ModelFile, identify
from codesign.model_files.keras_config import check_config, holds_quantizer_object, named_modules, read_config

_WEIGHTS = "model.weights.h5"


@dataclass(frozen=True)
class CheckedCopy:
    """A file that Keras may open.

    Args:
        path: a temporary file.
        n_values: numbers in its weights; a model that wants more is not the one that was saved.
        config: the configuration, as Keras will read it.
    """

    path: Path
    n_values: int
    config: dict


@contextmanager
def checked_copy(path: str | PathLike) -> Iterator[CheckedCopy]:
    """Check a Keras 2 model, ``.h5`` or ``.keras``, and give a copy of what was checked while the block lasts.

    Nothing in the file is run. The copy holds the configuration, whose classes, functions and quantizers are all known,
    and the weights, as
    plain arrays; no optimizer, no assets, no links.

    Raises:
        DataError: for another kind of file, of which the message says what it is and the way out, or a damaged one.
        UnsupportedLayerError: for a Lambda layer, or a class or function that is not known.
    """
    file = identify(path)
    with tempfile.TemporaryDirectory(prefix="codesign_") as folder:
        try:
            copy = _copy(file, Path(folder))
        except CodesignError as error:
            raise type(error)(f"model: {error} (in {path})") from None
        yield copy


def refuse(file: ModelFile) -> DataError:
    """Return the error for a file that is no Keras 2 model: what it is, and the way out."""
    return DataError(
        f"expected a saved Keras model (of Keras 2, .h5 or .keras). Received: {file.description}; {file.way_out}"
    )


def _copy(file: ModelFile, folder: Path) -> CheckedCopy:
    if file.kind == "hdf5":
        return _copy_hdf5(file, folder / "model.h5")
    if file.kind in ("keras2_zip", "drone"):
        return _copy_zip(file, folder)
    raise refuse(file)


def _copy_hdf5(file: ModelFile, target: Path) -> CheckedCopy:
    about = copy_keras_hdf5(file.path, target)
    version = about["keras_version"]
    if about["config"] is None:
        raise refuse(ModelFile(file.path, "keras_weights" if about["has_weights"] else "hdf5", version))
    config = read_config(about["config"])
    if named_modules(config) & HGQ_MODULES:
        raise refuse(ModelFile(file.path, "hgq", version))
    if version is not None and not version.startswith(("1.", "2.")):
        raise refuse(ModelFile(file.path, "keras3_h5", version))
    import h5py

    config = check_config(config)
    with h5py.File(target, "r+") as copy:
        copy.attrs["model_config"] = json.dumps(config)
    return CheckedCopy(target, about["n_values"], config)


def _copy_zip(file: ModelFile, folder: Path) -> CheckedCopy:
    config = check_config(read_config(read_entry(file.path, "config.json").decode(errors="replace")))
    if holds_quantizer_object(config):
        raise DataError(
            "expected texts as quantizers of QActivation. Received: objects, which QKeras does not read back from "
            ".keras; save the model as "
            ".h5: model.save('model.h5')"
        )
    (folder / "came.h5").write_bytes(read_entry(file.path, _WEIGHTS))
    about = copy_keras_hdf5(folder / "came.h5", folder / _WEIGHTS)
    target = folder / "model.keras"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": file.version, "date_saved": ""}))
        archive.writestr("config.json", json.dumps(config))
        archive.write(folder / _WEIGHTS, _WEIGHTS)
    return CheckedCopy(target, about["n_values"], config)
