"""The C++ class that loads a chain's JSON at run time: one header, C++17, no dependencies."""

from importlib import resources
from os import PathLike

from codesign._files import replace_file


def write_reader(path: str | PathLike) -> None:
    """Copy the header to `path`; it explains itself at its start.

    Raises:
        DataError: if the place is not writable.
    """
    header = resources.files("codesign.export.lwtnn") / "codesign_reader.hpp"
    replace_file(path, header.read_bytes(), "the header")
