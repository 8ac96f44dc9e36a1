"""Attention: ``softmax(q k^T) v``, of one or several heads."""

import numpy as np

from codesign.network.ops import Activation, Affine, MatMul
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.parts.axes import permuted


def attend(
    builder: GraphBuilder,
    origin: str,
    query: Value,
    key: Value,
    value: Value,
    *,
    scale: float = 1.0,
    mask: np.ndarray | None = None,
) -> tuple[Value, Value]:
    """Return ``softmax(scale q k^T) v``, and the softmax.

    Args:
        query, key, value: (..., n, d), (..., m, d), (..., m, e).
        mask: (n, m) or broadcast, added to the scores; None: nothing.
    """
    rank = len(key.shape)
    order = [*range(rank - 2), rank - 1, rank - 2]
    turned = permuted(builder, origin, key, order, name=f"{origin}_keys")
    scores = builder.add(origin, MatMul(), query, turned, name=f"{origin}_scores")
    if scale != 1.0 or mask is not None:
        line = Affine(np.array(float(scale)), np.zeros(()) if mask is None else mask)
        scores = builder.add(origin, line, scores, name=f"{origin}_scaled")
    shares = builder.add(origin, Activation("softmax"), scores, name=f"{origin}_softmax")
    return builder.add(origin, MatMul(), shares, value), shares
