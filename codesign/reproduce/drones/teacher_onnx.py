"""The paper's teacher as an ONNX file: it is no chain of dense layers, so codesign.export does not write it."""

from os import PathLike

import numpy as np

from codesign._keras import keras

_OPSET = 13


def write_teacher_onnx(teacher: keras.Model, path: str | PathLike) -> None:
    """Write the teacher with one input ``x``, (events, n_inputs), and one output ``y``, (events, 1), float32.

    The locally connected layer is one dense layer with zeros between features and filters that do not meet, then maxima over the
    positions: at these sizes faster in ONNX Runtime than a grouped convolution.

    Args:
        teacher: from :func:`codesign.drone.paper_teacher`.
    """
    import onnx
    from onnx import helper, numpy_helper

    constants = _constants(teacher)
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
    sizes = (("x", teacher.input_shape[-1]), ("y", 1))
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["events", size]) for name, size in sizes]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, teacher.name, values[:1], values[1:], tensors)
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=helper.find_min_ir_version_for([opset]))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def _constants(teacher: keras.Model) -> dict[str, np.ndarray]:
    normalization, local = teacher.layers[0], teacher.layers[2]
    kernel, bias = (weights.numpy() for weights in (local.kernel, local.bias))  # (positions, size, filters), (positions, filters)
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
