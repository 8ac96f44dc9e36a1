"""An hls4ml project as a Reading."""

from math import prod

from codesign.errors import DataError
from codesign.model_files import ModelFile
from codesign.network import Network
from codesign.read.graph_builder import Value, used_nodes
from codesign.read.hls4ml_project.about import about_project
from codesign.read.hls4ml_project.layer import Layer, Walk
from codesign.read.hls4ml_project.layers import read_layer
from codesign.read.hls4ml_project.project import Project
from codesign.read.hls4ml_project.tokens import Expression
from codesign.read.hls4ml_project.top_function import TopReader
from codesign.read.hls4ml_project.tree import SourceTree
from codesign.read.in_file import in_file
from codesign.read.names import Names
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading

_MOST_VALUES = 2**24
_FORMAT = "hls4ml project"


def read_hls4ml_project(file: ModelFile, options: ReadOptions) -> Reading:
    """Read the firmware of an hls4ml project: its numbers, its types, and its layers in the order of their calls.

    Args:
        file: the project's folder, its folder firmware, a folder with its sources alone, or the archive of one.
        options: sizes of inputs that the sources leave open.

    Raises:
        DataError: for a piece that is missing; it names it.
        UnsupportedLayerError: for a layer that is not read; it names the layer and hls4ml's function.
        PrecisionError: for types that are not fixed-point, or wider than 62 bits.
    """
    project = Project.find(SourceTree.of(file.path))
    with in_file(file.path, damaged="expected the C++ of hls4ml. Received: "):
        walk = Walk(project, TopReader(project).read())
        network = _network(walk, options)
        return Reading(
            network,
            Names(_identifier(project.top.name)),
            about_project(walk, _FORMAT),
            walk.assumed,
            walk.reuse_factors,
        )


def _network(walk: Walk, options: ReadOptions) -> Network:
    written = {name for call in walk.top.calls for name in call.written}
    inputs = [name for name in walk.top.parameters if name not in written]
    if not inputs:  # filled from elsewhere
        read = [name for call in walk.top.calls for name in call.arguments]
        inputs = [name for name in dict.fromkeys(read) if name in walk.top.variables and name not in written]
    walk.assumed += [f"a loop in front of the first layer is left out: {text[:80]}" for text in walk.top.before]
    for name in inputs:
        if name not in walk.top.variables:
            raise DataError(f"top function: expected a declaration of '{name}'. Received: none")
        variable = walk.top.variables[name]
        is_known = variable.size and not variable.is_stream
        shape = (variable.size,) if is_known else _shape_of_input(walk, name, options, inputs)
        if prod(shape) > _MOST_VALUES:
            raise DataError(
                f"top function: expected at most {_MOST_VALUES:,} values of '{name}'. Received: {prod(shape)}"
            )
        walk.values[name] = walk.graph.add_input(name, shape, variable.type.fixed)
        walk.types[walk.values[name].name] = variable.type
    for call in walk.top.calls:
        read_layer(Layer(walk, call))
    outputs = _outputs(walk, inputs)
    names = walk.graph.as_outputs(outputs)
    nodes = used_nodes(walk.graph.nodes, names)
    return Network(nodes, walk.graph.inputs, names)


def _shape_of_input(walk: Walk, name: str, options: ReadOptions, inputs: list[str]) -> tuple[int, ...]:
    """The size of an input, from the first layer that takes it; of a stream, of all its places."""
    taking = next((call for call in walk.top.calls if name in call.arguments and name not in call.written), None)
    if taking is not None and taking.function == "clone_stream" and len(taking.types) > 2:
        size = Expression(taking.types[2], walk.project.constant).value()
        if isinstance(size, int) and size > 0:
            return (size,)
    config = taking.config if taking is not None else None
    place = 1 if taking is not None and list(taking.arguments).index(name) == 0 else 2
    for sizes in (
        ("in_height", "in_width", "n_chan"),
        ("in_width", "n_chan"),
        ("n_in",),
        (f"n_elem{place}",),
        ("n_elem",),
    ):
        if config is not None and all(config.has(size) for size in sizes):
            return (prod(config.whole(size) for size in sizes),)
    if walk.top.variables[name].size:
        return (walk.top.variables[name].size,)
    return options.shape_of(name, (None,), inputs)


def _outputs(walk: Walk, inputs: list[str]) -> list[Value]:
    found = [walk.values[name] for name in walk.top.parameters if name in walk.values and name not in inputs]
    if not found and walk.top.returned in walk.values:
        found = [walk.values[walk.top.returned]]
    if not found:
        raise DataError("top function: expected an output that a layer writes. Received: none")
    return found


def _identifier(name: str) -> str:
    plain = name.split("::")[0]
    return plain if plain.isidentifier() and plain.isascii() else "network"


__all__ = ["read_hls4ml_project"]
