"""How products of matrices, comparisons, choices, the place of a maximum and log softmax are written in C++."""

from math import prod

import numpy as np

from codesign.export.cpp.place import Place, Written, places_struct
from codesign.network.ops import Shape
from codesign.network.ops.moves import event_axis

_RELATIONS = {
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}


def source(places: np.ndarray, n: int, name: str) -> tuple[str, str]:
    """Return the definition and name of the struct that says where values come from."""
    if (places == np.arange(n)).all():
        return "", "Same"
    return places_struct(f"From_{name}", places), f"From_{name}"


def broadcast_sources(place: Place) -> tuple[str, list[str]]:
    """Return definitions and names of where the values of each input come from, for each of the output."""
    n, definitions, sources = prod(place.shape), "", []
    for which, shape in enumerate(place.shapes):
        places = np.broadcast_to(np.arange(prod(shape)).reshape(shape), place.shape).ravel()
        definition, name = source(places, n, f"{place.index}_{which}")
        definitions += definition
        sources.append(name)
    return definitions, sources


def write_compare(place: Place) -> Written:
    """1 or 0."""
    definitions, sources = broadcast_sources(place)
    name = f"Relation_{place.index}"
    definitions += f"struct {name} {{\n  template <class F>\n  static CODESIGN_INLINE F apply(F a, F b) noexcept {{\n"
    definitions += f"    return a {_RELATIONS[place.op.relation]} b ? F{{}} + 1.0f : F{{}};\n  }}\n}};\n\n"
    sizes = f"{prod(place.shape)}, M, {name}, {', '.join(sources)}"
    return definitions, [f"merge_values<{sizes}>({', '.join(place.inputs)}, {place.output});"]


def write_select(place: Place) -> Written:
    """One of two values."""
    definitions, sources = broadcast_sources(place)
    sizes = f"{prod(place.shape)}, M, {', '.join(sources)}"
    return definitions, [f"select_values<{sizes}>({', '.join(place.inputs)}, {place.output});"]


def write_argmax(place: Place) -> Written:
    """The place of the largest."""
    (shape,) = place.shapes
    axis = event_axis(place.op.axis, shape)
    sizes = f"{prod(shape[:axis])}, {shape[axis]}, {prod(shape[axis + 1 :])}, M"
    return "", [f"find_largest<{sizes}>({place.inputs[0]}, {place.output});"]


def write_matmul(place: Place) -> Written:
    """A product for each index of the axes in front."""
    front, (rows, columns) = place.shape[:-2], place.shape[-2:]
    inner, calls = place.shapes[0][-1], []
    firsts, seconds = (_blocks(shape, front) for shape in place.shapes)
    for number, (first, second) in enumerate(zip(firsts, seconds)):
        left, right = (f"{value} + {at} * M" for value, at in zip(place.inputs, (first, second)))
        to = f"{place.output} + {number * rows * columns} * M"
        calls.append(f"multiply_matrices<{rows}, {inner}, {columns}, M>({left}, {right}, {to});")
    return "", calls


def _blocks(shape: Shape, front: Shape) -> list[int]:
    """Where the matrix of each index of the axes in front begins."""
    starts = np.arange(prod(shape[:-2])).reshape(shape[:-2]) * prod(shape[-2:])
    return np.broadcast_to(starts, front).ravel().tolist()


def write_log_softmax(place: Place) -> Written:
    """The logarithm of a softmax."""
    sizes = f"{prod(place.shape[:-1])}, {place.shape[-1]}, M"
    return "", [f"log_softmax_values<{sizes}>({place.inputs[0]}, {place.output});"]
