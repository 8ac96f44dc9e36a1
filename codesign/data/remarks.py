"""What a reader of events notices in them, one sentence each."""

from collections.abc import Sequence

import numpy as np

_SENTINELS = (-99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0)
_LEAST_EVENTS = 2
_MOST_NAMED = 5


def sentinel_remarks(x: np.ndarray, features: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for each value such as -999 that stands for "not measured" in features.

    It is the least or the greatest value of the feature, several events have it, and no other value lies between it and
    half of it.

    Args:
        x: (n_events, n_features), as they were read.
    """
    low, high = x.min(0), x.max(0)
    remarks = []
    for value in _SENTINELS:
        shares = {}
        for index in np.flatnonzero((low if value < 0 else high) == value):
            column = x[:, index]
            is_value = column == value
            beside = (np.abs(column) > abs(value) / 2) & (np.sign(column) == np.sign(value)) & ~is_value
            if is_value.sum() >= _LEAST_EVENTS and not is_value.all() and not beside.any():
                shares[features[index]] = is_value.mean()
        if shares:
            worst = sorted(shares, key=shares.get, reverse=True)
            more = len(worst) - _MOST_NAMED
            listed = ", ".join(f"'{name}' ({shares[name]:.1%} of the events)" for name in worst[:_MOST_NAMED])
            remarks.append(
                f"{value:g} looks like 'not measured' in {listed}{f' and {more} more' if more > 0 else ''}: it "
                "stretches the range of a feature; put in a value near the others"
            )
    return tuple(remarks)
