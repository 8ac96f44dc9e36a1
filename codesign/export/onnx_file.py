"""A FloatChain as an ONNX file: standardisation, Gemm, activations and quantizers, for any number of events."""

from collections.abc import Mapping, Sequence
from os import PathLike
from types import MappingProxyType, ModuleType

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign._version import __version__
from codesign.errors import DataError, EnvironmentSetupError
from codesign.export.float_chain import FloatChain
from codesign.export.rounding import Rounding
from codesign.extras import EXTRAS

_OPSET = 13  # the first whose softmax takes the last axis; nothing newer is used, so that old runtimes read the file
_NODES = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax"}


@checked
def write_onnx(chain: FloatChain, path: str | PathLike) -> None:
    """Write the chain with one input ``x``, (events, n_inputs), and one output ``y``, (events, n_outputs), float32.

    The names of features and outputs are kept as the file's metadata, separated by line ends. Nothing is compared with the model:
    :func:`codesign.export_model` does that.

    Raises:
        DataError: if the place is not writable.
        EnvironmentSetupError: without the package onnx.
    """
    nodes, constants = _graph(chain, _require("onnx").helper)
    metadata = {"input_names": "\n".join(chain.input_names), "output_names": "\n".join(chain.output_names)}
    write_graph(path, nodes, constants, name=chain.name, sizes=(chain.n_inputs, chain.n_outputs), metadata=metadata)


def write_graph(
    path: str | PathLike,
    nodes: Sequence[object],
    constants: Mapping[str, np.ndarray],
    *,
    name: str,
    sizes: tuple[int, int],
    metadata: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Check and write a graph from ``x``, (events, n_inputs), to ``y``, (events, n_outputs), float32.

    Args:
        nodes: of operator set 13, in order.
        constants: by name.
        name: of the graph.
        sizes: n_inputs and n_outputs.
        metadata: of the file.

    Raises:
        DataError: if the place is not writable.
        EnvironmentSetupError: without the package onnx.
    """
    onnx = _require("onnx")
    values = [
        onnx.helper.make_tensor_value_info(key, onnx.TensorProto.FLOAT, ["events", size])
        for key, size in zip("xy", sizes)
    ]
    tensors = [onnx.numpy_helper.from_array(array, key) for key, array in constants.items()]
    graph = onnx.helper.make_graph(nodes, name, values[:1], values[1:], tensors)
    opset = onnx.helper.make_opsetid("", _OPSET)
    options = {"producer_name": "codesign", "producer_version": __version__, "opset_imports": [opset]}
    model = onnx.helper.make_model(graph, **options, ir_version=onnx.helper.find_min_ir_version_for([opset]))
    onnx.helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    replace_file(path, model.SerializeToString(), "the network")


def predict_onnx(path: str | PathLike, x: np.ndarray) -> np.ndarray:
    """Evaluate x, (n_events, n_inputs), with ONNX Runtime, one thread, to (n_events, n_outputs) float32.

    Raises:
        DataError: for a file that ONNX Runtime cannot read.
        EnvironmentSetupError: without the package onnxruntime.
    """
    onnxruntime = _require("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no base
        raise DataError(f"path: expected an ONNX file. Received: {path} ({str(error).splitlines()[0]})") from None
    return session.run(None, {"x": np.ascontiguousarray(x, np.float32)})[0]


def _graph(chain: FloatChain, helper: ModuleType) -> tuple[list[object], dict[str, np.ndarray]]:
    """Return the nodes in order, and the constants by name."""
    nodes, constants, value = [], {}, "x"
    for name, operation, array, neutral in (("offset", "Add", chain.offset, 0), ("scale", "Mul", chain.scale, 1)):
        if (array != neutral).any():
            nodes.append(helper.make_node(operation, [value, name], [f"x_{name}"], f"standardise_{name}"))
            constants[name], value = array, f"x_{name}"
    if chain.input_rounding is not None:
        value = _Quantisation(chain.input_rounding, "input", nodes, constants).append(value)
    for index, layer in enumerate(chain.layers):
        kernel, bias, total = f"kernel_{index}", f"bias_{index}", f"sum_{index}"
        nodes.append(helper.make_node("Gemm", [value, kernel, bias], [total], f"dense_{index}"))
        constants[kernel], constants[bias] = layer.kernel, layer.bias
        value = f"layer_{index}" if layer.activation in _NODES else total
        if layer.activation in _NODES:
            nodes.append(helper.make_node(_NODES[layer.activation], [total], [value], f"{layer.activation}_{index}"))
        if layer.rounding is not None:
            value = _Quantisation(layer.rounding, str(index), nodes, constants).append(value)
    nodes[-1].output[0] = "y"
    return nodes, constants


class _Quantisation:
    """Appends ``step * overflow(round(value * scale))`` to a graph."""

    def __init__(self, rounding: Rounding, name: str, nodes: list[object], constants: dict[str, np.ndarray]) -> None:
        self._rounding, self._name, self._nodes, self._constants = rounding, name, nodes, constants

    def append(self, value: str) -> str:
        """Return the name of what the value becomes."""
        rounding = self._rounding
        codes = self._step("Mul", value, rounding.scale)
        if rounding.rounding == "RND":
            codes = self._step("Add", codes, np.float32(0.5))
        codes = self._step("Round" if rounding.rounding == "RND_CONV" else "Floor", codes)
        if rounding.wraps:
            codes = self._without_turns(codes, rounding.span)
            if (rounding.low < 0).any():
                codes = self._without_turns(codes, rounding.span / 2)
        elif rounding.is_same_for_all:
            codes = self._step("Clip", codes, rounding.low[0], rounding.high[0])
        else:
            codes = self._step("Min", self._step("Max", codes, rounding.low), rounding.high)
        return self._step("Mul", codes, rounding.step)

    def _without_turns(self, codes: str, turn: np.ndarray) -> str:
        """Take a span off for every full turn."""
        turns = self._step("Mul", self._step("Floor", self._step("Mul", codes, 1 / turn)), self._rounding.span)
        return self._step("Sub", codes, turns)

    def _step(self, operation: str, source: str, *operands: np.ndarray | str) -> str:
        result = f"quantise_{self._name}_{len(self._nodes)}"
        names = [operand if isinstance(operand, str) else f"{result}_{index}" for index, operand in enumerate(operands)]
        arrays = {
            name: np.asarray(operand, np.float32)
            for name, operand in zip(names, operands)
            if not isinstance(operand, str)
        }
        self._constants.update(arrays)
        self._nodes.append(_require("onnx").helper.make_node(operation, [source, *names], [result], result))
        return result


def _require(package: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError:
        raise EnvironmentSetupError(
            f"{package}: expected the package for ONNX files. It is missing: {EXTRAS['onnx'].install_hint}"
        ) from None
