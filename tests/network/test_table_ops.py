"""Thresholds, bits, tables and their sums: what they refuse, the types they find, the bits of the inputs they read."""

import numpy as np
import pytest

from codesign.errors import DataError, PrecisionError, UnsupportedLayerError
from codesign.export import write_json, write_tflite
from codesign.fpga.hls4ml.checks import check_hls4ml
from codesign.network import FixedPoint, Input, Network, Node, absorb_offset, quantize_network
from codesign.network.input_bits import used_input_bits, without_last_bit
from codesign.network.ops import Bit, Concatenate, Dense, SegmentSum, Table, Tensor, Threshold
from codesign.refine import refine_network

WORDS = FixedPoint(6, 4, signed=True)


def trees(rng, n_inputs=3, n_keys=12, n_tables=5, words=WORDS):
    """A table network: thresholds and bits of all inputs, tables of up to eight of these keys, two sums."""
    codes = rng.integers(words.code_low + 1, words.code_high + 1, n_keys)
    places = rng.integers(0, n_inputs, n_keys)
    step = 2.0**-words.fraction
    bits = Bit(places[:4], step * np.exp2(rng.integers(0, words.width, 4)))
    keys = [rng.permutation(n_keys + 4)[:size].tolist() for size in rng.integers(0, 9, n_tables)]
    entries = [rng.integers(-9, 9, 2 ** len(one)) * 0.25 for one in keys]
    nodes = [
        Node("cuts", Threshold(places, (codes - rng.random(n_keys)) * step), ["x"]),
        Node("bits", bits, ["x"]),
        Node("keys", Concatenate(), ["cuts", "bits"]),
        Node("tables", Table(keys, entries), ["keys"]),
        Node("scores", SegmentSum(rng.integers(0, 2, n_tables), [0.125, -3.0]), ["tables"]),
    ]
    return Network(nodes, [Input("x", (n_inputs,), words)], ["scores"])


def events(rng, network, n=200):
    kind = network.input_precision
    return rng.integers(kind.code_low, kind.code_high + 1, (n, network.n_inputs)) * 2.0**-kind.fraction


@pytest.mark.parametrize("seed", range(12))
def test_integers_are_the_function_itself(seed):
    """Values of a type lie on its steps, so that no threshold is rounded; sums are exact, and no type is too narrow."""
    rng = np.random.default_rng(seed)
    network = trees(rng)
    x = events(rng, network)
    np.testing.assert_array_equal(network.emulate(x), network.predict(x))
    scores, tables = (network.types[name] for name in ("scores", "tables"))
    assert np.max(tables.width) <= 5 and np.max(scores.width) <= 5 + 3 + 3
    assert quantize_network(network, x).emulate(x).tolist() == network.predict(x).tolist()
    offset = rng.integers(-3, 4, network.n_inputs) * 1.0
    moved = absorb_offset(replace_bits(network), offset)
    np.testing.assert_array_equal(moved.emulate(x + offset), replace_bits(network).emulate(x))


def replace_bits(network):
    """The bits as thresholds at 0, which take up an offset."""
    index = dict(zip(["bits"], [node.op.index for node in network.nodes if node.name == "bits"]))["bits"]
    return network.with_ops({"bits": Threshold(index, np.zeros(len(index)))})


@pytest.mark.parametrize("seed", range(12))
def test_what_is_not_read_may_be_anything(seed):
    """Bits below those that count change nothing; the last of those that count does, if the tables tell it apart."""
    rng = np.random.default_rng(seed)
    network = trees(rng)
    used, x = used_input_bits(network), events(rng, network, 2000)
    codes = network.encode(x)
    masked = codes >> (WORDS.width - used) << (WORDS.width - used)
    keys = Network(network.nodes[:3], network.inputs, ["keys"])
    np.testing.assert_array_equal(keys.emulate_codes(masked), keys.emulate_codes(codes))
    for index in np.flatnonzero(used):
        lower = masked.copy()
        lower[:, index] = lower[:, index] >> (WORDS.width - used[index] + 1) << (WORDS.width - used[index] + 1)
        assert (keys.emulate_codes(lower) != keys.emulate_codes(codes)).any()
        cut = without_last_bit(network, int(index))
        assert np.broadcast_to(cut.input_precision.width, 3)[index] == used[index] - 1


