import numpy as np
import pytest

from codesign.errors import ConfigError
from codesign.layers import FeatureSelection


def test_output_is_the_chosen_columns():
    x = np.arange(12, dtype=np.float32).reshape(2, 6)
    np.testing.assert_array_equal(FeatureSelection([0, 2, 5])(x), x[:, [0, 2, 5]])


@pytest.mark.parametrize("indices", [[], [-1, 2], [2, 2], [3, 1]])
def test_bad_indices(indices):
    with pytest.raises(ConfigError, match="indices: expected ascending"):
        FeatureSelection(indices)


def test_rejects_an_index_beyond_the_input():
    with pytest.raises(ConfigError, match="indices: expected numbers below 6.*Received: 6"):
        FeatureSelection([0, 6])(np.zeros((1, 6), np.float32))
