"""Bare firmware of deployed triggers, and projects of 2018."""

import re

import numpy as np
import pytest

from codesign import FixedPoint
from codesign.errors import CodesignError
from codesign.read import read_file
from tests.read.hls4ml_project.bare import as_namespace, first_format, with_one_source_of_weights
from tests.read.hls4ml_project.test_golden import events_of, unpacked

NAME = "vitis_1_3_2"


@pytest.fixture
def firmware(tmp_path):
    return unpacked(NAME, tmp_path) / "firmware"


@pytest.mark.parametrize("edit", [as_namespace, with_one_source_of_weights])
def test_edited_firmware_is_read_to_the_bit(edit, firmware, tmp_path):
    x, y = events_of(NAME)
    np.testing.assert_array_equal(read_file(edit(firmware, tmp_path / "NN")).network.emulate(x), y)


def test_a_project_of_2018(tmp_path):
    folder, weights = first_format(tmp_path / "NN", np.random.default_rng(0))
    network = read_file(folder).network
    kind = FixedPoint(18, 8)
    x = np.random.default_rng(1).normal(size=(20, 4)) * 3
    hidden = _dense(kind.to_codes(x), *(kind.to_codes(weights[name]) for name in ("w1", "b1")))
    sums = _dense(np.maximum(hidden, 0), *(kind.to_codes(weights[name]) for name in ("w2", "b2")))
    index = np.clip(np.trunc(sums / 1024 * 1024 / 16).astype(int) + 512, 0, 1023)
    entry = np.floor(1 / (1 + np.exp(-(16 * (index - 512) / 1024))) * 1024) / 1024
    np.testing.assert_allclose(network.emulate(x), entry, atol=1 / 1024)
    assert (network.emulate(x) == entry).mean() > 0.9


def _dense(values, kernel, bias):
    """The plain loop of 2018: products of 18 bits, added one by one."""
    sums = np.broadcast_to(bias, (len(values), len(bias))).copy()
    for column, row in zip(values.T, kernel):
        sums = ((sums + (np.multiply.outer(column, row) >> 10) + 2**17) & (2**18 - 1)) - 2**17
    return sums


@pytest.mark.parametrize(
    "name, old, new, message",
    [
        ("weights/w2.h", None, None, "w2"),
        ("parameters.h", r"struct config2\b", "struct config99", "config2"),
        ("defines.h", r"ap_fixed<", "float_of<", "fixed-point type"),
        ("myproject.cpp", r"nnet::dense<", "nnet::gravnet<", "gravnet"),
        ("myproject.cpp", r"(    nnet::dense<)", r"    answer = 42 * x;\n\1", "answer = 42"),
    ],
)
def test_what_is_missing_or_unknown_is_named(name, old, new, message, firmware):
    path = firmware / name
    if old is None:
        path.unlink()
        path.with_suffix(".txt").unlink()
    else:
        path.write_text(re.sub(old, new, path.read_text()))
    with pytest.raises(CodesignError, match=message) as error:
        read_file(firmware)
    assert "\n" not in str(error.value)
