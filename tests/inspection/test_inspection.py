"""What is counted of a network, against plain loops, and what is drawn of it."""

import argparse
import json
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from codesign import DenseLayer, FixedPoint, Input, Network, Node, inspect_file, quantize_network
from codesign.cli.input_shape import input_shapes
from codesign.cli.main import main
from codesign.errors import ConfigError
from codesign.inspection.back_ends import ask_back_ends
from codesign.inspection.placing import Spacing, place_boxes
from codesign.network.ops import Add, Affine, Dense, MatMul, Minimum, Multiply
from tests.random_designs import random_design

SVG = "{http://www.w3.org/2000/svg}"


def chain(n_layers=3, n=4):
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.5) for _ in range(n_layers)]
    return Network.chain([DenseLayer(f"fc{i}", kernel, np.ones(n), "relu") for i, kernel in enumerate(kernels)])


def saved(network, folder):
    network.save(folder / "network.json")
    return folder / "network.json"


def test_products_and_bit_operations_are_those_of_plain_loops(tmp_path):
    rng = np.random.default_rng(1)
    network = quantize_network(chain(), rng.normal(size=(50, 4)), weights=5, activations=6, inputs=7)
    found = inspect_file(saved(network, tmp_path))
    products = bits = zeros = 0
    for layer in network.layers:
        for row in layer.kernel:
            for weight in row:
                products += weight != 0
                zeros += weight == 0
                bits += (weight != 0) * layer.precision.weight.width * (7 if layer.name == "fc0" else 6)
    totals = found.totals
    assert (totals["products"], totals["bit_operations"], totals["zeros"]) == (products, bits, zeros)
    assert totals["constants"] == sum(layer.kernel.size + layer.bias.size for layer in network.layers)


def test_products_of_values_and_of_factors_count(tmp_path):
    kind = FixedPoint(6, 3)
    pair = [Input("q", (2, 3), kind), Input("k", (3, 4), FixedPoint(4, 2))]
    product = inspect_file(saved(Network([Node("qk", MatMul(), ["q", "k"])], pair, ["qk"]), tmp_path)).facts[-1]
    assert (product.products, product.bit_operations) == (24, 24 * 24)
    nodes = [Node("times", Multiply(), ["a", "b", "a"]), Node("scaled", Affine([2.0, 0.0, 1.0], [0.0] * 3), ["times"])]
    network = Network(nodes, [Input("a", (3,), kind), Input("b", (3,), FixedPoint(4, 2))], ["scaled"])
    found = {one.name: one for one in inspect_file(saved(network, tmp_path)).facts}
    assert (found["times"].products, found["scaled"].products) == (6, 2)
    assert found["times"].bit_operations == 3 * (6 * 4 + 10 * 6)
    assert found["scaled"].bit_operations is None  # the factor has no type


def test_constants_at_the_limit_of_a_type_that_saturates_are_counted(tmp_path):
    kernel = np.array([[-2.0, 1.75], [0.25, 5.0]])
    network = Network.chain([DenseLayer("fc", kernel, np.zeros(2))])
    network = quantize_network(network, np.ones((2, 2)), weights=6, activations=8, inputs=8)
    op = network.nodes[0].op
    types = type(op.types)(FixedPoint(4, 2, overflow="SAT"), op.types.bias)
    network = network.with_ops({network.nodes[0].name: Dense(kernel, op.bias, types)})
    found = inspect_file(saved(network, tmp_path)).facts[1].constants[0]
    assert (found.at_limit, found.distinct, found.zeros, found.bits) == (3, 4, 0, 16)


def test_values_outside_their_types_are_counted(tmp_path):
    network = quantize_network(chain(1), np.full((4, 4), 1.9), weights=8, activations=8, inputs=8)
    events = np.array([[0.5, 0.5, 0.5, 99.0], [0.5, 0.5, -99.0, -99.0]])
    found = inspect_file(saved(network, tmp_path), events).facts
    assert found[0].beyond == pytest.approx(3 / 8)


