"""Which files a source names: paths and globs, one or several, each class in files of its own or all together."""

import glob
import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from codesign._argument_kinds import holds, received
from codesign.errors import DataError, nearest

_GLOB = frozenset("*?[")
_MOST_FILES = 10_000


@dataclass(frozen=True)
class Files:
    """Files to read.

    Args:
        paths: of all of them.
        inside: which tree or table of each is meant, as in ``events.root:Tree``; empty for the only one.
        classes: of each file the class of its events; empty if a column says it.
    """

    paths: tuple[Path, ...]
    inside: tuple[str, ...]
    classes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A short name: of the first file, or the classes."""
        return "-".join(dict.fromkeys(self.classes)) if self.classes else self.paths[0].stem

    @property
    def origin(self) -> str:
        """One line on where the events come from."""
        more = len(self.paths) - 1
        return self.paths[0].name + (f" and {more} more file{'s' if more > 1 else ''}" if more else "")


def files_of(source: object, argument: str = "data", directory: str | PathLike = "") -> Files:
    """Return the files that a source names.

    Args:
        source: a path or glob; several; or a mapping from classes to such.
        argument: that messages name.
        directory: where relative paths begin.

    Raises:
        DataError: for anything else, or names that no file has.
    """
    if isinstance(source, Mapping):
        return _files_of_classes(source, argument, directory)
    found = [one for item in _listed(source, argument, directory) for one in _expand(item, argument)]
    if len(set(found)) < len(found):
        twice = next(path for index, (path, _) in enumerate(found) if found[index] in found[:index])
        raise DataError(f"{argument}: expected each file once. Received: {twice} twice; see the patterns that name it")
    if len(found) > _MOST_FILES:
        raise DataError(f"{argument}: expected at most {_MOST_FILES:,} files. Received: {len(found):,}")
    return Files(tuple(path for path, _ in found), tuple(inside for _, inside in found))


def _files_of_classes(source: Mapping, argument: str, directory: str | PathLike) -> Files:
    if len(source) < 2 or not all(isinstance(name, str) and name.isprintable() and name for name in source):
        raise DataError(
            f"{argument}: expected the files of two classes or more, such as {{signal: 'sig*.root', background: "
            f"'bkg*.root'}}. Received: {received(source)} of {', '.join(map(received, source)) or 'none'}"
        )
    parts = {name: files_of(one, f"{argument}.{name}", directory) for name, one in source.items()}
    owners: dict[Path, str] = {}
    for name, part in parts.items():
        for path, inside in zip(part.paths, part.inside):
            other = owners.setdefault((path, inside), name)
            if other != name:
                raise DataError(f"{argument}: expected each file in one class. Received: {path} in {other} and {name}")
    return Files(
        tuple(path for part in parts.values() for path in part.paths),
        tuple(inside for part in parts.values() for inside in part.inside),
        tuple(name for name, part in parts.items() for _ in part.paths),
    )


def _listed(source: object, argument: str, directory: str | PathLike) -> list[str]:
    items = [source] if isinstance(source, (str, PathLike)) else source
    if not isinstance(items, (list, tuple)) or not items or not all(holds(item, PathLike) for item in items):
        raise DataError(
            f"{argument}: expected a path or glob, a list of them, a mapping from classes to them, or a data frame. "
            f"Received: {received(source)}"
        )
    return [os.path.join(directory, os.path.expanduser(item)) for item in items]


def _expand(item: str, argument: str) -> list[tuple[Path, str]]:
    """Return the files of a path or glob, and what is meant inside them."""
    for pattern, inside in ((item, ""), item.rsplit(":", 1)) if ":" in item else ((item, ""),):
        if Path(pattern).exists():
            return [(Path(pattern), inside)]
        found = sorted(glob.glob(pattern, recursive=True)) if _GLOB & set(pattern) else []
        if found:
            return [(Path(path), inside) for path in found]
    if _GLOB & set(item):
        raise DataError(f"{argument}: expected a pattern that files match. Received: {item}, which none does")
    folder = Path(item).parent
    beside = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    raise DataError(
        f"{argument}: expected a file. Received: {item}, which does not exist{nearest(Path(item).name, beside)}"
    )
