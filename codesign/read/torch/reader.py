"""A program of torch.export as a network."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from codesign.errors import CodesignError, UnreadableError, UnsupportedLayerError, nearest
from codesign.model_files import ModelFile
from codesign.read.in_file import in_file
from codesign.read.onnx.nodes import Steps
from codesign.read.onnx.reader import input_flow, network_of, output_value
from codesign.read.onnx.records import OnnxGraph, OnnxModel, OnnxValue
from codesign.read.onnx.tensors import DTYPES as ONNX_TYPES
from codesign.read.onnx.walk import Walk
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading
from codesign.read.torch.archive import ProgramArchive
from codesign.read.torch.call import TorchCall, of_numbers
from codesign.read.torch.operators import OPERATORS
from codesign.read.torch.program import Symbol, TorchInput, TorchNode, TorchProgram, parse_program
from codesign.read.torch.storage import DTYPES

_OPSET = 21
_CHECKS = (
    "aten._assert_scalar",
    "aten._assert_async",
    "aten.sym_constrain_range_for_size",
    "aten._assert_tensor_metadata",
)


def read_torch_export(file: ModelFile, options: ReadOptions) -> Reading:
    """Read what torch.export.save wrote; nothing in it is run or unpickled.

    Raises:
        DataError: for a damaged file, or one of a schema newer than is known.
        UnsupportedLayerError: for an operator that has no place in a network; it names the module.
    """
    return read_program(file.path, options, str(file.path))


def read_program(path: Path, options: ReadOptions, where: str) -> Reading:
    """Read what torch.export.save wrote; `where` is for messages."""
    with in_file(where, misfit="a program whose parts do not fit ({}); save it again"):
        archive = ProgramArchive(path)
        program = parse_program(archive.program())
        return _read(program, archive.tensors(), options)


def _read(program: TorchProgram, tensors: Mapping[str, np.ndarray], options: ReadOptions) -> Reading:
    walk = Walk(OnnxModel(OnnxGraph("network", (), {}, (), ()), {"": _OPSET}), None)
    scope: dict[str, object] = {}
    for name, own in program.constants.items():
        if own not in tensors:
            raise UnreadableError(f"tensor '{own[:60]}' that is not in the archive; save the program again")
        scope[name] = tensors[own]
    if not program.inputs or not program.outputs:
        raise UnreadableError("a program without inputs or outputs")
    given = [_value(one) for one in program.inputs]
    for one in given:
        scope[one.name] = input_flow(walk, one, options, [other.name for other in given])
    steps = Steps(walk)
    for node in program.nodes:
        _run(steps, node, scope)
    missing = next((name for name in program.outputs if scope.get(name) is None), None)
    if missing is not None:
        raise UnreadableError(f"an output '{missing[:60]}' that no node gives")
    outputs = [output_value(walk, OnnxValue(name, None, None), scope[name]) for name in program.outputs]
    outputs = [one for one in outputs if one is not None]
    if not outputs:
        raise UnsupportedLayerError("expected an output that depends on the events. Received: constants alone")
    return Reading(network_of(walk, outputs), about=program.about, assumed=tuple(dict.fromkeys(walk.assumed)))


def _value(one: TorchInput) -> OnnxValue:
    kind = next((key for key, dtype in ONNX_TYPES.items() if dtype == DTYPES[one.dtype]), 1)
    return OnnxValue(one.name, kind, one.sizes)


def _run(steps: Steps, node: TorchNode, scope: dict[str, object]) -> None:
    """Read a node into the scope."""
    if node.operation in _CHECKS:
        return
    name = (node.module or next((one for one in node.outputs if one), "") or node.operation).replace(".", "_")
    call = TorchCall(steps, node, name, {key: _resolved(value, scope) for key, value in node.arguments.items()})
    try:
        found = _read_one(call)
    except CodesignError as error:
        raise call.named(error) from None
    except (ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError, ZeroDivisionError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise call.named(UnreadableError(f"arguments that do not fit ({said})")) from None
    found = found if isinstance(found, tuple) else (found,)
    scope |= {one: value for one, value in zip(node.outputs, found) if one}


def _read_one(call: TorchCall) -> object:
    operation = call.node.operation
    if operation.startswith(("_operator.", "math.")):
        return of_numbers(call)
    in_place = operation.removesuffix("_") if operation.endswith("_") else operation
    read = OPERATORS.get(operation) or OPERATORS.get(in_place)
    if read is None:
        received = f"{operation[:60]}{nearest(operation, OPERATORS)}"
        raise UnsupportedLayerError(
            f"expected an operator that a network has. Received: {received}; as_teacher takes the module itself"
        )
    return read(call)


def _resolved(value: object, scope: Mapping[str, object]) -> object:
    if isinstance(value, Symbol):
        if scope.get(value.name) is None:
            raise UnreadableError(f"a node that takes '{value.name[:60]}', which no node before it gives")
        return scope[value.name]
    return (
        [_resolved(one, scope) for one in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else value
    )
