"""Einsums as nodes, against NumPy's."""

import numpy as np
import pytest

from codesign.errors import UnsupportedLayerError
from codesign.network import FixedPoint, Network
from codesign.read.graph_builder import GraphBuilder, used_nodes
from codesign.read.parts.einsum import add_einsum, add_einsum_dense
from codesign.read.typed_array import TypedArray

KERNELS = [
    ("ab,bc->ac", (4,), (4, 3), (3,)),
    ("abc,cd->abd", (3, 4), (4, 2), (2,)),
    ("abc,bcd->abd", (3, 4), (3, 4, 2), (3, 2)),  # a kernel for each place
    ("abc,bd->adc", (3, 4), (3, 5), (5, 1)),
    ("abc,cde->abde", (3, 4), (4, 2, 5), (3, 1, 1)),  # a bias for each place
    ("abcd,cde->abe", (3, 2, 4), (2, 4, 5), (5,)),
    ("...c,cd->...d", (3, 2, 4), (4, 2), (2,)),
    ("abc,bc->abc", (3, 4), (3, 4), (4,)),
]
PAIRS = [
    ("abc,adc->abd", (3, 4), (5, 4)),
    ("aecd,abcd->acbe", (5, 2, 3), (4, 2, 3)),
    ("acbe,aecd->abcd", (2, 4, 5), (5, 2, 3)),
    ("abc,acd->adb", (3, 4), (4, 2)),
]


def network_of(add, *shapes):
    builder = GraphBuilder()
    values = [builder.add_input(f"x{index}", shape) for index, shape in enumerate(shapes)]
    outputs = builder.as_outputs([add(builder, *values)])
    return Network(used_nodes(builder.nodes, outputs), builder.inputs, outputs)


@pytest.mark.parametrize(("equation", "shape", "kernel", "bias"), KERNELS)
def test_a_dense_einsum_is_numpys(equation, shape, kernel, bias):
    rng = np.random.default_rng(0)
    x, kernel, bias = rng.normal(size=(6, *shape)), rng.integers(-8, 8, kernel) / 4, rng.integers(-8, 8, bias) / 4
    types = FixedPoint(6, 4)
    each = FixedPoint(np.full(kernel.shape, 6), np.full(kernel.shape, 4))
    expected = np.einsum(equation, x, kernel) + bias
    for kind in (types, each):
        constants = TypedArray(kernel, kind), TypedArray(bias, types)
        network = network_of(lambda b, v: add_einsum_dense(b, "fc", equation, v, constants), shape)
        np.testing.assert_allclose(network.predict(x.reshape(6, -1)), expected.reshape(6, -1), atol=1e-12)


@pytest.mark.parametrize(("equation", "first", "second"), PAIRS)
def test_an_einsum_of_two_values_is_numpys(equation, first, second):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(6, *first)), rng.normal(size=(6, *second))
    network = network_of(lambda builder, x, y: add_einsum(builder, "product", equation, x, y), first, second)
    expected = np.einsum(equation, a, b).reshape(6, -1)
    np.testing.assert_allclose(network.predict([a, b]), expected, atol=1e-12)


@pytest.mark.parametrize("equation", ["ab,bc", "ab,ac->bc", "ab,bc->ab", "abb,bc->ac", "ab,cd->acd", "ab->a", "é,b->é"])
def test_what_is_no_dense_layer_is_one_line(equation):
    constants = TypedArray(np.ones((3, 3))), None
    with pytest.raises(UnsupportedLayerError, match="layer 'fc': expected an einsum of two operands"):
        network_of(lambda b, v: add_einsum_dense(b, "fc", equation, v, constants), (3,))
