from fractions import Fraction

import numpy as np
import pytest

from codesign.network import FixedPoint
from codesign.network.types.tables import RANGE, activation_table, table_indices


def slow_index(code: int, fraction: int, activation: str, size: int) -> int:
    """Truncate x * size / range towards 0 in exact fractions, then add half the table."""
    position = Fraction(code) / Fraction(2) ** fraction * size / (2 * RANGE[activation])
    return min(max(int(position) + size // 2, 0), size - 1)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("fraction", [-3, 0, 5, 20, 45, 60])
@pytest.mark.parametrize("size", [64, 100, 1024])
def test_index_equals_exact_fractions(activation, fraction, size):
    rng = np.random.default_rng(0)
    codes = np.concatenate([np.arange(-40, 40), rng.integers(-(2**50), 2**50, 100), rng.integers(-(2**20), 2**20, 100)])
    expected = [slow_index(int(code), fraction, activation, size) for code in codes]
    np.testing.assert_array_equal(table_indices(codes, fraction, activation, size), expected)


def test_fractions_per_element():
    codes, fractions = np.array([[3, -3, 100]]), np.array([0, 1, 50])
    expected = [[slow_index(int(c), int(f), "sigmoid", 64) for c, f in zip(codes[0], fractions)]]
    np.testing.assert_array_equal(table_indices(codes, fractions, "sigmoid", 64), expected)


def test_table_is_the_function_at_the_left_edge_of_each_cell():
    table = activation_table("tanh", FixedPoint(18, 2), 8) * 2.0**-16
    np.testing.assert_allclose(table, np.tanh(np.arange(-4, 4)), atol=2.0**-16)
