"""What stands behind a network, which holds none itself: its outputs are logits."""

import numpy as np


def softmax(values: np.ndarray) -> np.ndarray:
    """Return ``exp(v_i) / sum_j exp(v_j)`` along the last axis."""
    powers = np.exp(values - values.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
