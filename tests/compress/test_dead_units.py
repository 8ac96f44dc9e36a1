import numpy as np
import pytest

from codesign.compress.dead_units import Channels, PlainLayer, find_live_units


def relu(values):
    return np.maximum(values, 0)


def shifted(values):
    return np.tanh(values) + 1.5  # a constant unit never gives 0


def evaluate(activation, kernels, biases, x):
    for kernel, bias in zip(kernels, biases):
        x = activation(x @ kernel + bias)
    return x


def chain_of(kernels, biases, holds_bias=lambda bias: True):
    """Layers one behind the other, and their channels."""
    starts = np.cumsum([0, *(len(kernel) for kernel in kernels), kernels[-1].shape[1]])
    levels = [np.arange(start, end) for start, end in zip(starts, starts[1:])]
    places = np.arange(starts[-1])
    layers = [PlainLayer(*one, holds_bias) for one in zip(kernels, biases, levels, levels[1:])]
    return layers, Channels(places < starts[1], places >= starts[-2], levels)


def constants_of(activation):
    """What each layer of a chain reads from an event of zeros."""

    def constants(kernels, biases):
        x = [np.zeros(len(kernels[0]))]
        for kernel, bias in zip(kernels, biases):
            x.append(activation(x[-1] @ kernel + bias))
        return x[:-1]

    return constants


def random_layers(rng, sizes, density):
    shapes = list(zip(sizes, sizes[1:]))
    kernels = [rng.normal(size=shape) * (rng.random(shape) < density) for shape in shapes]
    return chain_of(kernels, [rng.normal(size=shape[1]) for shape in shapes])


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
    layers, channels = random_layers(rng, sizes, rng.choice([0.15, 0.3, 0.6]))
    live = find_live_units(layers, channels, constants_of(activation))
    kept = [np.flatnonzero(live.kept[level]) for level in channels.values]
    for level, here, expected in zip(channels.values, kept, depends_on(layers)):
        np.testing.assert_array_equal(live.alive[level], expected)
        np.testing.assert_array_equal(here, np.flatnonzero(expected) if expected.any() else [0])
    np.testing.assert_array_equal(kept[-1], np.arange(sizes[-1]))
    x = rng.normal(size=(20, sizes[0]))
    kernels = [kernel[np.ix_(rows, columns)] for kernel, rows, columns in zip(live.kernels, kept, kept[1:])]
    biases = [bias[columns] for bias, columns in zip(live.biases, kept[1:])]
    original = evaluate(activation, [layer.kernel for layer in layers], [layer.bias for layer in layers], x)
    np.testing.assert_allclose(evaluate(activation, kernels, biases, x[:, kept[0]]), original, rtol=1e-9, atol=1e-12)


def test_a_constant_whose_fold_the_bias_cannot_hold_stays():
    kernels, biases = [np.zeros((1, 2)), np.array([[0.3], [0.5]])], [np.array([1.0, -1.0]), np.zeros(1)]
    layers, channels = chain_of(kernels, biases)
    live = find_live_units(layers, channels, constants_of(relu))
    np.testing.assert_array_equal(live.alive, [False, False, False, True])
    layers, channels = chain_of(kernels, biases, lambda bias: np.array_equal(np.rint(bias), bias))
    live = find_live_units(layers, channels, constants_of(relu))
    np.testing.assert_array_equal(live.alive, [False, True, False, True])
    np.testing.assert_array_equal(live.biases[1], [0])
