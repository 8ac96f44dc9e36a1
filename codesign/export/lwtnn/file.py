"""A network as JSON in lwtnn's two formats (D. H. Guest et al., github.com/lwtnn/lwtnn): a chain, or a graph.

The keys are described in ``chain.schema.json`` beside this file. Numbers are written so that float32 reads back to
the same bits. The key ``name`` is ours; lwtnn ignores it. Layers of architecture ``fixed_point`` are ours too, the
quantizers that a network was trained with: lwtnn refuses a file that has them, and so never computes something else.
"""

import json
import re
from collections.abc import Sequence
from os import PathLike

from codesign._arguments import checked
from codesign._files import replace_file
from codesign._untrusted import parse_json, read_text
from codesign.errors import CodesignError, DataError, UnreadableError
from codesign.export.lwtnn.chain import pack_chain, unpack_chain
from codesign.export.lwtnn.graph import pack_graph
from codesign.export.lwtnn.graph_reader import unpack_graph
from codesign.export.names import Names
from codesign.export.single_chain import SingleChain
from codesign.network import Network

_SYNTAX = re.compile(r'"(?:\\.|[^"\\])*"?|[][{},]', re.DOTALL)


@checked
def write_json(
    network: Network,
    path: str | PathLike,
    *,
    name: str = "network",
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> None:
    """Write the network; an existing file is replaced only when the new one is complete.

    Nothing is compared with the model: :func:`codesign.export_model` does that. A chain of
    dense layers is written in lwtnn's sequential format, a graph in its graph format.

    Args:
        name: of the network.
        input_names, output_names: of each value; ``x0, x1, ...`` and ``y0, y1, ...`` by default.

    Raises:
        DataError: if the place is not writable, or for names that do not fit.
        UnsupportedLayerError: for a node that lwtnn has nothing for; it names the node.

    Example:
        >>> from codesign import DenseLayer, Network, load_network, write_json
        >>> write_json(Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])]), "tagger.json")
        >>> load_network("tagger.json").predict([[1.0, 1.0]]).tolist()
        [[0.25]]
    """
    names = Names(name, tuple(input_names), tuple(output_names)).of(network)
    chain = SingleChain.of(network)
    content = pack_graph(network, names) if chain is None else pack_chain(chain, names)
    replace_file(path, (json.dumps({"name": name, **content}) + "\n").encode(), "the network")


def read_json(path: str | PathLike) -> Network:
    """Read a network that :func:`write_json` or lwtnn's converters wrote.

    Raises:
        DataError: for a missing or truncated file, a missing key, a wrong type or size, NaN or inf; it names the layer.
        UnsupportedLayerError: for a layer that is not dense, or an unknown activation; it names the layer.
    """
    return parse_json_file(path)[0]


def parse_json_file(path: str | PathLike) -> tuple[Network, Names]:
    """Read a file as :func:`read_json` does, with the names in it."""
    try:
        text = read_text(path)
    except UnreadableError as error:
        raise DataError(f"path: expected a network in JSON. Received: {path} ({error})") from None
    return parse_json_text(text, str(path))


def parse_json_text(text: str, path: str = "text") -> tuple[Network, Names]:
    """Read a network and its names from the text of a file; `path` is for the message of an error."""
    try:
        content = parse_json(text, as_floats=True)
    except UnreadableError as error:
        where = re.search(r"\(char (\d+)\)$", str(error))
        layer = _layer_at(text, int(where[1])) if where else ""
        raise DataError(f"{path}: {layer}expected complete JSON. Received: {error}; write the file again") from None
    try:
        return (unpack_graph if isinstance(content, dict) and "nodes" in content else unpack_chain)(content)
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
