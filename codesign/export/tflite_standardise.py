"""Put ``(x + offset) * scale`` before the first operator of a TFLite model, in float."""

import copy

import numpy as np


def put_standardisation_first(content: bytes, offset: np.ndarray, scale: np.ndarray) -> bytes:
    """Return the model with the standardisation before it; unchanged if offset is 0 and scale is 1 everywhere.

    Args:
        content: a TFLite model of one subgraph whose input is (events, n_inputs) float32.
        offset, scale: (n_inputs,) float32.
    """
    if not offset.any() and (scale == 1).all():
        return content
    from codesign._keras import tflite_flatbuffers

    schema, flatbuffer_utils = tflite_flatbuffers()
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    graph = model.subgraphs[0]
    standardised = int(graph.inputs[0])
    x, shifted = (_like(graph, standardised, name) for name in ("x", "x_offset"))
    added = []
    for kind, array, source, target in (("Add", offset, x, shifted), ("Mul", scale, shifted, standardised)):
        operator = schema.OperatorT()
        operator.opcodeIndex = _operator_code(model, schema, kind.upper())
        operator.inputs, operator.outputs = [source, _constant(model, schema, array, f"standardise_{kind}")], [target]
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, f"{kind}Options")
        operator.builtinOptions = getattr(schema, f"{kind}OptionsT")()
        added.append(operator)
    graph.operators = added + graph.operators
    graph.inputs = [x]
    for signature in model.signatureDefs or []:
        signature.inputs[0].tensorIndex = x
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


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
