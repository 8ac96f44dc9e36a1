"""The ends of a TFLite model: names and order of inputs and outputs, and the standardisation, in float."""

import copy
from collections.abc import Mapping, Sequence

import numpy as np


def put_ends(
    content: bytes,
    inputs: Sequence[str],
    outputs: Sequence[str],
    front: Mapping[str, tuple[np.ndarray, np.ndarray]],
) -> bytes:
    """Return the model with its inputs and outputs named and in order, and the standardisation before it.

    Args:
        content: a TFLite model of one subgraph whose inputs are float32, ``in0, in1, ...`` of its signature, in any
            order.
        inputs, outputs: names.
        front: offset and scale, float32, by input.
    """
    from codesign._keras import tflite_flatbuffers

    schema, flatbuffer_utils = tflite_flatbuffers()
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    graph, signature = model.subgraphs[0], model.signatureDefs[0]
    graph.inputs = _in_order(graph, signature.inputs, "in", inputs)
    graph.outputs = _in_order(graph, signature.outputs, "output_", outputs)
    for index, name in enumerate(inputs):
        if name in front:
            _put_first(model, schema, index, *front[name])
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _in_order(graph: object, ends: Sequence[object], prefix: str, names: Sequence[str]) -> list[int]:
    """Return the tensors of a signature in order, named; the signature is put in order too."""
    ends.sort(key=lambda one: int(one.name.decode().removeprefix(prefix)))
    for one, name in zip(ends, names):
        one.name = graph.tensors[one.tensorIndex].name = name.encode()
    return [one.tensorIndex for one in ends]


def _put_first(model: object, schema: object, index: int, offset: np.ndarray, scale: np.ndarray) -> None:
    graph = model.subgraphs[0]
    standardised = int(graph.inputs[index])
    name = graph.tensors[standardised].name.decode()
    x, shifted = _like(graph, standardised, name), _like(graph, standardised, f"{name}_offset")
    graph.tensors[standardised].name = f"{name}_standardised".encode()
    added = []
    for kind, array, source, target in (("Add", offset, x, shifted), ("Mul", scale, shifted, standardised)):
        operator = schema.OperatorT()
        operator.opcodeIndex = _operator_code(model, schema, kind.upper())
        constant = _constant(model, schema, array, f"{name}_{kind}")
        operator.inputs, operator.outputs = [source, constant], [target]
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, f"{kind}Options")
        operator.builtinOptions = getattr(schema, f"{kind}OptionsT")()
        added.append(operator)
    graph.operators = added + graph.operators
    graph.inputs[index] = x
    model.signatureDefs[0].inputs[index].tensorIndex = x


def _like(graph: object, index: int, name: str) -> int:
    tensor = copy.deepcopy(graph.tensors[index])
    tensor.name = name.encode()
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _constant(model: object, schema: object, array: np.ndarray, name: str) -> int:
    buffer, tensor = schema.BufferT(), schema.TensorT()
    buffer.data = np.frombuffer(array.astype("<f4").tobytes(), np.uint8)
    model.buffers.append(buffer)
    tensor.buffer, tensor.name = len(model.buffers) - 1, name.encode()
    tensor.shape, tensor.type = array.shape, schema.TensorType.FLOAT32
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def _operator_code(model: object, schema: object, name: str) -> int:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = 1
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1
