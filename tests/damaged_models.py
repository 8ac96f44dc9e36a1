"""The harness of every reader of models: thousands of damaged files of a format, each read or refused in one line.

A reader's test writes a file, or a folder, that is fine, and calls ``meet_damaged(path, range(300))``; under the marker
``slow`` with 50,000 seeds. Archives are damaged as bytes, and entry by entry with checksums that are right; JSON by its
bytes and its tree; of a folder one file is damaged, emptied or taken away.
"""

import io
import json
import os
import shutil
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from codesign.errors import AssumptionWarning, CodesignError
from codesign.read import ReadOptions, read_file
from tests.mutations import json_bytes, mutated, mutated_tree, within_limits

_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.spawn",
    "socket.connect",
    "socket.getaddrinfo",
    "ctypes.dlopen",
    "pickle.find_class",
)
_ROOT = Path(__file__).parents[1]
_WITHIN = tuple(os.path.realpath(one) for one in (sys.prefix, sys.base_prefix, _ROOT, "/proc/self", "/dev", "/sys"))
_watch: list[str] | None = None


def _hook(event: str, arguments: tuple) -> None:
    if _watch is None:
        return
    if event in _FORBIDDEN:
        _watch.append(event)
    if event == "open" and isinstance(arguments[0], str):
        _watch.append(os.path.realpath(arguments[0]))


sys.addaudithook(_hook)  # it cannot be taken away; it looks only while a file is read


@contextmanager
def nothing_else_is_opened(*allowed: Path) -> Iterator[None]:
    """Fail where a program is run, or a file is opened beside those allowed, Python's own and temporary ones."""
    global _watch
    _watch = []
    try:
        yield
    finally:
        seen, _watch = _watch, None
    inside = (*_WITHIN, os.path.realpath(tempfile.gettempdir()), *map(os.path.realpath, allowed))
    strange = [one for one in seen if one in _FORBIDDEN or not one.startswith(inside)]
    assert not strange, strange


def meet_damaged(source: Path, seeds: range, options: ReadOptions | None = None, *, seconds: float = 5.0) -> int:
    """Read damaged copies of a file or a folder; how many were still read.

    Args:
        source: what is read without fault.
        seeds: one damage each.
        options: of the reader.
        seconds: of processor time that one may take.
    """
    _read(source, options)
    n_read = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            path = Path(folder, "damaged" + source.suffix)
            damage(source, path, np.random.default_rng(seed))
            with within_limits(seconds=seconds), nothing_else_is_opened(source.parent):
                n_read += read_or_refuse(path, options)
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return n_read


def read_or_refuse(path: Path, options: ReadOptions | None = None) -> bool:
    """Whether the file was read; what was read computes, and a refusal is one line."""
    try:
        _read(path, options)
    except CodesignError as error:
        message = str(error)
        assert message.isprintable() and 0 < len(message) < 2000, message
        return False
    return True


def _read(path: Path, options: ReadOptions | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AssumptionWarning)
        network = read_file(path, options).network
    if network.n_inputs < 10_000 and network.n_weights < 10**6:
        with np.errstate(all="ignore"):
            assert network.predict(np.zeros((2, network.n_inputs))).shape == (2, network.n_outputs)


def damage(source: Path, target: Path, rng: np.random.Generator) -> None:
    """Write a damaged copy."""
    if not source.is_dir():
        target.write_bytes(_damaged_bytes(source.read_bytes(), rng))
        return
    shutil.copytree(source, target, symlinks=True)
    files = sorted(path for path in target.rglob("*") if path.is_file())
    for _ in range(rng.integers(1, 3)):
        path = files[rng.integers(len(files))]
        match rng.integers(0, 8):
            case 0:
                path.unlink(missing_ok=True)
            case 1:
                path.write_bytes(b"")
            case _ if path.exists():
                path.write_bytes(_damaged_bytes(path.read_bytes(), rng))


def _damaged_bytes(content: bytes, rng: np.random.Generator) -> bytes:
    if rng.random() < 0.3:
        return mutated(content, rng)
    if content.startswith(b"PK\x03\x04"):
        return _damaged_archive(content, rng)
    if content.lstrip()[:1] == b"{":
        try:
            return json_bytes(mutated_tree(json.loads(content), rng))
        except ValueError:
            return mutated(content, rng)
    return mutated(content, rng)


def _damaged_archive(content: bytes, rng: np.random.Generator) -> bytes:
    """The archive with one entry damaged, or left out; checksums are right."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return mutated(content, rng)
    name = list(entries)[rng.integers(len(entries))]
    if rng.random() < 0.1:
        del entries[name]
    else:
        entries[name] = _damaged_bytes(entries[name], rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for one, entry in entries.items():
            archive.writestr(one, entry)
    return buffer.getvalue()
