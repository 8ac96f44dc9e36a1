"""Weights of a file to the layers of its configuration: by their order, as Keras itself loads them."""

import re
from collections.abc import Sequence

import numpy as np

from codesign._printable import printable
from codesign._untrusted.hdf5 import Group
from codesign.errors import DataError
from codesign.read.keras_files.configuration import Layer, Model
from codesign.read.keras_files.eras import modern_weights
from codesign.read.keras_files.layer_slots import all_slots
from codesign.read.keras_files.listed import listed_arrays, listed_names
from codesign.read.keras_files.own_names import has_own_names, named_below

_SIZES = {"Dense": "units", "QDense": "units", "Conv1D": "filters", "Conv2D": "filters", "QConv2D": "filters"}
_SUFFIX = re.compile(r"(_\d+)?(:\d+)?$")

Slot = tuple[Layer, str, bool]
Named = tuple[str, np.ndarray]


def fill_by_layer(model: Model, group: Group, *, is_first: bool) -> None:
    """Give layers the weights of a group that lists layers and, for each, its weights in order: ``layer_names``.

    Args:
        model: whose layers are filled.
        group: ``model_weights`` of an .h5 file.
        is_first: whether Keras 1 wrote it.

    Raises:
        DataError: for a layer whose weights are missing, or are not those of its kind.
    """
    listed = [name for name in listed_names(group, "layer_names") if name in group]
    for layer in model.layers:
        if layer.name in listed:
            found = list(listed_arrays(group[layer.name]))
            _fill_one(layer, found, is_first=is_first)
        elif _expected(layer):
            raise DataError(
                f"expected weights of layer '{printable(layer.name)}'. Received: none; save the model again"
            )


def check_shapes(model: Model) -> None:
    """DataError for a kernel of another number of outputs than its layer says."""
    waiting = list(model.layers)
    while waiting:
        layer = waiting.pop()
        waiting += [*layer.inner.values(), *(layer.model.layers if layer.model else ())]
        n_outputs = layer.config.get(_SIZES.get(layer.kind))
        kernel = layer.weights.get("kernel")
        if type(n_outputs) is int and kernel is not None and np.shape(kernel)[-1:] != (n_outputs,):
            raise DataError(
                f"layer '{printable(layer.name)}': expected a kernel of {n_outputs} outputs. Received: one of shape "
                f"{np.shape(kernel)}; save the model again"
            )


def _fill_one(layer: Layer, found: Sequence[Named], *, is_first: bool) -> None:
    if has_own_names(layer.module):
        layer.weights = named_below(layer.name, found)
        return
    expected = _in_order(layer)
    if expected is None:
        _fill_by_name(layer, found)
        return
    if layer.model is None and len(expected) != len(found):
        arrays = modern_weights(layer.written_kind, layer.config, [array for _, array in found], is_first=is_first)
        found = (
            [(key, array) for (_, key, _), array in zip(expected, arrays)] if len(arrays) == len(expected) else found
        )
    if len(expected) != len(found):
        _fill_by_name(layer, found)
        return
    _put(expected, found)
    for one in {id(owner): owner for owner, _, _ in expected}.values():
        names = list(one.weights)
        arrays = modern_weights(one.written_kind, one.config, list(one.weights.values()), is_first=is_first)
        one.weights = dict(zip(names, arrays))


def _put(expected: Sequence[Slot], found: Sequence[Named]) -> None:
    """By names where each layer's name stands in those of its weights, else by order."""
    by_place = {}
    for (owner, key, _), (_, array) in zip(expected, found):
        by_place.setdefault(id(owner), {})[key] = array
    paths = [(_SUFFIX.sub("", path).split("/"), array) for path, array in found]
    by_name = {}
    for owner, key, _ in expected:
        last = key.rpartition("/")[2]
        fits = [array for parts, array in paths if owner.name in parts[:-1] and parts[-1] == last]
        if len(fits) == 1:
            by_name.setdefault(id(owner), {})[key] = fits[0]
    is_named = sum(map(len, by_name.values())) == len(expected)
    for owner, _, _ in expected:
        owner.weights = (by_name if is_named else by_place)[id(owner)]


def _fill_by_name(layer: Layer, found: Sequence[Named]) -> None:
    """Weights of a layer that is not known, or that has others than its kind: by the last part of their names."""
    owners = [layer, *layer.inner.values()]
    if layer.model is not None or len(owners) > 2:
        raise DataError(
            f"expected the weights of layer '{printable(layer.name)}' in the order of its layers. "
            f"Received: {len(found)} arrays; save the model again"
        )
    for path, array in found:
        parts = path.split("/")
        owners[-1].weights[_SUFFIX.sub("", parts[-1])] = array
        if len(owners) > 1:
            layer.weights[_SUFFIX.sub("", parts[-1])] = array


def _in_order(layer: Layer) -> list[Slot] | None:
    """The weights of a layer in a file's order: trainable ones first; None where a kind inside is not known."""
    found = list(all_slots(layer))
    if any(key is None for _, key, _ in found):
        return None
    return [one for one in found if one[2]] + [one for one in found if not one[2]]


def _expected(layer: Layer) -> bool:
    return bool(_in_order(layer))
