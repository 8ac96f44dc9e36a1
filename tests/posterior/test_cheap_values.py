import time

import numpy as np
import pytest

from codesign.network.types.signed_digits import count_signed_digits
from codesign.posterior import cheapest_values


def digits_of(number: int) -> int:
    """Count digits by the textbook recipe, one bit at a time."""
    number, count = abs(number), 0
    while number:
        if number & 1:
            number -= 2 - (number & 3)
            count += 1
        number >>= 1
    return count


def brute_force(low: float, high: float, nearest: float, max_fraction: int) -> float:
    """Every multiple of every step in the interval."""
    if low <= 0 <= high:
        return 0.0
    found = []
    for fraction in range(-8, max_fraction + 1):
        for code in range(int(np.ceil(low * 2.0**fraction)), int(np.floor(high * 2.0**fraction)) + 1):
            found.append((digits_of(code), fraction, abs(code / 2.0**fraction - nearest), code / 2.0**fraction))
    return min(found)[3] if found else float(np.round(nearest * 2.0**max_fraction) / 2.0**max_fraction)


def test_digits_of_every_small_number_and_of_large_ones():
    numbers = [*range(-1025, 1026), 2**61 - 1, -(2**60) + 7]
    assert count_signed_digits(np.array(numbers)).tolist() == [digits_of(number) for number in numbers]


@pytest.mark.parametrize("scale", [0.01, 0.3, 5.0, 80.0])
@pytest.mark.parametrize("max_fraction", [4, 9])
def test_cheapest_values_match_brute_force(scale, max_fraction):
    rng = np.random.default_rng(int(100 * scale))
    nearest = np.concatenate([scale * rng.normal(size=150), rng.integers(-40, 40, 50) / 16])
    width = np.concatenate([scale * 10.0 ** rng.uniform(-4, 0.5, 150), 2.0 ** rng.integers(-7, 1, 50)])
    low, high = nearest - width, nearest + width
    expected = [brute_force(*interval, max_fraction) for interval in zip(low, high, nearest)]
    np.testing.assert_array_equal(cheapest_values(low, high, nearest, max_fraction=max_fraction), expected)


def test_examples_and_shapes():
    low, high = np.array([[-0.1, 0.9], [0.3, 0.30001]]), np.array([[0.2, 1.3], [0.7, 0.30001]])
    found = cheapest_values(low, high, (low + high) / 2)
    assert found.tolist() == [[0.0, 1.0], [0.5, 154 / 512]]
    assert cheapest_values(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3))).shape == (0, 3)


def test_interval_of_one_point():
    points = np.array([0.0, 0.75, -3.0, 0.333])
    assert cheapest_values(points, points, points).tolist() == [0.0, 0.75, -3.0, np.round(0.333 * 512) / 512]


def test_thousands_of_weights_take_no_time():
    theta = np.random.default_rng(0).normal(size=4000)
    start = time.process_time()
    cheapest_values(theta - 0.05, theta + 0.05, theta)
    assert time.process_time() - start < 0.1
