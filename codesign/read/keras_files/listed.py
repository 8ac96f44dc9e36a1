"""Names of layers and of arrays that a group of an .h5 file lists, in order."""

from collections.abc import Iterator

import numpy as np

from codesign._printable import printable
from codesign._untrusted.hdf5 import Dataset, Group
from codesign.errors import DataError


def listed_arrays(group: Group) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and values of each array of a layer.

    Raises:
        DataError: for one that is missing.
    """
    for name in listed_names(group, "weight_names"):
        place: object = group
        for part in name.split("/"):
            place = place[part] if isinstance(place, Group) and part in place else None
        if not isinstance(place, Dataset):
            raise DataError(f"expected the array '{printable(name[:100])}'. Received: none; save the model again")
        yield name, place.values()


def listed_names(group: Group, attribute: str) -> list[str]:
    """Return the texts of an attribute, which is in pieces where it is long: ``layer_names0``, ``layer_names1``."""
    attributes = group.attributes
    if attribute in attributes:
        return [str(one) for one in np.ravel(attributes[attribute])]
    found, number = [], 0
    while f"{attribute}{number}" in attributes:
        found += [str(one) for one in np.ravel(attributes[f"{attribute}{number}"])]
        number += 1
    return found
