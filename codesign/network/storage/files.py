"""Networks as one JSON file: floats are written so that they read back to the same bits."""

import json
from os import PathLike

from codesign._files import replace_file
from codesign._untrusted import parse_json, read_text
from codesign.errors import CodesignError, DataError, UnreadableError
from codesign.network.network import Network
from codesign.network.storage.chain import unpack_chain
from codesign.network.storage.graph import pack_network, unpack_graph

_FORMAT = "codesign-network"
_VERSION = 3
_READABLE = (1, 2, 3)  # 1 and 2 had layers in a row; 1 no quantizers, and it left out a precision that was not there


def save_network(network: Network, path: str | PathLike) -> None:
    """Write the network; an existing file is replaced only when the new one is complete."""
    content = {"format": _FORMAT, "version": _VERSION, **pack_network(network)}
    replace_file(path, (json.dumps(content) + "\n").encode(), "the network")


def load_network(path: str | PathLike) -> Network:
    """Read a network.

    Raises:
        DataError: for a missing, damaged or foreign file, or one of another version; it says which part is wrong.
    """
    expected = f"path: expected a network written by Network.save. Received: {path}"
    try:
        content = parse_json(read_text(path))
    except UnreadableError as error:
        raise DataError(f"{expected} ({error})") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise DataError(
            f"{expected} (no '{_FORMAT}' inside; Network.from_keras reads Keras models, codesign.load_network lwtnn's "
            "JSON)"
        )
    if content.get("version") not in _READABLE or isinstance(content["version"], (bool, float)):
        known = ", ".join(map(str, _READABLE))
        raise DataError(f"{expected} (version {content.get('version')!r}; this codesign reads versions {known})")
    try:
        return unpack_graph(content) if content["version"] == _VERSION else unpack_chain(content)
    except CodesignError as error:
        raise type(error)(f"{path}: {error}") from None
