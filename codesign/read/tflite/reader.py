"""A TensorFlow Lite file as a network.

What eight-bit tensors stand for is worked out in real numbers and rounded to their codes, half to even, behind each
operator. Sums are exact so; TensorFlow Lite rounds some products with a multiplier of 31 bits, so that a result between
two codes may become the other one.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign._untrusted.text import open_file
from codesign.errors import CodesignError, UnreadableError, UnsupportedLayerError, nearest
from codesign.model_files import ModelFile
from codesign.network.ops import Activation
from codesign.read.in_file import in_file
from codesign.read.onnx.flow import Flow
from codesign.read.onnx.nodes import Steps
from codesign.read.onnx.reader import input_flow, network_of, output_value
from codesign.read.onnx.records import OnnxGraph, OnnxModel, OnnxNode, OnnxValue
from codesign.read.onnx.rounding import Grid
from codesign.read.onnx.tensors import DTYPES
from codesign.read.onnx.walk import Call, Walk
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading
from codesign.read.tflite.call import Blocks, LiteCall
from codesign.read.tflite.operators import OPERATORS
from codesign.read.tflite.records import LiteModel, LiteOperator, LiteTensor, parse_model

_OPSET = 21
_LARGEST = 512 * 2**20
# What NumPy and the reader say of options and inputs that no converter writes.
_STRANGE = (
    *(ValueError, IndexError, TypeError, KeyError, AttributeError),
    *(OverflowError, ZeroDivisionError, StopIteration, MemoryError),
)
# What gives no other codes than it takes, where both are in the same steps.
_MOVES = (
    *("RESHAPE", "TRANSPOSE", "SQUEEZE", "EXPAND_DIMS", "SLICE", "STRIDED_SLICE", "GATHER", "MAX_POOL_2D", "UNPACK"),
    *("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"),
)
_UNBOUNDED = ("RSQRT", "DIV", "LOG", "POW", "EXP")  # infinities become the largest code


def read_tflite(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a file of TensorFlow Lite; nothing in it is run.

    Raises:
        DataError: for a damaged file, or one newer than is known.
        UnsupportedLayerError: for an operator that has no place in a network; it names the tensor that it gives.
    """
    with in_file(file.path):
        with open_file(file.path) as opened:
            model = parse_model(memoryview(opened.read(_LARGEST)))
        return _read(model, options)


def _read(model: LiteModel, options: ReadOptions) -> Reading:
    walk = Walk(OnnxModel(OnnxGraph("network", (), {}, (), ()), {"": _OPSET}), None)
    steps, scope = Steps(walk), {}
    for place, tensor in enumerate(model.tensors):
        if tensor.values is not None:
            scope[place] = _real_constant(tensor)
    names = [_name(model.tensors[place], place) for place in model.inputs]
    for place, name in zip(model.inputs, names):
        scope[place] = _input(walk, model.tensors[place], name, (options, names))
    for number, operator in enumerate(model.operators):
        _run(steps, model, (operator, number), scope)
    missing = next((place for place in model.outputs if place not in scope), None)
    if missing is not None:
        raise UnreadableError(f"an output '{model.tensors[missing].name[:60]}' that no operator gives")
    outputs = [_output(walk, model.tensors[place], scope[place]) for place in model.outputs]
    outputs = [one for one in outputs if one is not None]
    if not outputs:
        raise UnsupportedLayerError("expected an output that depends on the events. Received: constants alone")
    return Reading(network_of(walk, outputs), about=model.about, assumed=tuple(dict.fromkeys(walk.assumed)))


def _name(tensor: LiteTensor, place: int) -> str:
    """A name without TensorFlow's scopes and numbers."""
    name = tensor.name.removeprefix("serving_default_").partition(":")[0].partition(";")[0].strip("/")
    return name.replace("/", "_") or f"tensor_{place}"


def _real_constant(tensor: LiteTensor) -> np.ndarray:
    if not tensor.is_quantised:
        values = tensor.values
        return values.astype(np.float32) if values.dtype == np.float16 else values
    shape = [1] * tensor.values.ndim
    if tensor.scale.size > 1:
        shape[tensor.axis] = tensor.scale.size
    scale, zero = (one.astype(np.float64).reshape(shape) for one in (tensor.scale, tensor.zero_point))
    return (tensor.values - zero) * scale


