import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from codesign.data.hold_out import split_off


@given(st.lists(st.integers(0, 3), min_size=2, max_size=30), st.integers(1, 29), st.integers(0, 99))
def test_each_class_of_several_events_is_in_both_parts_and_other_draws_stay(labels, count, seed):
    labels = np.array(labels)
    count = min(count, len(labels) - 1)
    order = np.random.default_rng(seed).permutation(len(labels))
    held, kept = split_off(order, count, labels)
    assert sorted([*held, *kept]) == list(range(len(labels)))
    several = {label for label in labels if np.count_nonzero(labels == label) > 1}
    assert several <= set(labels[held]) & set(labels[kept])
    plain = order[:count], order[count:]
    if several <= set(labels[plain[0]]) & set(labels[plain[1]]):
        np.testing.assert_array_equal(held, plain[0])
        np.testing.assert_array_equal(kept, plain[1])
    assert list(map(list, split_off(order, count, None))) == list(map(list, plain))
