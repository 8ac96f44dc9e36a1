"""The inner loops of growth, compiled: sums of gradients by cell and bin, and what each key would gain from them."""

import numba
import numpy as np

_BINS = 256
_COMPILED = {"cache": True, "fastmath": True, "nogil": True}


@numba.njit(**_COMPILED)
def key_gains(
    bins: np.ndarray, cells: np.ndarray, slopes: np.ndarray, layout: tuple[np.ndarray, np.ndarray, int], ridge: float
) -> np.ndarray:
    """Return what the loss would fall by, in a second-order model, if every cell were split by a key.

    Each side of every cell gets the value ``-G / (H + ridge)``, G and H the sums of gradients and curvatures in it;
    without any value the loss is 0.

    Args:
        bins: (n_features, n_events) uint8.
        cells: (n_events,) uint8, below the number of cells.
        slopes: (n_events, 2) float32: gradient and curvature.
        layout: (n_features,) number of bins; (n_features, n_masks, 256) float32, bins of 1 of each raw bit; the number
            of cells.
        ridge: added to curvatures.

    Returns:
        (n_features, 256 + n_masks) float32: of the thresholds "bin >= c" by c, of which the first is no key, and of
        the raw bits.
    """
    n_bins, masks, n_cells = layout
    gains = np.zeros((len(bins), _BINS + masks.shape[1]), np.float32)
    sums = np.empty((n_cells, _BINS, 2), np.float32)
    room = np.empty((4, _BINS), np.float32)
    for feature in range(len(bins)):
        sums[:] = 0
        row, size = bins[feature], n_bins[feature]
        for event in range(len(cells)):
            place = sums[cells[event], row[event]]
            place[0] += slopes[event, 0]
            place[1] += slopes[event, 1]
        for cell in range(n_cells):
            _add_cell(gains[feature], sums[cell], room, masks[feature], (size, np.float32(ridge)))
    return gains


@numba.njit(**_COMPILED)
def _add_cell(
    gains: np.ndarray, sums: np.ndarray, room: np.ndarray, masks: np.ndarray, limits: tuple[int, float]
) -> None:
    """Add what the keys gain in one cell; `room` is for sums of its bins, and of all bins before each."""
    size, ridge = limits
    gradients, curvatures, left, heavy = room[0], room[1], room[2], room[3]
    gradient = np.float32(0)
    curvature = np.float32(0)
    for index in range(size):
        left[index] = gradient
        heavy[index] = curvature
        gradients[index] = sums[index, 0]
        curvatures[index] = sums[index, 1]
        gradient += gradients[index]
        curvature += curvatures[index]
    if curvature <= 0:
        return
    half = np.float32(0.5)
    for index in range(1, size):
        one, other = left[index], gradient - left[index]
        gains[index] += half * (one * one / (heavy[index] + ridge) + other * other / (curvature - heavy[index] + ridge))
    for mask in range(len(masks)):
        one = np.float32(0)
        weight = np.float32(0)
        for index in range(size):
            one += masks[mask, index] * gradients[index]
            weight += masks[mask, index] * curvatures[index]
        other = gradient - one
        gains[_BINS + mask] += half * (one * one / (weight + ridge) + other * other / (curvature - weight + ridge))


@numba.njit(**_COMPILED)
def find_cells(bins: np.ndarray, features: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Return the cell of every event, (n_events,) uint8, the first key its lowest bit.

    Args:
        bins: (n_features, n_events) uint8.
        features: (n_keys,) of the keys.
        sides: (n_keys, 256) uint8: the bit that a key gives, by bin.
    """
    cells = np.zeros(bins.shape[1], np.uint8)
    for key in range(len(features)):
        row, side = bins[features[key]], sides[key]
        for event in range(len(cells)):
            cells[event] |= side[row[event]] << key
    return cells


@numba.njit(**_COMPILED)
def cell_sums(cells: np.ndarray, slopes: np.ndarray, n_cells: int) -> np.ndarray:
    """Return (n_cells, 2) float64: sums of gradients and of curvatures."""
    sums = np.zeros((n_cells, 2))
    for event in range(len(cells)):
        sums[cells[event], 0] += slopes[event, 0]
        sums[cells[event], 1] += slopes[event, 1]
    return sums


@numba.njit(**_COMPILED)
def add_values(scores: np.ndarray, cells: np.ndarray, values: np.ndarray) -> None:
    """Add the value of its cell, (n_cells,) float32, to the score of every event, (n_events,) float32, in place."""
    for event in range(len(cells)):
        scores[event] += values[cells[event]]


@numba.njit(**_COMPILED)
def logit_cell_sums(
    logits: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], cells: np.ndarray, factors: np.ndarray, least: float
) -> np.ndarray:
    """Return (n_cells, 2) float64: sums of gradients and curvatures of cross-entropies in one logit.

    Args:
        logits: (n_events,) float32 each: exponential of the logit without the tree, sum of the other exponentials,
            target, weight.
        cells: (n_events,) uint8.
        factors: (n_cells,) float32: exponentials of the values that cells add to the logit.
        least: curvature of an event, without its weight.
    """
    powers, others, targets, weights = logits
    sums = np.zeros((len(factors), 2))
    for event in range(len(cells)):
        power = powers[event] * factors[cells[event]]
        chance = power / (others[event] + power)
        sums[cells[event], 0] += (chance - targets[event]) * weights[event]
        sums[cells[event], 1] += max(chance * (1 - chance), least) * weights[event]
    return sums
