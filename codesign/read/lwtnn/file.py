"""Files of lwtnn's JSON, and of ours, which is the same with a name and quantizers."""

import re
from os import PathLike

from codesign._untrusted import parse_json, read_text
from codesign.errors import CodesignError, DataError, UnreadableError
from codesign.model_files import ModelFile
from codesign.network import Network
from codesign.read.lwtnn.chain import unpack_chain
from codesign.read.lwtnn.graph import unpack_graph
from codesign.read.names import Names
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading

_SYNTAX = re.compile(r'"(?:\\.|[^"\\])*"?|[][{},]', re.DOTALL)


def read_lwtnn(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a file of lwtnn's two formats; it leaves the number of steps of a sequence open."""
    network, names = parse_json_file(file.path, options)
    return Reading(network, names, about={"format": "lwtnn"})


def read_json(path: str | PathLike) -> Network:
    """Read a network that :func:`write_json` or lwtnn's converters wrote.

    Raises:
        DataError: for a missing or truncated file, a missing key, a wrong type or size, NaN or inf; it names the layer.
        UnsupportedLayerError: for a layer that is not dense, or an unknown activation; it names the layer.
    """
    return parse_json_file(path)[0]


def parse_json_file(path: str | PathLike, options: ReadOptions | None = None) -> tuple[Network, Names]:
    """Read a file as :func:`read_json` does, with the names in it."""
    try:
        text = read_text(path)
    except UnreadableError as error:
        raise DataError(f"path: expected a network in JSON. Received: {path} ({error})") from None
    return parse_json_text(text, str(path), options)


def parse_json_text(text: str, path: str = "text", options: ReadOptions | None = None) -> tuple[Network, Names]:
    """Read a network and its names from the text of a file; `path` is for the message of an error."""
    try:
        content = parse_json(text, as_floats=True)
    except UnreadableError as error:
        where = re.search(r"\(char (\d+)\)$", str(error))
        layer = _layer_at(text, int(where[1])) if where else ""
        raise DataError(f"{path}: {layer}expected complete JSON. Received: {error}; write the file again") from None
    try:
        unpack = unpack_graph if isinstance(content, dict) and "nodes" in content else unpack_chain
        return unpack(content, options or ReadOptions())
    except CodesignError as error:
        raise type(error)(f"{path}: {error}") from None


def _layer_at(text: str, position: int) -> str:
    """Return ``layer N: `` for a position inside the array of layers, by counting commas between its elements."""
    before, found, inside = text[:position].partition('"layers"')
    depth, index = 0, 0
    for sign in _SYNTAX.findall(inside):
        depth += (sign in "[{") - (sign in "]}")
        if depth < 1:
            return ""
        index += depth == 1 and sign == ","
    return f"layer {index}: " if found and depth else ""
