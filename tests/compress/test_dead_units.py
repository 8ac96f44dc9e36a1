import numpy as np
import pytest

from codesign.compress.dead_units import PlainLayer, find_live_units


def relu(values):
    return np.maximum(values, 0)


def shifted(values):
    return np.tanh(values) + 1.5  # a constant unit never gives 0


def evaluate(layers, kernels, biases, x):
    for layer, kernel, bias in zip(layers, kernels, biases):
        x = layer.activate(x @ kernel + bias)
    return x


def random_layers(rng, sizes, activation, density):
    shapes = zip(sizes, sizes[1:])
    return [
        PlainLayer(rng.normal(size=shape) * (rng.random(shape) < density), rng.normal(size=shape[1]), activation)
        for shape in shapes
    ]


def depends_on(layers):
    """Return for each input and hidden unit whether non-zero weights join it to an input and to an output."""
    links = [layer.kernel != 0 for layer in layers]
    forward = [np.ones(len(links[0]), bool)]
    for link in links:
        forward.append((link & forward[-1][:, np.newaxis]).any(0))
    backward = [np.ones(links[-1].shape[1], bool)]
    for link in links[::-1]:
        backward.insert(0, (link & backward[0]).any(1))
    return [before & after for before, after in zip(forward, backward)][:-1]


@pytest.mark.parametrize("activation", [relu, shifted])
@pytest.mark.parametrize("seed", range(25))
def test_what_stays_is_what_lies_on_a_path_and_outputs_are_the_same(seed, activation):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, rng.integers(2, 6))
    layers = random_layers(rng, sizes, activation, rng.choice([0.15, 0.3, 0.6]))
    live = find_live_units(layers)
    for kept, count, expected in zip(live.kept, live.counts, depends_on(layers)):
        assert count == expected.sum()
        np.testing.assert_array_equal(kept, np.flatnonzero(expected) if expected.any() else [0])
    np.testing.assert_array_equal(live.kept[-1], np.arange(sizes[-1]))
    x = rng.normal(size=(20, sizes[0]))
    kernels = [kernel[np.ix_(rows, columns)] for kernel, rows, columns in zip(live.kernels, live.kept, live.kept[1:])]
    biases = [bias[columns] for bias, columns in zip(live.biases, live.kept[1:])]
    original = evaluate(layers, [layer.kernel for layer in layers], [layer.bias for layer in layers], x)
    np.testing.assert_allclose(evaluate(layers, kernels, biases, x[:, live.kept[0]]), original, rtol=1e-9, atol=1e-12)


def test_a_constant_whose_fold_the_bias_cannot_hold_stays():
    first = PlainLayer(np.zeros((1, 2)), np.array([1.0, -1.0]), relu)
    kernel = np.array([[0.3], [0.5]])
    coarse = PlainLayer(kernel, np.zeros(1), relu, lambda bias: np.array_equal(np.rint(bias), bias))
    assert find_live_units([first, PlainLayer(kernel, np.zeros(1), relu)]).counts == [0, 0, 1]
    live = find_live_units([first, coarse])
    np.testing.assert_array_equal(live.kept[1], [0])
    assert live.counts == [0, 1, 1]
    np.testing.assert_array_equal(live.biases[1], [0])
