import numpy as np
import pytest

from codesign import DenseLayer, FixedPoint, Network, quantize_network
from codesign.fpga.estimate.type_notes import network_type_notes, type_notes


@pytest.mark.parametrize("width", [2, 8, 16])
@pytest.mark.parametrize("integer", range(-12, 36, 4))
def test_a_type_is_said_where_it_holds_next_to_nothing(width, integer):
    """Of values of about 1, by brute force: none of them is a number other than 0 or one step, or none is in range."""
    kind = FixedPoint(width, integer)
    values = np.linspace(0.1, 1, 50)
    too_coarse = len(np.unique(kind.quantize(values))) == 1 and 2.0**-kind.fraction > 1
    too_narrow = kind.high < 1 / 16
    (said,) = type_notes({"fc": kind}) or ("",)
    assert ("multiples of" in said) == too_coarse and ("no value beyond" in said) == too_narrow
    assert said == "" or said.startswith(f"{kind} of fc: ")


def test_weights_are_compared_with_their_own_step():
    layers = [DenseLayer(name, [[0.3, -0.2], [0.1, 0.25]], [0.0, 0.0]) for name in ("small", "other")]
    x = np.array([[40.0, 60.0], [-70.0, 3.0]])
    types = {"small": "ap_fixed<8,9>", "other": "ap_fixed<8,1>"}
    network = quantize_network(Network.chain(layers), x, weights=types, activations="ap_fixed<16,12>")
    (said,) = network_type_notes(network, x)
    assert said.startswith("ap_fixed<8,9> of small: ") and "multiples of 2, and the largest of them is 0.3" in said
    coarse = quantize_network(Network.chain(layers), x, weights="ap_fixed<8,1>", activations="ap_fixed<8,15>")
    assert "of inputs: its values are multiples of 128" in network_type_notes(coarse, x)[0]
    assert "of inputs" not in str(network_type_notes(coarse, 10 * x))
