"""write_keras3: a network as a `.keras` file that Keras 3 opens; no Keras is needed to write it."""

import io
import json
import re
import zipfile
from collections import Counter
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.errors import CodesignError
from codesign.export.keras3.graph import KerasGraph, Layer
from codesign.export.keras3.ops import WRITERS, write_convolution
from codesign.export.op_table import function_of
from codesign.network import Network, Node
from codesign.network.ops import Dense, Patches

_VERSION = "3.0.0"  # whose layers and operations are used; every later one opens the file
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CURE = "write ONNX, or C++"


@checked
def write_keras3(network: Network, path: str | PathLike, *, name: str = "network") -> None:
    """Write the network as a functional model of Keras 3, its quantizers included, its weights in float32.

    Patches and a dense op behind them are a convolution. What Keras has no layer for, rounding and saturation among it,
    are operations of ``keras.ops``; of the types of a design, nothing is written. Nothing is compared with the model:
    :func:`codesign.export_model` does that.

    Args:
        name: of the model.

    Raises:
        DataError: if the place is not writable.
        UnsupportedLayerError: for an op that Keras 3 has not; it names the node.

    Example:
        >>> from pathlib import Path
        >>> from codesign import DenseLayer, Network, write_keras3
        >>> write_keras3(Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])]), "tagger.keras")
        >>> Path("tagger.keras").exists()
        True
    """
    replace_file(path, keras3_content(network, name=name), "the network")


def keras3_content(network: Network, *, name: str = "network") -> bytes:
    """Return what :func:`write_keras3` writes; the same for the same network."""
    graph = keras_graph(network)
    content = io.BytesIO()
    metadata = {"keras_version": _VERSION, "date_saved": "1980-01-01@00:00:00"}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, text in (("metadata.json", metadata), ("config.json", graph.config(name))):
            archive.writestr(zipfile.ZipInfo(entry, _EPOCH), json.dumps(text))
        archive.writestr(zipfile.ZipInfo("model.weights.h5", _EPOCH), weights_content(graph.in_order()))
    return content.getvalue()


def keras_graph(network: Network) -> KerasGraph:
    """Return the layers and operations of a network.

    Raises:
        UnsupportedLayerError: for an op that Keras 3 has not; it names the node.
    """
    graph, shapes = KerasGraph(), network.shapes
    tensors = {one.name: graph.add_input(one.name, one.shape) for one in network.inputs}
    joined = _convolutions(network)
    for node in network.nodes:
        if node.name in joined:
            continue
        graph.begin(node.name)
        before = joined.get(node.inputs[0]) if isinstance(node.op, Dense) else None
        try:
            if before is not None:
                value = tensors[before.inputs[0]]
                tensors[node.name] = write_convolution(graph, before.op, node.op, value, shapes[node.name])
            else:
                taken = [tensors[name] for name in node.inputs]
                write = function_of(node, WRITERS, "Keras 3", _CURE)
                tensors[node.name] = write(graph, node.op, taken, shapes[node.name])
        except CodesignError as error:
            said = str(error) if f"'{node.name}'" in str(error) else f"node '{node.name}': {error}"
            raise type(error)(said) from None
    graph.outputs = [tensors[name] for name in network.outputs]
    return graph


def _convolutions(network: Network) -> dict[str, Node]:
    """The patches of zero padding that dense ops alone take, by their names."""
    found = {}
    for node in network.nodes:
        users = [one for one in network.nodes if node.name in one.inputs]
        is_alone = node.name not in network.outputs and all(isinstance(one.op, Dense) for one in users)
        has_steps = isinstance(node.op, Patches) and (1 in (max(node.op.strides), max(node.op.dilation)))
        if has_steps and node.op.pad == "zero" and is_alone:  # Keras has not both
            found[node.name] = node
    return found


def weights_content(layers: list[Layer]) -> bytes:
    """Return the HDF5 of the weights of layers, in the order in which Keras counts them."""
    import h5py

    content, counted = io.BytesIO(), Counter()
    with h5py.File(content, "w") as file:
        for layer in layers:
            kind = _snake_case(layer.kind)
            number = counted[kind]
            counted[kind] += 1
            group = file.create_group(f"layers/{kind}{f'_{number}' if number else ''}/vars")
            for index, array in enumerate(layer.weights):
                group.create_dataset(str(index), data=np.ascontiguousarray(array))
        file.create_group("vars")
    return content.getvalue()


def _snake_case(kind: str) -> str:
    """As Keras names a layer after its class: ``leaky_re_lu``, ``conv1d``."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
