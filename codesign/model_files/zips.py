"""Which kind of model a zip archive is: Keras, PyTorch and scikit-learn all write such."""

import re
from collections.abc import Collection
from pathlib import Path

from codesign._untrusted import entries_of, read_entry
from codesign.errors import DataError
from codesign.model_files.firmware import looks_like_firmware
from codesign.model_files.formats import HGQ_MODULES
from codesign.model_files.keras_config import named_modules, read_config


def kind_of_zip(path: Path) -> tuple[str, str | None]:
    """Return the kind of an archive, and the version of what wrote it where it says so.

    Raises:
        DataError: for a damaged archive, or one of Keras from which something is missing.
    """
    names = entries_of(path)
    if "config.json" in names or "model.weights.h5" in names:
        return _kind_of_keras(path, set(names))
    ends = {name.rpartition("/")[2] for name in names}
    if "schema.json" in names:
        return "skops", None
    if "serialized_exported_program.json" in names or any(_EXPORTED.search(name) for name in names):
        return "torch_export", None
    if "archive_format" in ends and any("/data/aotinductor/" in name for name in names):
        return "torch_compiled", None
    if "data.pkl" in ends:
        is_script = any("/code/" in name for name in names) or "constants.pkl" in ends
        return "torchscript" if is_script else "torch", None
    if looks_like_firmware(names):
        return "hls4ml", None
    return "npz" if names and all(name.endswith(".npy") for name in names) else "zip", None


_EXPORTED = re.compile(r"(^|/)models/[^/]+\.json$")


def _kind_of_keras(path: Path, names: Collection[str]) -> tuple[str, str | None]:
    missing = {"config.json", "metadata.json", "model.weights.h5"} - names
    if missing:
        raise DataError(f"a .keras archive without {', '.join(sorted(missing))}; save it again")
    metadata = read_config(read_entry(path, "metadata.json", 2**16).decode(errors="replace"))
    version = str(metadata.get("keras_version"))
    if not re.fullmatch(r"\d+(\.\w+){1,4}", version, re.ASCII):
        raise DataError("a .keras archive without the version of Keras that wrote it; save it again")
    config = read_config(read_entry(path, "config.json", 2**24).decode(errors="replace"))
    if named_modules(config) & HGQ_MODULES:
        return "hgq", version
    if int(version.partition(".")[0]) >= 3:
        return "keras3_zip", version
    return "drone" if "drone.json" in names else "keras2_zip", version
