"""The paper's teacher as an ONNX file: it is no chain of dense layers, so codesign.export does not write it."""

from os import PathLike

import numpy as np

from codesign._keras import keras
from codesign.export.onnx_file import write_graph


def write_teacher_onnx(teacher: keras.Model, path: str | PathLike) -> None:
    """Write the teacher with one input ``x``, (events, n_inputs), and one output ``y``, (events, 1), float32.

    The locally connected layer is one dense layer with zeros between features and filters that do not meet, then maxima
    over the positions: at these sizes faster in ONNX Runtime than a grouped convolution.

    Args:
        teacher: from :func:`codesign.drone.paper_teacher`.
    """
    from onnx import helper

    nodes = [
        helper.make_node("Sub", ["x", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "std"], ["standardised"]),
        helper.make_node("Gemm", ["standardised", "local", "local_bias"], ["filters"]),
        helper.make_node("Reshape", ["filters", "shape"], ["positions"]),
        helper.make_node("ReduceMax", ["positions"], ["maxima"], axes=[1], keepdims=0),
        helper.make_node("Relu", ["maxima"], ["features"]),  # of the maximum: the maximum of relus
        helper.make_node("Gemm", ["features", "kernel_0", "bias_0"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["units"]),
        helper.make_node("Gemm", ["units", "kernel_1", "bias_1"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["y"]),
    ]
    write_graph(path, nodes, _constants(teacher), name=teacher.name, sizes=(teacher.input_shape[-1], 1))


def _constants(teacher: keras.Model) -> dict[str, np.ndarray]:
    normalization, local = teacher.layers[0], teacher.layers[2]
    kernel, bias = (
        weights.numpy() for weights in (local.kernel, local.bias)
    )  # (positions, size, filters), (positions, filters)
    n_positions, size, n_filters = kernel.shape
    dense = np.zeros((teacher.input_shape[-1], n_positions, n_filters), np.float32)
    for position in range(n_positions):
        dense[position : position + size, position] = kernel[position]
    found = {
        "mean": np.ravel(normalization.mean),
        "std": np.sqrt(np.ravel(normalization.variance)),
        "local": dense.reshape(len(dense), -1),
        "local_bias": bias.ravel(),
    }
    for index, layer in enumerate(teacher.layers[4:]):
        found |= {f"kernel_{index}": layer.kernel.numpy(), f"bias_{index}": layer.bias.numpy()}
    found = {name: np.asarray(array, np.float32) for name, array in found.items()}
    return found | {"shape": np.array([-1, n_positions, n_filters], np.int64)}
