"""Leaves in whole steps, and how far their sums can be from those of the forest."""

import math
from dataclasses import dataclass

import numpy as np

from codesign.errors import ConfigError
from codesign.forests.forest import Forest

_SHARE = 1024
_SMALLEST, _LARGEST = -60, 60


@dataclass(frozen=True, eq=False)
class RoundedLeaves:
    """A forest's leaves, to the nearest step.

    Args:
        step: a power of two.
        values: of each tree (n_nodes, n_columns) int64, in steps.
        base: (n_outputs,) int64, in steps.
        error: (n_outputs,) float64: no event's sum is farther from the forest's.
    """

    step: float
    values: tuple[np.ndarray, ...]
    base: np.ndarray
    error: np.ndarray


def round_leaves(forest: Forest, step: float | None = None) -> RoundedLeaves:
    """Round the leaves to a step.

    Args:
        step: a power of two; None: the largest at which no sum is farther from the forest's than a 1,024th of the range
            that the trees span.

    Raises:
        ConfigError: for a step that is no power of two.
    """
    check_step(step)
    if step is not None:
        return _rounded(forest, step)
    allowed = _range(forest) / _SHARE
    exponent = _LARGEST if not allowed else min(_LARGEST, math.ceil(math.log2(allowed)) + 1)
    while exponent > _SMALLEST:
        found = _rounded(forest, 2.0**exponent)
        if found.error.max() <= max(allowed, 0.0):
            return found
        exponent -= 1
    return _rounded(forest, 2.0**_SMALLEST)


def check_step(step: float | None) -> None:
    """Check a step of leaves; None is one that is chosen.

    Raises:
        ConfigError: for a step that is no power of two.
    """
    if step is not None and (not 2.0**_SMALLEST <= step <= 2.0**_LARGEST or math.frexp(step)[0] != 0.5):
        raise ConfigError(f"leaf_step: expected a power of two, such as 2 ** -8. Received: {step}")


def _leaves(forest: Forest) -> list[np.ndarray]:
    """Return the numbers of the leaves that a path leads to, of each tree."""
    found = []
    for tree in forest.trees:
        nodes = tree.reachable()
        found.append(nodes[tree.feature[nodes] < 0])
    return found


def _range(forest: Forest) -> float:
    """Return the largest difference of two sums that the trees could give, were they independent."""
    spans = np.zeros(forest.n_outputs)
    for tree, leaves in zip(forest.trees, _leaves(forest)):
        spans[tree.outputs] += np.ptp(tree.value[leaves], axis=0)
    return float(spans.max())


def _rounded(forest: Forest, step: float) -> RoundedLeaves:
    base = np.rint(forest.base / step)
    error = np.abs(base * step - forest.base)
    values = []
    for tree, leaves in zip(forest.trees, _leaves(forest)):
        rounded = np.zeros(tree.value.shape)
        rounded[leaves] = np.rint(tree.value[leaves] / step)
        error[tree.outputs] += np.abs(rounded[leaves] * step - tree.value[leaves]).max(0)
        values.append(rounded.astype(np.int64))
    return RoundedLeaves(step, tuple(values), base.astype(np.int64), error)
