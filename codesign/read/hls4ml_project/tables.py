"""The tables that a project holds, as Intel's back ends have them."""

import numpy as np

from codesign.errors import UnsupportedLayerError
from codesign.network import FixedPoint
from codesign.network.types.curve_tables import held
from codesign.read.hls4ml_project.project import Project
from codesign.read.hls4ml_project.source_text import parse_numbers

_LARGEST = 2**20


def stored_table(project: Project, name: str, kind: FixedPoint, size: int) -> np.ndarray | None:
    """Return the entries of a table that the project holds, as Intel's back ends have them, or None.

    Raises:
        UnsupportedLayerError: for another number of entries than the layer looks up.
    """
    place = project.tree.find(f"nnet_utils/activation_tables/{name}.tb", project.main)
    if place is None:
        return None
    text = project.tree.read(place)
    numbers = parse_numbers(text[text.find("{") :].replace(";", " "))
    if not 0 < len(numbers) <= _LARGEST or len(numbers) < size:
        raise UnsupportedLayerError(f"{place}: expected {size} entries. Received: {len(numbers)}")
    return held(numbers[:size], kind)
