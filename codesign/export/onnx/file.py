"""A Network as an ONNX file, for any number of events."""

from collections.abc import Mapping, Sequence
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign._version import __version__
from codesign.errors import DataError
from codesign.export.onnx.graph import OnnxGraph, require_onnx
from codesign.export.onnx.ops import WRITERS
from codesign.export.op_table import function_of
from codesign.export.single_precision import in_single_precision
from codesign.network import Layout, Network
from codesign.network.ops import Shape
from codesign.read.names import Names

_OPSET = 13  # the first whose softmax takes the last axis; nothing newer is used, so that old runtimes read the file
_CURE = "generate C++, or write TFLite"


@checked
def write_onnx(
    network: Network,
    path: str | PathLike,
    *,
    name: str = "network",
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> None:
    """Write the network with its inputs and outputs, float32, ``(events, *shape)`` each.

    An only input of one axis is called ``x``, an only output of one axis ``y``; others have their names in the
    network. The names of all values are kept as the file's metadata, separated by line ends. Nothing is compared with
    the model: :func:`codesign.export_model` does that.

    Args:
        name: of the graph.
        input_names, output_names: of each value; ``x0, x1, ...`` and ``y0, y1, ...`` by default.

    Raises:
        DataError: if the place is not writable, or for names that do not fit.
        EnvironmentSetupError: without the package onnx.
        UnsupportedLayerError: for an op that ONNX lacks; it names the node.

    Example:
        >>> from codesign import DenseLayer, Network, write_onnx
        >>> write_onnx(Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.0])]), "tagger.onnx")
    """
    names = Names(name, tuple(input_names), tuple(output_names)).of(network)
    network = in_single_precision(network)
    inputs, outputs = named_ends(network)
    graph, values = OnnxGraph(network.shapes), dict(zip(network.input_layout.shapes, inputs))
    for node in network.nodes:
        write = function_of(node, WRITERS, "ONNX", _CURE)
        graph.begin(node.name)
        shapes = [graph.shapes[one] for one in node.inputs]
        values[node.name] = write(graph, node.op, [values[one] for one in node.inputs], shapes)
    graph.name_outputs(dict(zip(outputs, (values[one] for one in network.outputs))), set(inputs))
    metadata = {"input_names": "\n".join(names.inputs), "output_names": "\n".join(names.outputs)}
    replace_file(path, content_of(graph, name, (inputs, outputs), metadata), "the network")


def content_of(
    graph: OnnxGraph,
    name: str,
    shapes: Sequence[Mapping[str, Shape]],
    metadata: Mapping[str, str],
    *,
    domains: Sequence[str] = (),
) -> bytes:
    """Return the checked file of a graph, of the shapes of inputs and of outputs, by name.

    Args:
        domains: of operators beside ONNX's own.
    """
    onnx = require_onnx("onnx")
    values = [
        [
            onnx.helper.make_tensor_value_info(key, onnx.TensorProto.FLOAT, ["events", *shape])
            for key, shape in found.items()
        ]
        for found in shapes
    ]
    tensors = [onnx.numpy_helper.from_array(np.asarray(array), key) for key, array in graph.constants.items()]
    opset = onnx.helper.make_opsetid("", _OPSET)
    opsets = [opset, *(onnx.helper.make_opsetid(domain, 1) for domain in domains)]
    options = {"producer_name": "codesign", "producer_version": __version__, "opset_imports": opsets}
    options["ir_version"] = onnx.helper.find_min_ir_version_for([opset])
    model = onnx.helper.make_model(onnx.helper.make_graph(graph.nodes, name, *values, tensors), **options)
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=not domains)
    return model.SerializeToString()


def predict_onnx(path: str | PathLike, x: np.ndarray) -> np.ndarray:
    """Evaluate x, (n_events, n_inputs), by ONNX Runtime, one thread, to (n_events, n_outputs) float32.

    Raises:
        DataError: for a file that ONNX Runtime cannot read.
        EnvironmentSetupError: without the package onnxruntime.
    """
    onnxruntime = require_onnx("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base
        raise DataError(f"path: expected an ONNX file. Received: {path} ({str(error).splitlines()[0]})") from None
    layout = Layout({one.name: tuple(one.shape[1:]) for one in session.get_inputs()})
    outputs = session.run(None, layout.split(np.ascontiguousarray(x, np.float32)))
    return np.concatenate([values.reshape(len(x), -1) for values in outputs], 1)


def named_ends(network: Network) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """Return the shapes of inputs and of outputs by their names in a file."""
    return _named(network.input_layout, "x"), _named(network.output_layout, "y")


def _named(layout: Layout, letter: str) -> dict[str, Shape]:
    return dict(zip([letter] if layout.is_vector else layout.shapes, layout.shapes.values()))
