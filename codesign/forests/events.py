"""Events on which two readings of a forest would differ: values at its thresholds, and one code to either side."""

import numpy as np

from codesign.forests.coded import InputCodes
from codesign.forests.forest import Forest


def threshold_events(forest: Forest, codes: InputCodes, n_events: int, seed: int = 0) -> np.ndarray:
    """Return (n_events, n_features) int64 codes, each value next to a threshold of its feature where it has one.

    Args:
        forest: any.
        codes: of the inputs.
        n_events: to draw.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    asked: list[list[float]] = [[] for _ in range(forest.n_features)]
    for tree in forest.trees:
        nodes = tree.reachable()
        for node in nodes[tree.feature[nodes] >= 0].tolist():
            split = tree.splits.get(node)
            values = [tree.threshold[node]] if split is None else split.ends()
            asked[tree.feature[node]] += [value for value in values if np.isfinite(value)]
    columns = []
    for feature, values in enumerate(asked):
        low, high = int(codes.low[feature]), int(codes.high[feature])
        flips = [codes.at_least(feature, value) for value in sorted(set(values))]
        chosen = rng.choice(flips, n_events) + rng.integers(-1, 2, n_events) if flips else None
        columns.append(rng.integers(low, high, n_events, endpoint=True) if chosen is None else chosen.clip(low, high))
    return np.stack(columns, 1)
