"""Working points: the threshold behind a network that lets a given share of the background pass."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from codesign._arguments import check_range, checked
from codesign.errors import DataError
from codesign.metrics.classes import find_class
from codesign.metrics.measured import Measured, weights_of
from codesign.metrics.roc import RocCurve, roc_curve
from codesign.metrics.scores import check_both_kinds, check_classes, check_outputs, margins
from codesign.network.types.fixed_point import FixedPoint

_ROUNDING = 1e-9  # of a rate, relative: 3 events of 300 are a hundredth


@dataclass(frozen=True)
class WorkingPoint:
    """A cut on the outputs of a network: what passes it, and the number to write into the firmware.

    An event passes if its score is at least the threshold. The score of class c is the output of c minus the largest
    of the others; of a single output it is that output (minus it for class 0). Errors are those of shares counted on
    the events given, at this very threshold.

    Args:
        label: number of the class that is signal.
        wanted_rate: of the background, that was asked for.
        threshold: in the units of the outputs.
        code: the threshold as a whole number of steps of 2^-fraction, the finest step of the outputs; None if their
            type is not known.
        fraction: bits right of the binary point of `code`.
        efficiency: share of the signal that passes.
        background_rate: share of the rest that passes: the largest that a threshold reaches within `wanted_rate`.
        next_rate: the share that the next lower threshold would let pass; None if there is none.
    """

    label: int
    wanted_rate: float
    threshold: float
    code: int | None
    fraction: int | None
    efficiency: Measured
    background_rate: Measured
    next_rate: float | None

    @property
    def note(self) -> str:
        """One sentence where no threshold gives the rate asked for, because equal scores pass together; else empty."""
        rate = self.background_rate.value
        if abs(rate - self.wanted_rate) <= max(self.background_rate.error, _ROUNDING):
            return ""
        next_one = "" if self.next_rate is None else f", the next lower one {self.next_rate:.4g}"
        return (
            f"no threshold gives a background rate of {self.wanted_rate:g}: this one gives {rate:.4g}{next_one}; "
            "outputs of more bits lie closer together"
        )

    def as_dict(self) -> dict[str, object]:
        """Return plain numbers, for JSON."""
        return {**asdict(self), "note": self.note}


@checked
def working_point(
    outputs: np.ndarray,
    y: np.ndarray,
    background_rate: float,
    *,
    label: int | str | None = None,
    classes: Sequence[str] = (),
    weights: np.ndarray | None = None,
    precision: FixedPoint | None = None,
) -> WorkingPoint:
    """Return the lowest threshold that lets at most this share of the background pass.

    The scores of a small fixed-point network are few, so many events share one, and they pass together: a rate between
    two thresholds is not reached, and the point says which rates are.

    Args:
        outputs: (n_events, n_outputs) of `network.emulate`, before any softmax, or (n_events,).
        y: (n_events,) whole-number labels; of one output 0 and 1.
        background_rate: share of all other classes' events that may pass, 0 to 1.
        label: number or name of the class that is signal; None: class 1 of two.
        classes: names, in the order of the labels.
        weights: (n_events,) of the events.
        precision: type of the outputs, for the threshold as a whole number.

    Raises:
        ConfigError: for a rate outside 0 to 1, or an unknown class; of more than two, if none is named.
        DataError: if no threshold reaches the rate (it says the least that one does), or for events of one kind only.

    Example:
        >>> import numpy as np
        >>> from codesign.metrics import working_point
        >>> from codesign.network import FixedPoint
        >>> outputs, y = np.array([0.75, 0.5, 0.5, 0.25, 0.0]), np.array([1, 1, 0, 0, 0])
        >>> point = working_point(outputs, y, 0.4, precision=FixedPoint.parse("ap_fixed<8,6>"))
        >>> point.code, point.threshold, point.efficiency.value
        (2, 0.5, 1.0)
    """
    check_range(background_rate, "background_rate", 0, 1)
    outputs = check_outputs(outputs)
    label = find_class(label, max(2, outputs.shape[1]), classes, "label")
    is_signal = check_classes(y, len(outputs), outputs.shape[1]) == label
    weights = weights_of(weights, len(outputs))
    check_both_kinds(is_signal, weights, label)
    curve = roc_curve(margins(outputs, label), is_signal, weights)
    place = point_within(curve, background_rate)
    if not place:
        least = f"{curve.background_rate[1]:.4g}, by the largest score, {curve.thresholds[1]:g}"
        cure = "ask for that rate, or give the outputs more bits"
        raise DataError(
            f"background_rate: no threshold reaches {background_rate:g}. The least reached is {least}: {cure}"
        )
    threshold = float(curve.thresholds[place])
    fraction = None if precision is None else int(np.max(precision.fraction))
    code = None if fraction is None else _code(threshold, fraction)
    efficiency, rate = (
        Measured(float(share[place]), float(error[place]), int(np.count_nonzero(weights[kind])))
        for share, error, kind in (
            (curve.efficiency, curve.efficiency_error, is_signal),
            (curve.background_rate, curve.background_rate_error, ~is_signal),
        )
    )
    next_rate = float(curve.background_rate[place + 1]) if place + 1 < len(curve.thresholds) else None
    return WorkingPoint(label, float(background_rate), threshold, code, fraction, efficiency, rate, next_rate)


def point_within(curve: RocCurve, background_rate: float) -> int:
    """Return the place of the curve's last point whose background rate is at most this; 0 is the one of no events."""
    return int(np.searchsorted(curve.background_rate, background_rate * (1 + _ROUNDING), side="right")) - 1


def _code(threshold: float, fraction: int) -> int:
    """The threshold in whole steps.

    Raises:
        DataError: if it is none.
    """
    steps = threshold * 2.0**fraction
    if steps != round(steps):
        raise DataError(
            f"outputs: expected multiples of 2^-{fraction}, as their precision says. Received: {threshold!r}; give the "
            "outputs of emulate, and the precision of that network's output"
        )
    return round(steps)
