"""Weights of a .keras file to the layers of its configuration: by class and number of the groups that hold them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from codesign._printable import printable
from codesign._untrusted.hdf5 import Dataset, Group
from codesign.errors import DataError
from codesign.read.keras_files.configuration import Layer, Model
from codesign.read.keras_files.layer_slots import all_slots
from codesign.read.keras_files.own_names import all_below, has_own_names
from codesign.read.keras_files.weight_order import recurrent, slots, sublayers

_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
_NUMBER = re.compile(r"_(\d+)$")

Named = tuple[str, np.ndarray]
Shared = set[tuple[str, str]]


def fill_by_place(model: Model, group: Group) -> None:
    """Give layers the weights of a group of groups that are named by class and number: ``layers/dense_1/vars/0``.

    A layer that is in two models has its weights in one of them.

    Raises:
        DataError: for a layer whose weights are missing, or are not those of its kind.
    """
    layers = list(_all_layers(model))
    counts = Counter((one.kind, one.name) for one in layers)
    shared = {which for which, count in counts.items() if count > 1}
    _fill_model(model, group, shared)
    filled = {(one.kind, one.name): one for one in layers if one.weights}
    for layer in layers:
        if not layer.weights and slots(layer.kind, layer.config):
            if (layer.kind, layer.name) not in filled:
                raise DataError(
                    f"expected weights of layer '{printable(layer.name)}'. Received: none; save the model again"
                )
            layer.weights = filled[layer.kind, layer.name].weights


def _all_layers(model: Model) -> Iterator[Layer]:
    waiting = list(model.layers)
    while waiting:
        layer = waiting.pop()
        yield layer
        waiting += [*layer.inner.values(), *layer.cells, *(layer.model.layers if layer.model else ())]


def _fill_model(model: Model, group: Group, shared: Shared) -> None:
    container = next((group[name] for name in _CONTAINERS if name in group), None)
    if isinstance(container, Group):
        _fill_container(model.layers, container, shared)


def _fill_container(layers: Sequence[Layer], container: Group, shared: Shared) -> None:
    """Groups are numbered class by class, whatever layers are called."""
    by_class: dict[str, list[Layer]] = {}
    for layer in layers:
        by_class.setdefault(_snake(layer.written_kind), []).append(layer)
    for word, members in by_class.items():
        names = sorted((one for one in container if _NUMBER.sub("", one) == word), key=_number)
        groups = {_number(one): container[one] for one in names}
        groups = {n: one for n, one in groups.items() if isinstance(one, Group) and _has_arrays(one)}
        for layer, group in _pairs(word, members, groups, shared):
            _fill_group(layer, group, shared)


def _pairs(word: str, members: Sequence[Layer], groups: dict[int, Group], shared: Shared) -> list[tuple[Layer, Group]]:
    """Layers of one class and their groups: by the name that Keras 3 notes, else in order; what is in two models too
    may be elsewhere."""
    by_name = {one.name: one for one in members}
    noted = [str(one["vars"].attributes.get("name")) if "vars" in one else "" for one in groups.values()]
    if len(set(noted)) == len(noted) and set(noted) <= set(by_name):
        return [(by_name[name], group) for name, group in zip(noted, groups.values())]
    holding = [one for one in members if any(True for _ in all_slots(one))]
    known = [one for one in holding if not any(name is None for _, name, _ in all_slots(one))]
    alone = [one for one in holding if (one.kind, one.name) not in shared]
    chosen = next((some for some in (holding, known, alone) if len(some) == len(groups)), None)
    if chosen is not None:
        return list(zip(chosen, groups.values()))
    if all(number < len(members) for number in groups) and len(known) < len(holding):
        return [(members[number], group) for number, group in groups.items()]
    raise DataError(
        f"expected the weights of {len(holding)} layers of '{printable(word)}'. Received: {len(groups)}; save the "
        "model again"
    )


def _has_arrays(group: Group) -> bool:
    found = [(name, group[name]) for name in group if name not in ("seed_generator",)]
    return any(isinstance(one, Dataset) or (isinstance(one, Group) and _has_arrays(one)) for _, one in found)


def _fill_group(layer: Layer, group: Group, shared: Shared) -> None:
    if layer.model is not None:
        _fill_model(layer.model, group, shared)
        return
    for name, one in layer.inner.items():
        if name in group:
            _fill_group(one, group[name], shared)
    if layer.cells and "cells" in group:
        _fill_container(layer.cells, group["cells"], shared)
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
