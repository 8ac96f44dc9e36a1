"""What two runs must agree on: everything but times."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import h5py

_OF_TIME = re.compile(r"(^|_)(seconds|cpu_s|ns|versions|times|code|directory)$")
_KINDS = (".json", ".jsonl", ".h5", ".keras", ".hpp")


def user_files(folder: Path) -> dict[str, bytes]:
    """Return path -> content of what :func:`kill_jobs.prepare` made."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.read_bytes().endswith(b"is the user's"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def compared(folder: Path) -> dict[str, object]:
    """Return path -> what must be equal in the output folder: numbers without times, weights to the bit."""
    found = {}
    for path in sorted((folder / "out").rglob("*")):
        name = path.relative_to(folder).as_posix()
        theirs = path.is_file() and path.read_bytes().endswith(b"is the user's")
        if path.is_file() and not theirs and path.suffix in _KINDS and "/." not in name and "/hls4ml/" not in name:
            found[name] = _content(path)
    return found


def _content(path: Path) -> object:
    if path.suffix == ".json":
        return _without_times(json.loads(path.read_text()))
    if path.suffix == ".jsonl":
        lines = [re.sub("^[0-9a-f]{8} ", "", line) for line in path.read_text().splitlines()]
        return [_without_times(json.loads(line)) for line in lines]
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            return _arrays(io.BytesIO(archive.read("model.weights.h5")))
    return _arrays(path) if path.suffix == ".h5" else path.read_text()


def _without_times(content: object) -> object:
    if isinstance(content, dict):
        return {key: _without_times(value) for key, value in content.items() if not _OF_TIME.search(key)}
    return [_without_times(item) for item in content] if isinstance(content, list) else content


def _arrays(file: object) -> dict[str, str]:
    found: dict[str, str] = {}
    with h5py.File(file, "r") as content:
        content.visititems(
            lambda name, item: found.update({name: _digest(item)}) if isinstance(item, h5py.Dataset) else None
        )
    return found


def _digest(item: h5py.Dataset) -> str:
    return hashlib.sha256(item[()].tobytes()).hexdigest()
