"""A program of torch.export as records: what it takes, its nodes, what it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codesign.errors import UnreadableError
from codesign.read.torch.storage import DTYPES

NEWEST_SCHEMA = 8
_MOST_NODES = 100_000
_CONSTANTS = ("parameter", "buffer", "tensor_constant")


@dataclass(frozen=True)
class Symbol:
    """A name that stands for what an earlier node gives, or a size that the events decide."""

    name: str


@dataclass(frozen=True)
class TorchNode:
    """One node.

    Args:
        operation: ``aten.linear``; an operation of whole numbers is ``_operator.mul``.
        overload: ``default``, ``dim``, ...
        arguments: by name, in order; a :class:`Symbol` where an earlier node gives them.
        outputs: names of what it gives; an empty one is not used.
        module: the path of the module that it is from, such as ``phi.0``.
    """

    operation: str
    overload: str
    arguments: Mapping[str, object]
    outputs: tuple[str, ...]
    module: str = ""


@dataclass(frozen=True)
class TorchInput:
    """What the caller gives: its name, ONNX's or torch's number of its type, its sizes, None where one is open."""

    name: str
    dtype: int
    sizes: tuple[int | None, ...]


@dataclass(frozen=True)
class TorchProgram:
    """A program.

    Args:
        inputs: of the caller's.
        constants: the name that the program calls each by, and the name of its tensor in the archive.
        nodes: in order.
        outputs: names.
        about: of itself: version of its schema, of PyTorch.
    """

    inputs: tuple[TorchInput, ...]
    constants: Mapping[str, str]
    nodes: tuple[TorchNode, ...]
    outputs: tuple[str, ...]
    about: Mapping[str, str]


def parse_program(content: Mapping) -> TorchProgram:
    """Return the records of a program's JSON.

    Raises:
        UnreadableError: for a schema newer than is known, or what is no program.
    """
    try:
        version = _version(content)
        module = content["graph_module"]
        graph, signature = module["graph"], module["signature"]
        nodes = tuple(_node(one) for one in _listed(graph["nodes"]))
        inputs, constants = _inputs(signature["input_specs"], graph["tensor_values"])
        outputs = tuple(_output(one) for one in signature["output_specs"])
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        said = f"{type(error).__name__}: {error}"[:80]
        raise UnreadableError(f"a program that is none of torch.export ({said}); save it again") from None
    about = {"format": "torch.export", "version": version}
    if isinstance(content.get("torch_version"), str):
        about["producer"] = f"PyTorch {content['torch_version']}"
    return TorchProgram(inputs, constants, nodes, tuple(one for one in outputs if one), about)


def _version(content: Mapping) -> str:
    schema = content.get("schema_version")
    major, minor = (schema["major"], schema["minor"]) if isinstance(schema, dict) else (schema, 0)
    if isinstance(major, bool) or not isinstance(major, int):
        raise UnreadableError("a program without the version of its schema; save it again")
    if major > NEWEST_SCHEMA:
        raise UnreadableError(
            f"a program of schema {major}; known are those to {NEWEST_SCHEMA}, of PyTorch 2.1 to 2.14: export it with "
            "one of these, or as ONNX"
        )
    return f"{major}.{minor}"


def _listed(value: object) -> Sequence:
    if not isinstance(value, list) or len(value) > _MOST_NODES:
        raise UnreadableError(f"a program of more than {_MOST_NODES:,} nodes, or none")
    return value


def _node(packed: Mapping) -> TorchNode:
    target = packed["target"].removeprefix("torch.ops.")
    operation, _, overload = target.rpartition(".")
    if target.startswith("_operator.") or operation.count(".") == 0:
        operation, overload = target, "default"
    arguments = {}
    for number, one in enumerate(_listed(packed["inputs"])):
        arguments[str(one.get("name") or number)] = _argument(one["arg"])
    return TorchNode(operation, overload, arguments, tuple(_names(packed["outputs"])), _module(packed.get("metadata")))


def _module(metadata: object) -> str:
    """The innermost module of ``key,path,class;key,path,class``."""
    stack = metadata.get("nn_module_stack") if isinstance(metadata, dict) else None
    parts = stack.rpartition(";")[2].split(",") if isinstance(stack, str) else []
    return parts[1][:100] if len(parts) > 2 else ""


def _names(outputs: Sequence[Mapping]) -> list[str]:
    found = []
    for one in _listed(outputs):
        ((kind, value),) = one.items()
        many = value if kind in ("as_tensors", "as_optional_tensors") else [value]
        found += [_name(each) for each in many]
    return found


def _name(value: object) -> str:
    if isinstance(value, dict):
        if "as_tensor" in value:
            return _name(value["as_tensor"])
        value = value.get("name", value.get("as_name", ""))
    return value if isinstance(value, str) else ""


def _argument(packed: object) -> object:
    """A plain value, a Symbol, or a list of these."""
    ((kind, value),) = packed.items()
    if kind == "as_none":
        return None
    if kind in ("as_tensor", "as_sym_int", "as_sym_bool", "as_sym_float"):
        return _symbol(value)
    if kind in ("as_tensors", "as_sym_ints", "as_sym_bools", "as_sym_floats", "as_optional_tensors"):
        return [_symbol(one) for one in _listed(value)]
    if kind == "as_float" and isinstance(value, str):
        return float(value)  # Infinity
    if isinstance(value, list) and len(value) > _MOST_NODES:
        raise UnreadableError("a program with a list that is too long")
    return value


def _symbol(packed: object) -> object:
    if not isinstance(packed, dict):
        return packed
    if "as_int" in packed:
        return packed["as_int"]
    if "as_none" in packed:
        return None
    name = _name(packed)
    if not name:
        raise UnreadableError(f"a program that takes {str(packed)[:60]}")
    return Symbol(name)


def _inputs(specs: object, values: Mapping) -> tuple[tuple[TorchInput, ...], dict[str, str]]:
    inputs, constants = [], {}
    for spec in _listed(specs):
        ((kind, value),) = spec.items()
        if kind in _CONSTANTS:
            constants[value["arg"]["name"]] = str(value[f"{kind}_name"])
        elif kind == "user_input":
            name = _name(value["arg"])
            if name:
                inputs.append(_input(name, values[name]))
        elif kind not in ("constant_input", "token"):
            raise UnreadableError(f"a program with {kind[:40]}; export the module in evaluation mode, module.eval()")
    return tuple(inputs), constants


def _input(name: str, meta: Mapping) -> TorchInput:
    sizes = [one.get("as_int") if isinstance(one, dict) else None for one in _listed(meta["sizes"])]
    if meta["dtype"] not in DTYPES or not all(one is None or type(one) is int for one in sizes):
        raise UnreadableError(f"input '{name[:60]}': expected numbers of known sizes")
    return TorchInput(name, meta["dtype"], tuple(sizes))


def _output(spec: Mapping) -> str:
    ((kind, value),) = spec.items()
    return _name(value["arg"]) if kind == "user_output" else ""