def test_the_last_bit_goes_and_every_threshold_stays_in_reach():
    cuts = Threshold([0, 0], [1.0, 31.0])
    network = Network([Node("cuts", cuts, ["x"])], [Input("x", (1,), FixedPoint(5, 5, signed=False))], ["cuts"])
    cut = without_last_bit(network, 0)
    assert cut.emulate(np.arange(32.0)[:, np.newaxis])[:, 1].sum() == 2 and used_input_bits(cut).tolist() == [4]


def test_tables_have_the_narrowest_types_that_hold_their_entries():
    entries = [[0.0, 0.0], [0.0, 8.0], [-1.0, 0.75], [5.0], [0.5, 0.5]]
    table = Table([[0], [1], [0], [], [1]], entries)
    kind = table.bind([Tensor((2,), FixedPoint(1, 1, signed=False))], None).output
    assert kind.width.tolist() == [1, 1, 3, 3, 1] and kind.fraction.tolist() == [0, -3, 2, 0, 1]
    assert kind.signed.tolist() == [False, False, True, False, False]
    finer = Network([Node("t", Table([[0], [1]], [[0.1, 0.7], [0.25, 1.0]]), ["b"])], [Input("b", (2,))], ["t"])
    bits = np.array([[0, 1], [1, 0.0]])
    typed = quantize_network(finer, bits, weights=5, inputs="ap_ufixed<1,1>")
    assert np.max(typed.types["t"].width) <= 5 and np.abs(typed.emulate(bits) - finer.predict(bits)).max() <= 2**-4


def one(op, *shape, kind=None):
    return Network([Node("n", op, ["x"])], [Input("x", shape or (3,), kind)], ["n"])


@pytest.mark.parametrize(
    "message, make",
    [
        (
            "expected at most 8: up to 6 are one LUT6 for each bit of the entries, 7 are two, 8 are four. Received: 9",
            lambda: Table([range(9)], [np.zeros(512)]),
        ),
        (
            "entries of table 1: expected 4, for 2 keys. Received: shape (3,)",
            lambda: Table([[0], [0, 1]], [[0, 1], [0, 1, 2]]),
        ),
        ("entries: expected those of each of 2 tables", lambda: Table([[0], [1]], [[0, 1]])),
        ("keys of table 0: expected places from 0 to 2. Received: 3", lambda: one(Table([[3]], [[0, 1]]))),
        ("expected a vector, (n,). Received: (2, 3); put a Flatten", lambda: one(Threshold([0], [0.0]), 2, 3)),
        ("index: expected places from 0 to 2. Received: -1", lambda: one(Threshold([-1], [0.0]))),
        ("index: expected whole numbers, (n,)", lambda: Threshold([0.5], [0.0])),
        ("value: expected one for each of 2 keys", lambda: Threshold([0, 1], [0.0])),
        ("value: expected finite weights", lambda: Threshold([0], [np.nan])),
        ("weight: expected powers of two. Received: 3 for key 1", lambda: Bit([0, 0], [1.0, 3.0])),
        ("segments: expected places from 0 to 0. Received: 1", lambda: SegmentSum([0, 1], [0.0])),
        ("expected 2 values to add, (n,). Received: (3,)", lambda: one(SegmentSum([0, 1], [0.0, 0.0]))),
        (
            "threshold 1, of value 2: expected a threshold that its type ap_fixed<6,4> crosses, above -8 and at most "
            "7.75. Received: 9, at which the bit is always 0",
            lambda: one(Threshold([0, 2], [0.0, 9.0]), kind=WORDS).emulate(np.zeros((1, 3))),
        ),
        ("Received: -8, at which the bit is always 1", lambda: one(Threshold([0], [-8.0]), kind=WORDS).types),
        (
            "bit 0, of value 1: expected a bit that its type ap_fixed<6,4> has, of weight 0.25 to 8. Received: 0.125",
            lambda: one(Bit([1], [0.125]), kind=WORDS).types,
        ),
        (
            "expected bits, of type ap_ufixed<1,1>, for a table. Received: 6 bits",
            lambda: one(Table([[0]], [[0, 1]]), kind=WORDS).types,
        ),
        (
            "expected bits, 0 or 1, for a table. Received: 0.5",
            lambda: one(Table([[0]], [[0, 1]])).predict([[0.5, 0, 0]]),
        ),
        (
            "expected entries that a fixed-point type holds exactly",
            lambda: one(Table([[0]], [[1e-30, 1.0]]), kind=FixedPoint(1, 1, False)).types,
        ),
    ],
)
def test_bad_tables_are_refused_in_one_line(message, make):
    with pytest.raises((UnsupportedLayerError, PrecisionError, DataError)) as caught:
        make()
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("width", [1, 3, 8])
@pytest.mark.parametrize("values", [[0.0], [-3.0], [100.0], [0.001, -50.0], [5.0, 5.1]])
def test_types_cross_the_thresholds_that_read_them(values, width):
    if width == 1 and min(values) <= 0 < max(values):
        pytest.skip("one bit crosses one side of 0")
    network = one(Threshold(np.zeros(len(values), int), values))
    for x in (np.zeros((4, 3)), np.random.default_rng(0).normal(size=(9, 3))):
        fixed = quantize_network(network, np.abs(x) if min(values) > 0 else -np.abs(x), weights=4, activations=width)
        assert fixed.fixed_ops["n"].codes.shape == (len(values),)


