from fractions import Fraction
from math import floor

import numpy as np
import pytest

from codesign.errors import PrecisionError
from codesign.network import FixedPoint
from codesign.network.types.fixed_point import OVERFLOWS, ROUNDINGS, round_shift

FORMATS = [(1, 1), (2, 1), (4, 2), (5, -2), (6, 9), (8, 8)]


def slow_round(value: Fraction, rounding: str) -> int:
    low = floor(value)
    rest = value - low
    if rounding == "TRN" or rest < Fraction(1, 2):
        return low
    if rest > Fraction(1, 2) or rounding == "RND":
        return low + 1
    return low + low % 2


def slow_convert(value: Fraction, precision: FixedPoint) -> Fraction:
    """Round, then overflow, one value at a time in exact fractions."""
    step = Fraction(2) ** -precision.fraction
    code = slow_round(value / step, precision.rounding)
    if precision.overflow == "WRAP":
        span = 2**precision.width
        code %= span
        if precision.signed and code >= span // 2:
            code -= span
    else:
        code = min(max(code, precision.code_low), precision.code_high)
    return code * step


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width, integer", FORMATS)
def test_conversion_equals_exact_fractions(width, integer, signed, rounding, overflow):
    precision = FixedPoint(width, integer, signed, rounding, overflow)
    values = np.arange(-300, 300) / 16.0
    codes = np.arange(-300, 300)
    from_values = precision.quantize(values)
    from_codes = precision.requantize(codes, 4) * 2.0**-precision.fraction
    expected = [float(slow_convert(Fraction(int(code), 16), precision)) for code in codes]
    np.testing.assert_array_equal(from_values, expected)
    np.testing.assert_array_equal(from_codes, expected)


def test_range_of_each_format():
    assert (FixedPoint(4, 2).low, FixedPoint(4, 2).high) == (-2.0, 1.75)
    assert (FixedPoint(4, 2, overflow="SAT_SYM").low, FixedPoint(4, 2, signed=False).high) == (-1.75, 3.75)


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_shift_per_element_equals_shift_one_by_one(rounding):
    codes = np.arange(-64, 64).reshape(16, 8)
    shifts = np.arange(-3, 5)
    together = round_shift(codes, shifts, rounding)
    one_by_one = np.stack([round_shift(column, shift, rounding) for column, shift in zip(codes.T, shifts)], 1)
    np.testing.assert_array_equal(together, one_by_one)


@pytest.mark.parametrize(
    "text", ["ap_fixed<16,6>", "ap_ufixed<8,2,AP_RND,AP_SAT>", "ap_fixed<6,-2,AP_RND_CONV,AP_SAT_SYM>", "ap_fixed<3,9>"]
)
def test_text_round_trip(text):
    assert str(FixedPoint.parse(text)) == text


def test_short_and_integer_texts():
    assert FixedPoint.parse("fixed<16,6>") == FixedPoint(16, 6)
    assert FixedPoint.parse("ap_uint<4>") == FixedPoint(4, 4, signed=False)
    assert FixedPoint.parse("ap_fixed<8, 3, AP_RND, AP_SAT, 0>") == FixedPoint(8, 3, True, "RND", "SAT")


@pytest.mark.parametrize(
    "text", ["", "float", "ap_fixed<16>", "ap_fixed<a,b>", "ap_fixed<0,0>", "ap_fixed<99,4>", "ap_fixed<8,3,AP_UP>"]
)
def test_bad_text_is_one_clear_line(text):
    with pytest.raises(PrecisionError) as error:
        FixedPoint.parse(text)
    assert "\n" not in str(error.value)
    assert "expected" in str(error.value)


def test_covering_takes_the_fewest_integer_bits():
    rng = np.random.default_rng(0)
    for _ in range(300):
        values = rng.normal(size=5) * 2.0 ** rng.integers(-6, 6)
        precision = FixedPoint.covering(values, int(rng.integers(2, 10)), rounding="RND", overflow="SAT")
        narrower = FixedPoint(precision.width, precision.integer - 1, precision.signed)
        assert precision.count_saturating(values) == 0
        assert narrower.count_saturating(values) > 0


def test_covering_of_zeros_and_of_non_negative_values():
    assert not FixedPoint.covering(np.zeros(3), 6).signed
    assert FixedPoint.covering(np.array([0.0, 3.0]), 6) == FixedPoint(6, 2, signed=False)


def test_envelope_holds_every_element():
    precision = FixedPoint(np.array([0, 3, 8]), np.array([7, -1, 2]))
    envelope = precision.envelope
    assert envelope == FixedPoint(8, 2)
    assert (envelope.low <= precision.low).all() and (envelope.high >= precision.high).all()


def test_width_zero_is_the_constant_zero():
    precision = FixedPoint(np.array([0, 4]), np.array([0, 2]), overflow="SAT")
    np.testing.assert_array_equal(precision.quantize(np.array([1.5, 1.5])), [0.0, 1.5])


@pytest.mark.parametrize("values", [[np.nan], [np.inf], [1e300]])
def test_values_that_no_code_can_hold(values):
    with pytest.raises(PrecisionError, match="values: expected"):
        FixedPoint(16, 6).to_codes(np.array(values))


@pytest.mark.parametrize("seed", range(20))
def test_signs_per_element_are_types_per_element(seed):
    rng = np.random.default_rng(seed)
    n = 5
    width, integer, signed = rng.integers(0, 9, n), rng.integers(-2, 5, n), rng.random(n) < 0.5
    signed[:2] = True, False
    modes = str(rng.choice(("TRN", "RND", "RND_CONV"))), str(rng.choice(("WRAP", "SAT", "SAT_SYM")))
    whole = FixedPoint(width, integer, signed, *modes)
    each = [FixedPoint(width[i : i + 1], integer[i : i + 1], bool(signed[i]), *modes) for i in range(n)]
    values = rng.normal(0, 6, (300, n))
    assert whole.per_element and whole.differs_by_element and whole.envelope.signed
    for index, one in enumerate(each):
        part = slice(index, index + 1)
        np.testing.assert_array_equal(whole.quantize(values)[:, part], one.quantize(values[:, part]))
        np.testing.assert_array_equal((whole.code_low[part], whole.code_high[part]), (one.code_low, one.code_high))
        if width[index] > 1:
            assert whole.envelope.low <= one.low[0] and one.high[0] <= whole.envelope.high
    assert whole.count_saturating(values) == sum(one.count_saturating(values[:, i]) for i, one in enumerate(each))
    codes = rng.integers(-500, 500, (300, n))
    expected = np.concatenate([one.requantize(codes[:, i : i + 1], 3) for i, one in enumerate(each)], 1)
    np.testing.assert_array_equal(whole.requantize(codes, 3), expected)
    assert whole == FixedPoint(width, integer, signed.copy(), *modes) != FixedPoint(width, integer, ~signed, *modes)


def test_signs_that_are_alike_are_one():
    assert FixedPoint(4, 2, np.array([True, True])) == FixedPoint.parse("ap_fixed<4,2>")
    with pytest.raises(PrecisionError, match="signed: expected true or false"):
        FixedPoint(4, 2, "yes")
