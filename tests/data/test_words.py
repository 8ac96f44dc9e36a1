"""Words: what a detector sends, found from data or declared, as integers and as what a network takes them for."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.data import Dataset, Words
from codesign.errors import CodesignError, ConfigError, DataError

NAMES = ("energy", "eta", "n_tracks", "flag")


def events(n_events: int = 500, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    columns = rng.exponential(30, n_events), rng.normal(0, 1.3, n_events), rng.poisson(7, n_events)
    return np.stack([*columns, rng.random(n_events) < 0.1], 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 24), st.sampled_from((1e-6, 0.37, 1.0, 4e5)))
@settings(max_examples=60, deadline=None)
def test_found_words_hold_the_data_and_are_exact(seed, bits, unit):
    x = events(200, seed) * unit
    words = Words.find(x, NAMES, bits)
    codes, values, kind = words.codes(x), words.encode(x), words.precision
    assert words.width.max() <= bits
    np.testing.assert_array_equal(values, values.astype(np.float32))
    np.testing.assert_array_equal(kind.to_codes(values), codes)
    np.testing.assert_array_equal(words.values(codes), values)
    inside = (x <= words.high) & (x >= words.low)
    assert (np.abs(codes * words.scale - x) <= 0.5001 * words.scale)[inside].all()
    beyond = (np.rint(x / words.scale) > kind.code_high) | (np.rint(x / words.scale) < kind.code_low)
    np.testing.assert_array_equal(beyond.sum(0), words.saturating)
    mean, std = x.mean(0), x.std(0)
    assert (beyond.sum(0) == 0)[(x.max(0) <= mean + 8 * std) & (x.min(0) >= mean - 8 * std)].all()
    spread = values.std(0)
    assert ((spread == 0) | ((spread > 0.7) & (spread < 1.4143))).all()
    unit = np.maximum(1, 2.0**-words.fraction)
    np.testing.assert_array_equal(words.offset % unit, 0)
    assert (np.abs(values.mean(0) - words.offset) <= 0.5001 * unit).all()
    again = Words.from_dict(json.loads(json.dumps(words.as_dict())))
    assert again.as_dict() == words.as_dict()


def test_whole_numbers_and_steps_are_sent_as_they_are():
    x = np.stack([[0.0, 3, 7, 200], [-2, 0, 1, 1], [0.25, 0.5, 0.75, 6], [0.1, 0.3, 0.7, 0.2], [5, 5, 5, 5]], 1)
    words = Words.find(x, tuple("abcde"), 12)
    assert words.formats == ("ap_ufixed<8,8>", "ap_fixed<2,2>", "ap_ufixed<5,3>", "ap_uint<3> x 0.1", "ap_ufixed<3,3>")
    np.testing.assert_allclose(words.codes(x) * words.scale, x)
    assert Words.find([[100_000.0], [1.0]], ("adc",), 12).scale[0] == 32


def test_a_long_tail_saturates_and_rare_flags_do_not():
    rng = np.random.default_rng(1)
    x = np.stack([rng.normal(size=5000), rng.random(5000) < 1e-3], 1)
    x[0] = 1e4, 1
    words = Words.find(x, ("tail", "flag"))
    assert words.saturating.tolist() == [1, 0]
    assert words.high[0] < 2000
    assert len(words.notes) == 1
    assert "'tail' saturates in 1 of 5000 events" in words.notes[0]
    np.testing.assert_array_equal(words.codes(x)[:, 1], x[:, 1])


def test_declared_words_are_those_of_the_detector():
    x = events()
    formats = {
        "energy": "ap_ufixed<14,12>",
        "eta": {"bits": 9, "scale": 0.02},
        "n_tracks": "ap_uint<6>",
        "flag": {"bits": 1, "scale": 1, "signed": False},
    }
    words = Words.declare(dict(reversed(formats.items())), x, NAMES)
    assert words.features == NAMES
    assert words.formats == ("ap_ufixed<14,12>", "ap_int<9> x 0.02", "ap_ufixed<6,6>", "ap_ufixed<1,1>")
    np.testing.assert_array_equal(words.codes(x)[:, 0], np.rint(4 * x[:, 0]))
    np.testing.assert_array_equal(words.precision.signed, [False, True, False, False])


@pytest.mark.parametrize(
    "formats, message",
    [
        ({"enrgy": "ap_ufixed<14,12>"}, r"unknown feature 'enrgy' \(did you mean 'energy'\?\)"),
        ({"energy": "ap_ufixed<14,12>", "eta": "ap_fixed<9,3>"}, "Missing: n_tracks, flag"),
        ({"energy": "ap_ufixed<4,2>"}, "feature 'energy', ap_ufixed<4,2>: expected a range that holds values.* of 500"),
        ({"energy": "ap_ufixed<4,14>"}, "'energy', ap_ufixed<4,14>: expected steps that resolve values"),
        ({"energy": "float"}, "feature 'energy': precision: expected a fixed-point type"),
        ({"energy": {"bits": 9}}, "feature 'energy': expected bits, scale, maybe signed. Received: bits"),
        ({"energy": {"bits": 9, "scal": 1.0}}, "did you mean 'scale'"),
        ({"energy": {"bits": 9, "scale": 0.0}}, "a scale above 0"),
        ({"energy": "ap_ufixed<30,20>"}, "at most 24 bits.*Received: 30"),
        ({"energy": 12}, "feature 'energy': expected a type"),
    ],
)
def test_rejects_declarations(formats, message):
    rest = {"eta": "ap_fixed<9,3>", "n_tracks": "ap_uint<6>", "flag": "ap_uint<1>"}
    if "eta" not in formats:
        formats = rest | formats
    with pytest.raises(CodesignError, match=message):
        Words.declare(formats, events(), NAMES)


def test_free_words_put_the_leading_bits_where_they_tell_most():
    x = events(4000)
    y = (x[:, 0] > 25).astype(int) + (x[:, 1] > 0.4)
    words = Words.free(x, y, NAMES)
    codes = words.codes(x)
    assert words.formats[0].startswith("ap_uint<8> x ")
    assert (codes[:, 0] >= 128).mean() == pytest.approx((x[:, 0] > 25).mean(), abs=0.15)
    assert np.ptp(codes, 0).tolist() == [255] * 4 or (codes.max(0) <= 255).all()
    inside = (x >= words.low) & (x <= words.high)
    assert (np.abs(words.decode(words.encode(x)) - x) <= 0.5001 * words.scale)[inside].all()
    np.testing.assert_array_equal(words.precision.to_codes(words.encode(x)), codes)
    assert Words.from_dict(json.loads(json.dumps(words.as_dict()))).as_dict() == words.as_dict()
    older = {name: part for name, part in Words.find(x, NAMES).as_dict().items() if name != "zero"}
    np.testing.assert_array_equal(Words.from_dict(older).codes(x), Words.find(x, NAMES).codes(x))
    by_values, by_shares = (Words.free(x, given, NAMES, 6) for given in (x[:, :1], np.eye(3)[y]))
    assert by_values.width.tolist() == by_shares.width.tolist() == [6] * 4
    with pytest.raises(DataError, match="y: expected 4000 finite labels"):
        Words.free(x, y[:5], NAMES)


def test_rejects_what_is_no_data():
    x = events()
    words = Words.find(x, NAMES)
    bad = x.copy()
    bad[3, 1] = np.nan
    for call in (lambda: Words.find(bad, NAMES), lambda: words.codes(bad), lambda: words.encode(bad)):
        with pytest.raises(DataError, match="in 1 of 500 events, most in feature 'eta'"):
            call()
    with pytest.raises(DataError, match=r"shape \(n_events, 4\).*Received: \(500, 3\)"):
        words.codes(x[:, :3])
    with pytest.raises(ConfigError, match="bits: expected 1 to 24"):
        Words.find(x, NAMES, 40)
    with pytest.raises(ConfigError, match="words: expected the keys features, width"):
        Words.from_dict({"features": []})
    with pytest.raises(ConfigError, match="scale: expected 4 numbers"):
        Words.from_dict(words.as_dict() | {"scale": [1.0]})


def test_a_data_set_in_words():
    x, y = events(), np.arange(500) % 2
    data = Dataset(x, y, x[:50], y[:50], NAMES, ("a", "b"))
    sent = data.in_words(bits=8)
    assert sent.words.width.max() == 8
    np.testing.assert_array_equal(sent.x_test, sent.words.encode(x[:50]))
    np.testing.assert_array_equal(data.in_words(sent.words).x_train, sent.x_train)
    declared = data.in_words({name: {"bits": 12, "scale": 0.1} for name in NAMES})
    assert declared.words.scale.tolist() == [0.1] * 4
    assert declared.standardized().words is None
    assert declared.hold_out()[0].words is declared.words
    with pytest.raises(ConfigError, match="in words already"):
        sent.in_words()
    with pytest.raises(ConfigError, match="expected those of energy, eta"):
        Dataset(x[:, :2], y, x[:, :2], y, NAMES[:2], ("a", "b")).in_words(sent.words)
