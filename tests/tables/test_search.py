"""Gains, tables and prices of one tree, by brute force."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign import FixedPoint
from codesign.tables.candidates import BINS, Candidates
from codesign.tables.kernels import key_gains
from codesign.tables.leaves import monotone_values, quantise_leaves


@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_gains_are_those_of_every_key_tried(seed, width, n_cells):
    rng = np.random.default_rng(seed)
    codes = np.clip(rng.normal(2**width / 2, 2**width / 8, (700, 2)), 0, 2**width - 1).astype(np.int64)
    codes[0], codes[1] = 0, 2**width - 1
    candidates = Candidates.of(codes, FixedPoint(width, width, signed=False))
    cells = rng.integers(0, n_cells, 700).astype(np.uint8)
    slopes = rng.uniform(0.1, 1, (700, 2)).astype(np.float32)
    layout = candidates.n_bins, candidates.masks, n_cells
    gains = key_gains(candidates.bins(codes), cells, slopes, layout, 2.0)
    assert {0, *range(1, width)} & set(candidates.raw[0].tolist()) or width == 1
    for feature, column in np.argwhere(np.isfinite(candidates.significant)):
        bit = candidates.key_bits(codes, (feature, column))
        sides = [slopes[(cells == cell) & (bit == side)].sum(0) for cell, side in product(range(n_cells), (0, 1))]
        np.testing.assert_allclose(gains[feature, column], sum(0.5 * g**2 / (h + 2) for g, h in sides), rtol=1e-3)
        np.testing.assert_array_equal(
            candidates.sides(np.array([[feature, column]]))[0][candidates.bins(codes)[feature]], bit
        )
        if column < BINS:
            start = int(candidates.starts[feature, column])
            assert candidates.significant[feature, column] == width - (start & -start).bit_length() + 1


@given(st.integers(0, 2**32 - 1), st.floats(0, 2), st.floats(0.05, 6))
@settings(max_examples=40, deadline=None)
def test_tables_lose_least(seed, price, spread):
    rng = np.random.default_rng(seed)
    values, curvature = rng.normal(0, spread, 4), rng.uniform(0.1, 3, 4)
    codes, gain = quantise_leaves(values, curvature, price * np.arange(1, 5))
    best = 0.0
    for bits, shift in product((1, 2, 3), range(3)):
        for offset in range(-24, 25):
            tried = offset + (1 << shift) * np.arange(1 << bits)
            near = tried[np.abs(values[:, np.newaxis] - tried).argmin(1)]
            lost = 0.5 * (curvature * (values - near) ** 2).sum()
            best = max(best, 0.5 * (curvature * values**2).sum() - lost - price * (1 + bits))
    np.testing.assert_allclose(gain, best, atol=1e-9)
    if gain:
        lost = 0.5 * (curvature * (values - codes) ** 2).sum()
        assert 0.5 * (curvature * values**2).sum() - lost - 2 * price >= gain - 1e-9


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_monotone_values(seed):
    rng = np.random.default_rng(seed)
    values, signs = rng.normal(size=32), rng.integers(-1, 2, 5)
    found = monotone_values(values, rng.uniform(0.1, 2, 32), signs)
    for place, sign in enumerate(signs):
        low = np.arange(32)[np.arange(32) >> place & 1 == 0]
        assert (sign * (found[low + (1 << place)] - found[low]) >= 0).all()
    if not signs.any():
        np.testing.assert_array_equal(found, values)
    again = monotone_values(found, np.ones(32), signs)
    np.testing.assert_allclose(again, found, atol=1e-12)
