"""Versions that the bits of a result depend on, of this process and of a cluster's workers."""

import platform
from collections.abc import Mapping

import numpy as np

from codesign._version import __version__
from codesign.errors import ToolError

_PACKAGES = ("codesign", "numpy")


def own_versions() -> dict[str, str]:
    """Return the versions of this process."""
    return {"codesign": __version__, "numpy": np.__version__, "python": _minor(platform.python_version())}


def differences(theirs: Mapping[str, str | None], ours: Mapping[str, str]) -> str:
    """Return what differs, as "has codesign 1.0, here it is 1.1"; empty where nothing does."""
    found = [
        f"has {name} {theirs.get(name)}, here it is {version}"
        if theirs.get(name)
        else f"has no {name} (here {version})"
        for name, version in ours.items()
        if theirs.get(name) != version
    ]
    return "; ".join(found)


def check_workers(workers: Mapping[str, Mapping]) -> None:
    """Check what Dask's workers say of themselves.

    Args:
        workers: by address, as ``distributed.Client.get_versions`` has them.

    Raises:
        ToolError: it names the first worker that differs, and both versions.
    """
    for address, one in sorted(workers.items()):
        packages = one.get("packages", {})
        python = _minor(str(packages.get("python") or "").replace("(", "").replace(", ", "."))
        different = differences({**{name: packages.get(name) for name in _PACKAGES}, "python": python}, own_versions())
        if different:
            raise ToolError(
                f"dask: expected workers with the versions of here. Received: the worker {address} {different}; start "
                "it from the same environment"
            )


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