def test_back_ends_without_tables_name_the_op(tmp_path):
    network, y = trees(np.random.default_rng(0)), np.eye(2)[[0, 1, 0, 1]]
    calls = [
        lambda: check_hls4ml(network),
        lambda: write_json(network, tmp_path / "tables.json"),
        lambda: write_tflite(network, tmp_path / "tables.tflite"),
        lambda: refine_network(network, np.zeros((4, 3)), y),
    ]
    for call in calls:
        with pytest.raises(UnsupportedLayerError, match="threshold") as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_summary_counts_tables_and_keys(capsys):
    network = trees(np.random.default_rng(0))
    network.summary()
    printed = capsys.readouterr().out
    assert "5 tables" in repr(network) and "16 keys" in printed.splitlines()[-1] and "segmentsum" in printed


def test_a_dense_layer_takes_bits_and_gives_them():
    """Comparators as inputs of a dense layer, keys on its sums, and its sums as terms beside those of tables."""
    rng = np.random.default_rng(0)
    nodes = [
        Node("cuts", Threshold([0, 1, 2], [0.0, 1.0, -2.5]), ["x"]),
        Node("fc", Dense(rng.normal(size=(3, 2)), [0.25, 0.0]), ["cuts"]),
        Node("hidden", Threshold([0, 1], [0.3, -0.2]), ["fc"]),
        Node("tables", Table([[0, 1]], [[0.0, 0.5, -0.25, 1.0]]), ["hidden"]),
        Node("high", Bit([0], [0.5]), ["tables"]),
        Node("second", Table([[0]], [[-1.0, 1.0]]), ["high"]),
        Node("terms", Concatenate(), ["tables", "second", "fc"]),
        Node("y", SegmentSum([0, 1, 0, 1], [0.0, 0.0]), ["terms"]),
    ]
    network = Network(nodes, [Input("x", (3,), WORDS)], ["y"])
    x = events(rng, network, 500)
    fixed = quantize_network(network, x, weights=10, activations=14, inputs="trained")
    assert np.abs(fixed.emulate(x) - network.predict(x)).max() < 1e-2
    assert fixed.types["cuts"] == FixedPoint(1, 1, signed=False)


def test_offsets_are_no_finer_than_what_they_are_added_to():
    network = Network([Node("y", SegmentSum([0, 1, 1], [0.3, -40.7]), ["x"])], [Input("x", (3,), WORDS)], ["y"])
    x = events(np.random.default_rng(0), network)
    fixed = quantize_network(network, x, weights=6, activations=8, inputs=str(WORDS))
    assert np.max(fixed.output_precision.fraction) == 2 and np.max(fixed.output_precision.width) <= 9
    np.testing.assert_allclose(fixed.emulate(x), network.predict(x), atol=0.125)
