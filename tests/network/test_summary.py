import numpy as np
import pytest

from codesign.fpga import Design, DesignReport
from codesign.network import FixedPoint, Network
from tests.random_networks import random_network


@pytest.mark.parametrize("seed", range(20))
def test_every_repr_is_one_short_line(seed):
    network = random_network(np.random.default_rng(seed), per_element=seed % 2 == 1)
    floating = Network.chain([type(layer)(layer.name, layer.kernel, layer.bias) for layer in network.layers])
    designs = [
        Design(network),
        Design(network, accuracy=0.75, report=DesignReport("estimate", lut=10, clock_target_ns=5.0)),
    ]
    for one in (network, floating, *network.layers, network.input_precision, *designs):
        text = repr(one)
        assert "\n" not in text and "array" not in text and len(text) < 220


def test_a_type_prints_as_it_is_read():
    for text in ("ap_fixed<8,3>", "ap_ufixed<6,2,AP_RND,AP_SAT>"):
        assert eval(repr(FixedPoint.parse(text)), {"FixedPoint": FixedPoint}) == FixedPoint.parse(text)


def test_summary_prints_a_row_for_each_layer_with_its_counts(capsys):
    network = random_network(np.random.default_rng(3), (4, 6, 2))
    assert network.summary() is None
    printed = capsys.readouterr().out.splitlines()
    for layer in network.layers:
        (row,) = [line for line in printed if line.startswith(f"{layer.name} ")]
        assert (
            f"{np.count_nonzero(layer.kernel)} of {layer.kernel.size}" in row
            and f"{layer.n_in} -> {layer.n_out}" in row
        )
    assert f"{network.n_weights} of 36 weights are not 0" in printed[-1]
    lines = []
    Design(network, accuracy=0.5, report=DesignReport("yosys", lut=77)).summary(print_fn=lines.append)
    assert "77" in lines[0] and "yosys" in lines[0] and "4 -> 6" in lines[0]
