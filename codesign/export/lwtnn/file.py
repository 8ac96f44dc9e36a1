"""A network as JSON in lwtnn's two formats (D. H. Guest et al., github.com/lwtnn/lwtnn): a chain, or a graph.

The keys are described in ``chain.schema.json`` beside this file. Numbers are written so that float32 reads back to
the same bits. The key ``name`` is ours; lwtnn ignores it. Layers of architecture ``fixed_point`` are ours too, the
quantizers that a network was trained with: lwtnn refuses a file that has them, and so never computes something else.
"""

import json
from collections.abc import Sequence
from os import PathLike

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.export.lwtnn.chain import pack_chain
from codesign.export.lwtnn.graph import pack_graph
from codesign.export.single_chain import SingleChain
from codesign.network import Network
from codesign.read.names import Names


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
