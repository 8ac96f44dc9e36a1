"""Generated C++ beyond ordinary numbers: against dense layers in numpy's float32, zeros included.

Outputs that lie on the events.
"""

import ctypes
import shutil

import numpy as np
import pytest

from codesign.export import CompiledNetwork
from codesign.export.cpp.plan import make_plan
from codesign.export.single_chain import SingleChain
from tests.export.example_chains import chain_of

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
STRANGE = np.array([np.nan, np.inf, -np.inf, 1e36, -1e36, 2e19, -1e19, 1e30, 1e-40, -1e-45, 0.0, -0.0], np.float32)
VECTORS = {
    "native": "-march=native",
    "AVX2": "-march=haswell",
    "SSE": "-march=x86-64",
    "scalar": "-DCODESIGN_FORCE_SCALAR",
}


def activate(activation, z):
    if activation == "relu":
        return np.where(z < 0, np.float32(0), z)
    if activation == "sigmoid":
        return np.float32(1) / (np.float32(1) + np.exp(-z))
    if activation == "softmax":
        powers = np.exp(z - z.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)
    return np.tanh(z) if activation == "tanh" else z


def dense(network, x, order):
    """Every product of every layer, one input after the other, in x's own type; zeros count."""
    chain = SingleChain.of(network)
    values = (x + chain.offset) * chain.scale
    for layer in chain.layers:
        total = np.zeros((len(x), layer.kernel.shape[1]), x.dtype)
        for i in range(layer.kernel.shape[0])[::order]:
            total = total + values[:, i : i + 1] * layer.kernel[i]
        values = activate(layer.activation, total + layer.bias)
    return values


def random_chain(rng):
    depth = rng.integers(1, 4)
    sizes = rng.integers(1, 24, depth + 1)
    layers = []
    for index, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        last = index == depth - 1
        activation = rng.choice(["linear", "relu", "sigmoid", "tanh", *(["softmax"] if last else [])])
        kernel = rng.normal(size=(n_in, n_out)) * (rng.random((n_in, n_out)) < rng.choice([0.0, 0.1, 0.3, 0.8, 1.0]))
        layers.append((kernel, rng.normal(size=n_out), str(activation)))
    far = rng.choice([1.0, 100.0])  # beyond what folds
    return chain_of(*layers, offset=far * rng.normal(size=sizes[0]), scale=rng.choice([-0.5, 1, 2], sizes[0]))


def strange_events(rng, n, n_inputs):
    x = rng.normal(size=(n, n_inputs)).astype(np.float32)
    chosen = rng.random((n, n_inputs)) < rng.choice([0.0, 0.5 / n_inputs, 0.3], (n, 1))
    return np.where(chosen, rng.choice(STRANGE, (n, n_inputs)), x)


@pytest.mark.parametrize(
    "vectors", [pytest.param(one, marks=() if one == "native" else pytest.mark.slow) for one in VECTORS]
)
def test_any_event_gives_what_dense_layers_give_in_float32(vectors):
    rng = np.random.default_rng(list(VECTORS).index(vectors))
    for _ in range(3):
        chain = random_chain(rng)
        compiled = CompiledNetwork(chain, flags=("-std=c++17", "-O1", VECTORS[vectors]))
        x = strange_events(rng, 700, chain.n_inputs)
        if make_plan(
            SingleChain.of(chain)
        ).skips_zeros:  # else log2(e) in the weights overflows a little before float32 does
            x[np.abs(x) == np.float32(1e36)] *= 300
        with np.errstate(all="ignore"):
            expected, reversed_, exact = (
                dense(chain, x, 1),
                dense(chain, x, -1),
                dense(chain, x.astype(np.float64), 1).astype(np.float32),
            )
        # Where float32's own rounding or overflow depends on the order of a sum, there is nothing to be equal to.
        same = np.isclose(expected, reversed_, 1e-5, 1e-6, equal_nan=True) & np.isclose(
            expected, exact, 1e-5, 1e-6, equal_nan=True
        )
        assert same.mean() > 0.7
        for one_by_one in (False, True):
            outputs = compiled.predict(x, one_by_one=one_by_one)
            np.testing.assert_allclose(outputs[same], expected[same], atol=2e-5, rtol=1e-4)


@pytest.fixture(scope="module")
def shapes():
    rng = np.random.default_rng(0)
    chains = {}
    for sizes in ((5, 9, 5), (7, 9, 3), (3, 9, 7)):
        kernels = [rng.normal(size=pair) * (rng.random(pair) < 0.3) for pair in zip(sizes, sizes[1:])]
        chain = chain_of(*((kernel, np.ones(kernel.shape[1]), "relu") for kernel in kernels))
        chains[sizes] = CompiledNetwork(chain, flags=("-std=c++17", "-O1", "-march=native"))
    return chains


@pytest.mark.parametrize("sizes", [(5, 9, 5), (7, 9, 3), (3, 9, 7)])
def test_outputs_may_lie_anywhere_on_the_events(sizes, shapes):
    compiled, rng = shapes[sizes], np.random.default_rng(1)
    for n in (1, 2, 16, 65, 200):
        x = rng.normal(size=(n, sizes[0])).astype(np.float32)
        x[n // 2, 0] = np.inf
        expected = compiled.predict(x)
        for shift in (0, 1, -1, 4, -4, *rng.integers(-n * sizes[-1], n * sizes[0], 12)):
            memory = np.zeros(3 * n * max(sizes), np.float32)
            start = n * max(sizes)
            memory[start : start + x.size] = x.ravel()
            pointer = memory[start:].ctypes.data
            compiled._batch(pointer, ctypes.c_void_p(pointer + 4 * int(shift)), n)
            outputs = memory[start + shift : start + shift + expected.size].reshape(expected.shape)
            np.testing.assert_allclose(outputs, expected, rtol=1e-5, atol=1e-6, err_msg=f"{n} events, {shift}")


def test_one_event_may_be_replaced_by_its_outputs(shapes):
    for sizes, compiled in shapes.items():
        memory = np.zeros(max(sizes), np.float32)
        memory[: sizes[0]] = x = np.random.default_rng(2).normal(size=sizes[0])
        compiled._event(memory.ctypes.data, memory.ctypes.data)
        np.testing.assert_allclose(memory[: sizes[-1]], compiled.predict(x[None])[0], rtol=1e-5, atol=1e-6)