def _grid(tensor: LiteTensor) -> Grid:
    shape = [1] * len(tensor.sizes)
    if tensor.scale.size > 1:
        shape[tensor.axis] = tensor.scale.size
    else:
        shape = []
    scale, zero = (np.asarray(one, np.float64).reshape(shape) for one in (tensor.scale, tensor.zero_point))
    bits = 8 * tensor.dtype.itemsize
    return Grid(scale, zero, bits, tensor.dtype.kind == "i")


def _call(walk: Walk, name: str) -> Call:
    return Call(walk, OnnxNode("Identity", "", name, (), (), {}), name, ())


def _input(walk: Walk, tensor: LiteTensor, name: str, given: tuple[ReadOptions, Sequence[str]]) -> Flow:
    options, names = given
    kind = next(key for key, dtype in DTYPES.items() if dtype == tensor.dtype)
    flow = input_flow(walk, OnnxValue(name, kind, tensor.sizes), options, names)
    if not tensor.is_quantised:
        return flow
    walk.assumed.append(f"the input '{name}' takes whole numbers of {tensor.dtype}, as the file does")
    found = LiteCall(Steps(walk), LiteOperator("QUANTIZE", (), (), None), name, (), ())
    centred = found.onnx("Sub", flow.with_value(flow.value, np.dtype(np.float32)), tensor.zero_point[0].astype(float))
    return found.onnx("Mul", centred, tensor.scale[0].astype(float))


def _output(walk: Walk, tensor: LiteTensor, found: object) -> object:
    name = _name(tensor, 0)
    if isinstance(found, Flow) and tensor.is_quantised:
        found = _grid(tensor).codes(_call(walk, name), found)
        walk.assumed.append(f"the output '{name}' gives whole numbers of {tensor.dtype}, as the file does")
    return output_value(walk, OnnxValue(name, None, None), found)


def _run(steps: Steps, model: LiteModel, numbered: tuple[LiteOperator, int], scope: dict[int, object]) -> None:
    """Read an operator into the scope."""
    operator, number = numbered
    results = tuple(model.tensors[place] for place in operator.outputs)
    name = _name(results[0], operator.outputs[0]) if results else f"operator_{number}"
    where = f"operator {number} ({operator.operation}), which gives '{name[:60]}'"
    missing = next((place for place in operator.inputs if place >= 0 and not _is_there(model, place, scope)), None)
    if missing is not None:
        raise UnreadableError(f"{where}: takes '{model.tensors[missing].name[:60]}', which nothing before it gives")
    values = tuple(scope.get(place) if place >= 0 else None for place in operator.inputs)
    try:
        if operator.operation not in OPERATORS:
            received = f"{operator.operation}{nearest(operator.operation, OPERATORS)}"
            raise UnsupportedLayerError(f"expected an operator that a network has. Received: {received}")
        found = OPERATORS[operator.operation](LiteCall(steps, operator, name, values, results))
        found = found if isinstance(found, tuple) else (found,)
        for place, value in zip(operator.outputs, found):
            scope[place] = _rounded(steps.walk, model, (operator, place), value)
    except CodesignError as error:
        raise type(error)(f"{where}: {error}") from None
    except _STRANGE as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise UnreadableError(f"{where}: options or inputs that do not fit ({said})") from None


def _is_there(model: LiteModel, place: int, scope: Mapping[int, object]) -> bool:
    return place in scope or model.tensors[place].values is not None or 0 in model.tensors[place].sizes


def _rounded(walk: Walk, model: LiteModel, given: tuple[LiteOperator, int], value: object) -> object:
    """A value in the steps of its tensor."""
    operator, place = given
    tensor = model.tensors[place]
    if isinstance(value, Blocks):
        return Blocks(_rounded(walk, model, given, value.flow), value.size)
    if not isinstance(value, Flow) or not tensor.is_quantised or tensor.dtype.itemsize > 2:
        return value
    source = model.tensors[operator.inputs[0]] if operator.inputs and operator.inputs[0] >= 0 else tensor
    is_same = np.array_equal(source.scale, tensor.scale) and np.array_equal(source.zero_point, tensor.zero_point)
    if operator.operation in _MOVES and is_same:
        return value
    call, grid = _call(walk, _name(tensor, place)), _grid(tensor)
    if operator.operation in _UNBOUNDED:
        ends = [(end - tensor.zero_point[0]) * float(tensor.scale[0]) for end in (grid.low, grid.high)]
        value = call.apply(Activation("clip", min_value=ends[0], max_value=ends[1]), value)
    return grid.of_flow(call, value)
