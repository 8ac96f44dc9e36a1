"""Weights of a file to the layers of its configuration: by their order, as Keras itself loads them."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from codesign._printable import printable
from codesign._untrusted.hdf5 import Dataset, Group
from codesign.errors import DataError
from codesign.read.keras_files.configuration import Layer, Model
from codesign.read.keras_files.eras import modern_weights
from codesign.read.keras_files.listed import listed_arrays, listed_names
from codesign.read.keras_files.own_names import all_below, has_own_names, named_below
from codesign.read.keras_files.weight_order import recurrent, slots, sublayers

_SIZES = {"Dense": "units", "QDense": "units", "Conv1D": "filters", "Conv2D": "filters", "QConv2D": "filters"}
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
_NUMBER = re.compile(r"_(\d+)$")
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


def fill_by_place(model: Model, group: Group) -> None:
    """Give layers the weights of a group of groups that are named by class and number: ``layers/dense_1/vars/0``.

    Raises:
        DataError: as :func:`fill_by_layer`.
    """
    container = next((group[name] for name in _CONTAINERS if name in group), {})
    _fill_container(model.layers, container)


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
    found = list(_slots(layer, trainable=True))
    if any(key is None for _, key, _ in found):
        return None
    return [one for one in found if one[2]] + [one for one in found if not one[2]]


def _slots(layer: Layer, *, trainable: bool) -> Iterator[tuple[Layer, str | None, bool]]:
    trainable = trainable and bool(layer.config.get("trainable", True))
    own = () if layer.model is not None else slots(layer.kind, layer.config)
    if own is None and not layer.inner:
        yield layer, None, False
    for name, is_trained in own or ():
        yield layer, name, trainable and is_trained
    for one in [*layer.inner.values(), *layer.cells, *(layer.model.layers if layer.model else ())]:
        if one.kind != "InputLayer":
            known = slots(one.kind, one.config) is not None or one.inner or one.cells or one.model
            if known:
                yield from _slots(one, trainable=trainable)


def _expected(layer: Layer) -> bool:
    return bool(_in_order(layer))


def _fill_container(layers: Sequence[Layer], container: object) -> None:
    """Groups are numbered class by class, whatever layers are called."""
    by_class: dict[str, list[Layer]] = {}
    for layer in layers:
        by_class.setdefault(_snake(layer.written_kind), []).append(layer)
    for word, members in by_class.items():
        names = sorted((one for one in container if _NUMBER.sub("", one) == word), key=_number)
        groups = [container[one] for one in names]
        groups = [one for one in groups if isinstance(one, Group) and _has_arrays(one)]
        for layer, group in _pairs(word, members, groups):
            _fill_group(layer, group)


def _pairs(word: str, members: Sequence[Layer], groups: Sequence[Group]) -> list[tuple[Layer, Group]]:
    """Layers of one class and their groups: by the name that Keras 3 notes, else in order."""
    expected = [[key for _, key, _ in _slots(one, trainable=True)] for one in members]
    if len(groups) != len(members):
        members = [one for one, keys in zip(members, expected) if keys and (None not in keys or groups)]
    by_name = {one.name: one for one in members}
    noted = [str(group["vars"].attributes.get("name")) if "vars" in group else "" for group in groups]
    if len(set(noted)) == len(noted) and set(noted) <= set(by_name) and len(noted) == len(members):
        return [(by_name[name], group) for name, group in zip(noted, groups)]
    if len(groups) != len(members):
        raise DataError(
            f"expected the weights of {len(members)} layers of '{printable(word)}'. Received: {len(groups)}; save the "
            "model again"
        )
    return list(zip(members, groups))


def _has_arrays(group: Group) -> bool:
    found = [(name, group[name]) for name in group if name not in ("seed_generator",)]
    return any(isinstance(one, Dataset) or (isinstance(one, Group) and _has_arrays(one)) for _, one in found)


def _fill_group(layer: Layer, group: Group) -> None:
    if layer.model is not None:
        fill_by_place(layer.model, group)
        return
    for name, one in layer.inner.items():
        if name in group:
            _fill_group(one, group[name])
    if layer.cells and "cells" in group:
        _fill_container(layer.cells, group["cells"])
    own, inside = slots(layer.kind, layer.config), sublayers(layer.kind)
    if own is None or has_own_names(layer.module):
        layer.weights = dict((all_below if has_own_names(layer.module) else _values)(group))
        return
    for first in dict.fromkeys(name.rpartition("/")[0] for name, _ in own):
        place = group
        if recurrent(layer.kind):
            place = group["cell"]
        elif first:
            word = inside[first]
            place = group[word] if word in group else group[f"_{word}"]
        members = [(name, is_trained) for name, is_trained in own if name.rpartition("/")[0] == first]
        arrays = [array for _, array in _values(place)]
        ordered = [name for name, is_trained in members if is_trained]
        ordered += [name for name, is_trained in members if not is_trained]
        if len(arrays) < len(ordered):
            raise DataError(
                f"expected {len(ordered)} weights of layer '{printable(layer.name)}'. Received: {len(arrays)}; save "
                "the model again"
            )
        layer.weights |= dict(zip(ordered, arrays))


def _values(group: Group) -> Iterator[Named]:
    """The arrays of ``vars``, by number, and then those with a name: ``iteration``."""
    place = group["vars"] if "vars" in group else {}
    for name in sorted(place, key=lambda one: (not one.isdigit(), int(one) if one.isdigit() else 0)):
        if isinstance(place[name], Dataset):
            yield name, place[name].values()


def _number(name: str) -> int:
    found = _NUMBER.search(name)
    return int(found[1][:9]) if found else 0


def _snake(name: str) -> str:
    """The word that a class has in a .keras file."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
