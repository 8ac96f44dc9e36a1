"""Whether files are the C++ of a network that hls4ml wrote, in a project or on their own, by their names."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_DEEPEST = 4
_MOST = 5_000
_HEAD = 200_000
_HEADERS = frozenset({"defines.h", "parameters.h", "weights.h"})
_CODE = (".cpp", ".cc", ".cxx", ".h", ".hpp", ".hh")
_CALLS = (b"nnet::", b"nnet_utils/", b"nn_utils/")


def looks_like_firmware(names: Iterable[str]) -> bool:
    """Whether some of these paths, with ``/`` between folders, are an hls4ml project or its ``firmware``."""
    folders: dict[str, set[str]] = {}
    for name in names:
        path = PurePosixPath(name)
        folders.setdefault(str(path.parent), set()).add(path.name)
    return any(_is_firmware(files) for files in folders.values())


def _is_firmware(files: set[str]) -> bool:
    code = {name for name in files - _HEADERS if name.endswith(_CODE)}
    return "hls4ml_config.yml" in files or ("parameters.h" in files and bool(code)) or _HEADERS <= files


def is_firmware_folder(folder: Path) -> bool:
    """Whether a folder is an hls4ml project, has one somewhere below, or is the bare C++ of one."""
    if (folder / "firmware").is_dir():
        return True
    names = names_below(folder)
    return looks_like_firmware(names) or any(
        "/" not in name and name.endswith(_CODE) and calls_hls4ml(folder / name) for name in names
    )


def names_below(folder: Path) -> list[str]:
    """Return the files of a folder and of those in it, as relative paths; links are not followed, and not too many."""
    found, waiting = [], [("", 0)]
    for below, depth in waiting:
        try:
            with os.scandir(folder / below) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)[:_MOST]
        except OSError:
            continue
        found += [below + entry.name for entry in inside if entry.is_file(follow_symlinks=False)]
        if depth < _DEEPEST:
            deeper = [entry for entry in inside if entry.is_dir(follow_symlinks=False) and entry.name[0] != "."]
            waiting += [(f"{below}{entry.name}/", depth + 1) for entry in deeper][: max(0, _MOST - len(waiting))]
        if len(found) > _MOST:
            break
    return found


def is_firmware_file(path: Path, head: bytes) -> bool:
    """Whether a text is a file of an hls4ml project: its configuration, or C++ beside the rest of it."""
    if b"HLSConfig:" in head and b"ProjectName:" in head:
        return True
    return path.suffix in _CODE and (b"nnet::" in head or calls_hls4ml(path))


def calls_hls4ml(path: Path) -> bool:
    """Whether a file names hls4ml's functions, as the C++ that it writes does."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return any(call in head for call in _CALLS)
