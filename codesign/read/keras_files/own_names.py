"""Layers of HGQ and HGQ2 hold quantizers with variables of their own: all arrays of a layer, by their paths in it."""

from collections.abc import Iterable, Iterator

import numpy as np

from codesign._untrusted.hdf5 import Group
from codesign.read.keras_records import HGQ_PACKAGES

Named = tuple[str, np.ndarray]


def has_own_names(module: str) -> bool:
    """Whether a layer of a module is one of those."""
    return module.partition(".")[0] in HGQ_PACKAGES


def all_below(group: Group, front: str = "") -> Iterator[Named]:
    """Yield the arrays of a group and of the groups in it: ``iq/quantizer/vars/0``."""
    for name in group:
        place = group[name]
        if isinstance(place, Group):
            yield from all_below(place, f"{front}{name}/")
        else:
            yield f"{front}{name}", place.values()


def named_below(layer: str, found: Iterable[Named]) -> dict[str, np.ndarray]:
    """Return arrays by what stands behind the layer's name: ``fc_iq/quantizer/k`` of ``fc/fc_iq/quantizer/k:0``."""
    named = {}
    for path, array in found:
        parts = path.partition(":")[0].split("/")
        named["/".join(parts[parts.index(layer) + 1 :] if layer in parts[:-1] else parts)] = array
    return named
