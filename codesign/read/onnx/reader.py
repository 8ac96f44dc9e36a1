"""An ONNX file as a network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from codesign._untrusted.text import open_file
from codesign.errors import UnreadableError, UnsupportedLayerError
from codesign.model_files import ModelFile
from codesign.network import Network
from codesign.read.fold import Folder
from codesign.read.graph_builder import Value, used_nodes, with_trained_types
from codesign.read.in_file import in_file
from codesign.read.names import Names
from codesign.read.onnx.flow import BATCH, EVENTS, Flow, event_flow
from codesign.read.onnx.nodes import Steps
from codesign.read.onnx.operators import OPERATORS
from codesign.read.onnx.quantised import has_quantisers, with_biases, with_constant_types
from codesign.read.onnx.records import OnnxModel, OnnxNode, OnnxValue, parse_model
from codesign.read.onnx.stated import Stated
from codesign.read.onnx.tensors import DTYPES, TensorOpener
from codesign.read.onnx.walk import Call, Walk
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading

_FIRST_OPSET, _ASSUMED_OPSET = 7, 13
_LARGEST = 512 * 2**20


def read_onnx(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a file of ONNX; nothing in it is run, and no file outside its folder is opened.

    Raises:
        DataError: for a damaged file, or operators newer than are known.
        UnsupportedLayerError: for an operator that has no place in a network; it names the node.
    """
    with in_file(file.path):
        with open_file(file.path) as opened:
            model = parse_model(memoryview(opened.read(_LARGEST)))
        assumed = []
        if "" not in model.opsets:
            assumed.append(f"the file states no version of ONNX's operators: {_ASSUMED_OPSET} was taken")
            model = replace(model, opsets={**model.opsets, "": _ASSUMED_OPSET})
        _check_versions(model)
        opener = TensorOpener(Path(file.path).parent)
        return _read(Walk(model, opener, stated=Stated.of(model.metadata), assumed=assumed), options)


def _check_versions(model: OnnxModel) -> None:
    for domain, (newest, _) in OPERATORS.items():
        version, oldest = model.opsets.get(domain, newest), 1 if domain else _FIRST_OPSET
        if not oldest <= version <= newest:
            raise UnreadableError(
                f"expected operators of {domain or 'ONNX'}, version {oldest} to {newest}. Received: version "
                f"{version}; export it with opset_version={newest}"
            )


def _read(walk: Walk, options: ReadOptions) -> Reading:
    graph, scope = walk.model.graph, {}
    given = [one for one in graph.inputs if one.name not in graph.tensors]
    if not given:
        raise UnreadableError("expected a graph with an input. Received: none")
    for one in given:
        scope[one.name] = input_flow(walk, one, options, [other.name for other in given])
    Steps(walk).run_graph(graph, scope)
    missing = next((one.name for one in graph.outputs if one.name not in scope), None)
    if missing is not None or not graph.outputs:
        raise UnreadableError(f"expected outputs that a node gives. Received: '{(missing or 'none')[:60]}'")
    outputs = [output_value(walk, one, scope[one.name]) for one in graph.outputs]
    outputs = [one for one in outputs if one is not None]
    if not outputs:
        raise UnsupportedLayerError("expected an output that depends on the events. Received: constants alone")
    network = network_of(walk, outputs)
    about = {"format": "ONNX", "ir_version": str(walk.model.ir_version), "producer": walk.model.producer}
    about |= {f"opset {domain or 'ai.onnx'}": str(version) for domain, version in walk.model.opsets.items()}
    return Reading(network, _names(walk.model, network), about, tuple(dict.fromkeys(walk.assumed)))


def network_of(walk: Walk, outputs: Sequence[Value]) -> Network:
    builder = walk.builder
    names = builder.as_outputs(outputs)
    nodes = used_nodes(builder.nodes, names)
    is_quantised = has_quantisers(nodes)
    if is_quantised:
        nodes, names = with_biases(nodes, names)
    else:
        nodes, names = Folder(names, frozenset(one.name for one in builder.inputs)).fold(nodes)
    taken = {name for node in nodes for name in node.inputs}
    inputs = []
    for one in builder.inputs:
        if one.name in taken or walk.stated.inputs:
            inputs.append(one)
        else:
            walk.assumed.append(f"nothing takes the input '{one.name}': it was left out")
    network = with_trained_types(Network(nodes, inputs, names))
    if not is_quantised:
        return network
    return walk.stated.typed(with_constant_types(network), walk.origins)


def input_flow(walk: Walk, one: OnnxValue, options: ReadOptions, names: Sequence[str]) -> Flow:
    """An input of the network: the first axis is that of the events, but for an input of one axis."""
    kind = DTYPES.get(one.type or 1, np.dtype(object))
    if kind.kind not in "fiub":
        raise UnsupportedLayerError(f"input '{one.name}': expected numbers. Received: ONNX's type {one.type}")
    sizes = [size if isinstance(size, int) and size > 0 else None for size in one.sizes or ()]
    if one.sizes is None:
        given = options.input_shapes
        given = given.get(one.name) if isinstance(given, Mapping) else given
        if given is None:
            raise UnsupportedLayerError(
                f"input '{one.name}': expected sizes. Received: none in the file; say them: input_shapes="
                f"{{'{one.name}': (16,)}}, on the command line --input-shape"
            )
        sizes = [None] * (1 + len(given))
    has_events = len(sizes) > 1 or sizes == [None]
    if has_events and sizes[0] is not None:
        if sizes[0] > 1:
            walk.assumed.append(
                f"the first size of the input '{one.name}', {sizes[0]}, was taken as that of the events"
            )
        walk.batch = sizes[0]
    shape = tuple(sizes[1:] if has_events else sizes)
    if not shape:
        return Flow(walk.builder.add_input(one.name, (1,)), ((EVENTS,),) if has_events else (), kind)
    shape = options.shape_of(one.name, shape, names)
    if any(size % BATCH == 0 for size in shape):
        raise UnsupportedLayerError(f"input '{one.name}': expected fewer values. Received: {max(shape):,}")
    return event_flow(walk.builder.add_input(one.name, shape), kind, has_events=has_events)


def output_value(walk: Walk, one: OnnxValue, found: object) -> Value | None:
    """A value of the network, its axes in ONNX's order behind the events."""
    if not isinstance(found, Flow):
        walk.assumed.append(f"output '{one.name}' does not depend on the events: it was left out")
        return None
    call = Call(walk, OnnxNode("Identity", "", one.name, (), (), {}), one.name, (found,))
    return call.plain(found).value


def _names(model: OnnxModel, network: Network) -> Names:
    """The names of all values, where the file holds them as codesign writes them."""
    keys = {"input_names": network.n_inputs, "output_names": network.n_outputs}
    given = {key: tuple(model.metadata.get(key, "").split("\n")) for key in keys}
    inputs, outputs = (names if len(set(names)) == len(names) == keys[key] else () for key, names in given.items())
    name = re.sub(r"\W", "_", model.graph.name, flags=re.ASCII) or "network"
    names = Names(name if name.isidentifier() else f"_{name}", inputs, outputs)
    return names.of(network) if inputs or outputs else names
