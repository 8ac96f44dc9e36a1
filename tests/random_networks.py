"""Small random networks over every fixed-point mode, for tests that compare two evaluations bit for bit."""

from dataclasses import replace

import numpy as np

from codesign.network import DenseLayer, FixedPoint, LayerPrecision, Network
from codesign.network.types.fixed_point import OVERFLOWS, ROUNDINGS


def random_network(
    rng: np.random.Generator,
    sizes: tuple[int, ...] | None = None,
    *,
    activations: tuple[str, ...] = ("linear", "relu"),
    roundings: tuple[str, ...] = ROUNDINGS,
    overflows: tuple[str, ...] = OVERFLOWS,
    max_width: int = 9,
    explicit_types: bool = True,
    per_element: bool = False,
    dead: bool = True,
    sparsity: float = 0.3,
) -> Network:
    """Return a network with every type set, in which no product is rounded and no accumulator saturates.

    Types are about as wide as the values they hold, so that rounding and overflow happen and yet outputs differ.

    Args:
        sizes: inputs, hidden units, outputs; by default 1 to 3 layers of 1 to 7 units.
        activations, roundings, overflows: to draw from.
        max_width: bits of a type, at most.
        explicit_types: draw accumulators (WRAP, some too narrow) and results too, at random; else leave them open.
        per_element: give inputs, weights and outputs a type per element, some of width 0.
        dead: set a row and a column of the kernel to 0 now and then.
        sparsity: share of weights that are 0.
    """
    sizes = sizes or tuple(int(n) for n in rng.integers(1, 8, rng.integers(2, 5)))
    options = {"max_width": max_width, "roundings": roundings, "overflows": overflows, "per_element": per_element}
    input_precision = source = random_type(
        rng, rng.normal(size=(99, sizes[0])) * np.exp2(rng.integers(-2, 5)), **options
    )
    values = random_values(rng, source, (99, sizes[0]))
    layers = ()
    for index, shape in enumerate(zip(sizes, sizes[1:])):
        kernel, bias = (
            rng.normal(size=shape) * (rng.random(shape) >= sparsity),
            rng.normal(size=shape[1]) * values.std(),
        )
        if dead and min(shape) > 1 and rng.random() < 0.3:
            kernel[rng.integers(shape[0]), :] = kernel[:, rng.integers(shape[1])] = 0
        weight = random_type(rng, np.broadcast_to(kernel, (1, *shape)), signed=True, **options)
        bias_type = random_type(rng, bias[np.newaxis], signed=True, **options)
        activation = str(rng.choice(activations))
        layer = DenseLayer(f"dense_{index}", weight.quantize(kernel), bias_type.quantize(bias), activation)
        before = values @ layer.kernel + layer.bias
        values = Network.chain((layer,)).predict(values)
        accum = result = output = None
        if explicit_types and rng.random() < 0.5:
            fraction = int(np.max(weight.fraction)) + int(np.max(source.fraction)) + int(rng.integers(0, 3))
            accum = _accumulator(rng, before, fraction)
        if explicit_types and rng.random() < 0.5:
            result = random_type(rng, before, **options)
        if index < len(sizes) - 2 or rng.random() < 0.5:
            output = random_type(rng, values, **options)
        table = FixedPoint(int(rng.integers(6, 19)), int(rng.integers(1, 4)))
        precision = LayerPrecision(weight, bias_type, accum, result, output, table, int(2 ** rng.integers(6, 11)))
        layers += (DenseLayer(layer.name, layer.kernel, layer.bias, activation, precision),)
        network = Network.chain(layers, input_precision)
        source = network.output_precision
    return network


def random_type(
    rng: np.random.Generator,
    values: np.ndarray,
    *,
    max_width: int = 9,
    signed: bool | None = None,
    roundings: tuple[str, ...] = ROUNDINGS,
    overflows: tuple[str, ...] = OVERFLOWS,
    per_element: bool = False,
) -> FixedPoint:
    """Return a type whose range is between a quarter and twice that of `values`, of shape (n_events, *elements)."""
    if signed is None:
        signed = bool(values.min() < 0) != bool(rng.random() < 0.2)
    natural = max(-6, FixedPoint.covering(values, max_width, signed=bool(signed or values.min() < 0)).integer)
    shape = values.shape[1:] if per_element else ()
    width = rng.integers(0 if per_element else 2, max_width + 1, shape)
    integer = natural + rng.integers(-2, 2, shape)
    modes = (bool(signed), str(rng.choice(roundings)), str(rng.choice(overflows)))
    return FixedPoint(width, integer, *modes) if per_element else FixedPoint(int(width), int(integer), *modes)


def with_random_accumulators(rng: np.random.Generator, network: Network) -> Network:
    """Return the network with accumulators of every mode, about as wide as its sums.

    They round products and saturate on the way.
    """
    values, layers = random_events(rng, network), []
    for layer in network.layers:
        accum = random_type(rng, values @ layer.kernel + layer.bias, max_width=14, signed=True)
        layers.append(replace(layer, precision=replace(layer.precision, accum=accum)))
        values = Network.chain((layer,)).predict(values)
    return network.with_layers(layers)


def random_values(rng: np.random.Generator, precision: FixedPoint, shape: tuple[int, ...]) -> np.ndarray:
    """Return values of the type, all of its codes being equally likely."""
    low, high = (np.broadcast_to(limit, shape) for limit in (precision.code_low, precision.code_high))
    return rng.integers(low, high + 1) * np.exp2(-np.asarray(precision.fraction, float))


def random_events(rng: np.random.Generator, network: Network, n_events: int = 200) -> np.ndarray:
    """Return events over the whole input type, with its corners, exact zeros, and values between two codes."""
    source, shape = network.input_precision, (n_events, network.n_inputs)
    events = random_values(rng, source, shape)
    events[: n_events // 2] += rng.normal(size=(n_events // 2, network.n_inputs)) * np.exp2(
        -np.asarray(source.fraction, float)
    )
    events[0], events[1], events[2] = source.low, source.high, 0
    return events


def _accumulator(rng: np.random.Generator, sums: np.ndarray, fraction: int) -> FixedPoint:
    integer = FixedPoint.covering(sums, 9, signed=True).integer + int(rng.integers(-1, 3))
    return FixedPoint(max(1, integer + fraction), max(1 - fraction, integer), bool(rng.random() < 0.8))
