"""Tables: networks of thresholds and six-input tables, grown from events at a price of a LUT."""

from codesign.tables.grow import grow_tables
from codesign.tables.growth import Grown, Growth

__all__ = ["Grown", "Growth", "grow_tables"]
