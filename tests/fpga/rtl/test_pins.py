import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.errors import DataError, PrecisionError
from codesign.fpga.rtl.identifiers import KEYWORDS, comment_text, identifiers
from codesign.fpga.rtl.pins import Interface
from codesign.fpga.rtl.vectors import Vectors, hex_lines
from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network
from tests.random_networks import random_events, random_network

NAMES = st.lists(
    st.one_of(
        st.text(max_size=12), st.sampled_from(["clk", "reg", "Reg", "REG", "a b", "a_b", "a", "A", "0", "", "x0", "_"])
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(NAMES, st.booleans())
def test_any_names_are_different_identifiers_of_verilog_and_vhdl(names, prefixed):
    found = identifiers(names, "x", taken=["clk"], prefixed=prefixed)
    assert len(found) == len(names) == len({one.lower() for one in found})
    for one in found:
        assert re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", one) and len(one) < 60
        assert one.lower() not in KEYWORDS and one.lower() != "clk"
        assert one.startswith("x") or not prefixed


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=30))
def test_a_comment_is_one_line_of_ascii(text):
    shown = comment_text(text)
    assert shown.isascii() and shown.isprintable() and shown[0] in "'\"" and not shown.endswith("\\")


def test_types_of_a_network_are_its_words_where_none_are_given():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        network = random_network(rng, per_element=seed % 2 == 1)
        interface, x = Interface.of(network), random_events(rng, network)
        step = np.exp2(-np.asarray(network.output_precision.fraction, float))
        assert np.array_equal(interface.emulate(interface.encode(x)) * step, network.emulate(x))
        assert [pin.name for pin in interface.inputs] == [f"x{i}" for i in range(network.n_inputs)]
        assert all(re.fullmatch(r"ap_u?fixed<-?\d+,-?\d+>", pin.format) for pin in interface.outputs)


USED = FixedPoint(np.array([4, 6, 5]), np.array([5, 3, 4]), np.array([False, True, True]))


def words_and_network(used=USED):
    """Three words: 8 bits unsigned of which 4 are used, 6 signed of which all are, 7 unsigned of which 4 are."""
    words = SimpleNamespace(
        width=np.array([8, 6, 7]),
        signed=np.array([False, True, False]),
        fraction=np.array([3, 3, 4]),
        scale=np.ones(3) / 3,
    )
    rng = np.random.default_rng(0)
    kernel, types = rng.integers(-7, 8, (3, 2)) / 8, FixedPoint(8, 4)
    layer = DenseLayer("fc", kernel, [0.5, -0.25], "linear", LayerPrecision(types, types))
    return words, Network.chain([layer], used)


def test_low_bits_of_words_are_cut_off():
    words, network = words_and_network()
    interface = Interface.of(network, ["a", "b", "c"], ["g", "q"], words)
    assert [pin.dropped for pin in interface.inputs] == [4, 0, 3]
    assert [pin.used for pin in interface.inputs] == [4, 6, 4]
    assert [pin.format for pin in interface.inputs] == ["ap_uint<8>", "ap_int<6>", "ap_uint<7>"]
    sent = np.random.default_rng(1).integers([0, -32, 0], [256, 32, 128], (500, 3))
    x = interface.values(sent)
    assert np.array_equal(interface.encode(x), sent)
    step = np.exp2(-float(np.max(network.output_precision.fraction)))
    assert np.array_equal(interface.emulate(sent) * step, network.emulate(x))


@pytest.mark.parametrize(
    ("used", "message"),
    [
        (FixedPoint(8, 9, False), "feature 'b': .*holds the 2 bits"),
        (FixedPoint(np.array([3, 6, 5]), np.array([4, 3, 4]), np.array([False, True, True])), "feature 'a': .*4 bits"),
        (FixedPoint(4, 5, True, "RND", "SAT"), "TRN. Received: RND"),
    ],
)
def test_words_that_do_not_fit_are_refused(used, message):
    words, network = words_and_network(used)
    with pytest.raises(PrecisionError, match=message):
        Interface.of(network, ["a", "b", "c"], (), words)


def test_names_and_words_are_counted():
    words, network = words_and_network()
    with pytest.raises(DataError, match="features: expected 3 names, one for each value. Received: 2"):
        Interface.of(network, ["a", "b"])
    with pytest.raises(DataError, match="outputs: expected 2 names"):
        Interface.of(network, (), ["g"])
    with pytest.raises(DataError, match="words: expected 3"):
        Interface.of(network, (), (), SimpleNamespace(**{name: value[:2] for name, value in vars(words).items()}))


def test_vectors_begin_with_the_corners_and_hold_events():
    words, network = words_and_network()
    for given_words, low, high in ((words, [0, -32, 0], [255, 31, 127]), (None, [0, -32, -16], [15, 31, 15])):
        interface = Interface.of(network, (), (), given_words)
        x = interface.values(np.array([[1, 2, 3], [9, -9, 9]]))
        vectors = Vectors.of(interface, x, 100)
        assert vectors.words.shape == (100, 3) and vectors.codes.shape == (100, 2)
        assert vectors.words[:3].tolist() == [low, high, [0, 0, 0]]
        assert all((vectors.words == row).all(1).any() for row in interface.encode(x))
        assert (vectors.words >= low).all() and (vectors.words <= high).all()
        assert np.array_equal(vectors.codes, interface.emulate(vectors.words))


def test_hexadecimal_lines_hold_codes_side_by_side():
    assert hex_lines(np.array([[-1, 3], [1, -4]]), [4, 3]) == "3f\n41\n"
    assert hex_lines(np.array([[5, 7]]), [0, 3]) == "7\n"
