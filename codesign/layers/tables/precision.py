"""The fixed-point type of a layer's inputs, as an argument that every file holds."""

from collections.abc import Mapping

import numpy as np

from codesign.errors import ConfigError
from codesign.layers.fixed_point_quantizer import FixedPointQuantizer
from codesign.network import FixedPoint

_MOST_BITS = 24  # single precision holds every code
_PARTS = ("width", "integer", "signed", "rounding", "overflow")


def read_precision(given: object) -> FixedPoint | None:
    """Return a type: of text, of what :func:`pack_precision` gave, or as it is.

    Raises:
        ConfigError: for anything else, or more bits than single precision holds.
    """
    if given is None or isinstance(given, FixedPoint):
        found = given
    elif isinstance(given, Mapping) and set(given) == set(_PARTS):
        found = FixedPoint(**given)
    elif isinstance(given, str):
        found = FixedPoint.parse(given)
    else:
        raise ConfigError(
            f"input_precision: expected a FixedPoint, a type such as ap_fixed<8,3>, or None. Received: {given!r:.60}"
        )
    if found is not None and np.max(found.width) > _MOST_BITS:
        raise ConfigError(f"input_precision: expected at most {_MOST_BITS} bits. Received: {found}")
    return found


def pack_precision(precision: FixedPoint | None) -> dict | None:
    """Return a type as plain numbers and text."""
    if precision is None:
        return None
    parts = {name: getattr(precision, name) for name in _PARTS}
    return {name: part.tolist() if isinstance(part, np.ndarray) else part for name, part in parts.items()}


def rounding_to(precision: FixedPoint | None, **options: object) -> FixedPointQuantizer | None:
    """Return the layer that rounds values to a type.

    Args:
        options: of the layer.
    """
    if precision is None:
        return None
    modes = {"signed": precision.signed, "rounding": precision.rounding, "overflow": precision.overflow}
    return FixedPointQuantizer(precision.width, precision.integer, **modes, name="rounding", **options)
