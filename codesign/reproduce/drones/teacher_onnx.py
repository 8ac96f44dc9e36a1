"""The paper's teacher as an ONNX file."""

from os import PathLike

import numpy as np

from codesign._keras import keras
from codesign.export import write_onnx
from codesign.network import Input, Network, Node
from codesign.network.ops import Activation, Affine, Dense, Max, Reshape


def write_teacher_onnx(teacher: keras.Model, path: str | PathLike) -> None:
    """Write the teacher with one input ``x``, (events, n_inputs), and one output ``y``, (events, 1), float32.

    The locally connected layer is one dense layer with zeros between features and filters that do not meet, then maxima
    over the positions: at these sizes faster in ONNX Runtime than a grouped convolution.

    Args:
        teacher: from :func:`codesign.drone.teachers.paper`.
    """
    normalization, local = teacher.layers[0], teacher.layers[2]
    factor = 1 / np.sqrt(np.ravel(normalization.variance))
    kernel, bias = _local_dense(local, teacher.input_shape[-1])
    ops = [Affine(factor, -np.ravel(normalization.mean) * factor), Dense(kernel.reshape(len(kernel), -1), bias)]
    ops += [Reshape(kernel.shape[1:]), Max(1), Activation("relu")]
    for layer, function in zip(teacher.layers[4:], ("relu", "sigmoid")):
        ops += [Dense(layer.kernel.numpy(), layer.bias.numpy()), Activation(function)]
    names = ["x", *(f"{op.name}_{index}" for index, op in enumerate(ops))]
    nodes = [Node(name, op, (source,)) for source, name, op in zip(names, names[1:], ops)]
    write_onnx(Network(nodes, [Input("x", (len(kernel),))], names[-1:]), path, name=teacher.name)


def _local_dense(local: keras.layers.Layer, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (n_features, positions, filters) and (positions * filters,)."""
    kernel = local.kernel.numpy()  # (positions, size, filters)
    dense = np.zeros((n_features, len(kernel), kernel.shape[2]))
    for position, weights in enumerate(kernel):
        dense[position : position + kernel.shape[1], position] = weights
    return dense, local.bias.numpy().ravel()