@pytest.mark.parametrize("seed", range(12))
def test_any_design_is_inspected_and_drawn(tmp_path, seed, capsys):
    network, x = random_design(seed)
    path = saved(network, tmp_path)
    np.savez(tmp_path / "x.npz", x=x)
    options = ["--json", str(tmp_path / "a.json"), "--svg", str(tmp_path / "a.svg"), "--data", str(tmp_path / "x.npz")]
    assert main(["inspect", str(path), *options]) == 0
    content = json.loads((tmp_path / "a.json").read_text())
    assert [one["name"] for one in content["nodes"]] == list(network.shapes)
    assert {one["back_end"] for one in content["back_ends"]} >= {"hls4ml", "unrolled", "cpp", "onnx", "tflite", "json"}
    drawn = ET.parse(tmp_path / "a.svg").getroot()
    names = {text.text for text in drawn.iter(f"{SVG}text") if text.get("class") == "name"}
    assert {one.name for one in network.inputs} <= names and len(names) <= len(network.shapes)
    assert main(["inspect", str(path)]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ["hls4ml", network.nodes[0].name])


def test_a_back_end_names_the_first_node_that_it_refuses():
    network = Network(
        [Node("least", Minimum(), ["a", "b"]), Node("sum", Add(), ["least", "a"])],
        [Input("a", (2,)), Input("b", (2,))],
        ["sum"],
    )
    verdicts = {one.back_end: one for one in ask_back_ends(network)}
    assert verdicts["cpp"].takes and verdicts["hls4ml"].takes and "asked with 16 bits" in verdicts["hls4ml"].reason
    assert not verdicts["json"].takes and verdicts["json"].reason.startswith("node 'least'")


def test_boxes_do_not_overlap_and_lines_cross_none():
    rng = np.random.default_rng(3)
    for n in (1, 5, 30, 60):
        edges = {"x": ()}
        for index in range(n):
            edges[f"n{index}"] = tuple({str(one) for one in rng.choice(list(edges)[-4:], 2)})
        spacing = Spacing(width=100, height=40)
        placed = place_boxes(edges, spacing)
        assert set(placed.boxes) == set(edges)
        places = np.array(list(placed.boxes.values()))
        apart = np.abs(places[:, np.newaxis] - places[np.newaxis]) >= [spacing.width, spacing.height]
        assert (apart.any(-1) | np.eye(len(places), dtype=bool)).all()
        width, height = placed.size
        assert (places[:, 0] > 0).all() and (places < [width, height]).all()
        for (x, y), (next_x, next_y) in (pair for line in placed.lines for pair in pairwise(line)):
            for t in np.linspace(0.02, 0.98, 9):
                inside = np.abs(places - [x + t * (next_x - x), y + t * (next_y - y)]) < [49.9, 19.9]
                assert not inside.all(-1).any()


def test_a_very_long_network_is_drawn_in_few_boxes(tmp_path):
    drawn = inspect_file(saved(chain(150), tmp_path)).to_svg()
    assert drawn.count("<g><title>") < 5 and "150 in a row" in drawn


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file; copy or save it again"),
        (b"a,b\n1,2\n", "text, such as a CSV, not a model"),
        (b"\x80\x04K\x01.", "a pickle, which can run any program"),
        (None, "which does not exist"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, capsys, content, message):
    if content is not None:
        (tmp_path / "model").write_bytes(content)
    assert main(["inspect", str(tmp_path / "model")]) == 1
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "shapes"), [(["16,3"], (16, 3)), (["a=16, 3", "b=2"], {"a": (16, 3), "b": (2,)}), ([], None)]
)
def test_shapes_of_inputs_are_read_from_the_command_line(given, shapes):
    assert input_shapes(argparse.Namespace(input_shape=given)) == shapes


@pytest.mark.parametrize("given", [["16x3"], ["a=2", "3"], ["a=2", "a=3"], [""], ["a="], ["-1"]])
def test_shapes_that_are_none_are_one_line(given):
    with pytest.raises(ConfigError, match="--input-shape: expected"):
        input_shapes(argparse.Namespace(input_shape=given))
