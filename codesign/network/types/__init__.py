"""Fixed-point types, and the arithmetic of their codes."""

from codesign.network.types.exact_type import constant_type, exact_type
from codesign.network.types.fixed_point import FixedPoint

__all__ = ["FixedPoint", "constant_type", "exact_type"]
