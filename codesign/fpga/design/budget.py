"""Budget: the limits that a design must meet, and how far it is from them."""

import math
from dataclasses import dataclass, fields

from codesign.errors import BudgetError
from codesign.fpga.design.design import Design

_LARGEST = 1e12  # of any limit: beyond it is a slip of the keyboard


@dataclass(frozen=True)
class Budget:
    """Upper limits on costs and a lower limit on accuracy; None is no limit.

    Args:
        latency_ns: from the first input to the last output, at the target clock.
        initiation_interval: cycles between events.
        lut, ff, dsp, bram_18k: counts.
        min_accuracy: share of right decisions, 0 to 1.

    Raises:
        BudgetError: for a negative limit, or an accuracy outside 0 to 1.
    """

    latency_ns: float | None = None
    initiation_interval: int | None = None
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram_18k: int | None = None
    min_accuracy: float | None = None

    def __post_init__(self) -> None:
        for name, limit in self.limits():
            if not isinstance(limit, (int, float)) or isinstance(limit, bool) or not 0 <= limit <= _LARGEST:
                raise BudgetError(
                    f"budget.{name}: expected a number that is not negative, at most {_LARGEST:g}. Received: {limit!r}"
                )
        if (self.min_accuracy or 0) > 1:
            raise BudgetError(f"budget.min_accuracy: expected a share between 0 and 1. Received: {self.min_accuracy}")

    def limits(self) -> list[tuple[str, float]]:
        """Return the (name, limit) pairs that are set."""
        return [
            (field.name, getattr(self, field.name)) for field in fields(self) if getattr(self, field.name) is not None
        ]

    def excesses(self, design: Design) -> dict[str, float]:
        """Return by how much the design misses each limit that it misses, relative to it (to 1 if it is 0).

        Inf if not known.
        """
        missed = {}
        for name, limit in self.limits():
            value = measured(design, name)
            if value is None:
                missed[name] = math.inf
            elif not within_limit(name, value, limit):
                missed[name] = abs(value - limit) / (limit or 1)
        return missed

    def is_met(self, design: Design) -> bool:
        """Whether the design is within every limit."""
        return not self.excesses(design)


def within_limit(name: str, value: float | None, limit: float) -> bool:
    """Whether a value is known and keeps a limit of this name; ``min_`` limits are lower ones."""
    return value is not None and (value >= limit if name.startswith("min_") else value <= limit)


def measured(design: Design, limit: str) -> float | None:
    """Return the design's value of what a limit bounds; None if it is not known, NaN, or an infinite accuracy."""
    if limit == "min_accuracy":
        return design.accuracy if design.accuracy is not None and math.isfinite(design.accuracy) else None
    value = getattr(design.report, limit) if design.report else None
    return None if value is None or math.isnan(value) else value
