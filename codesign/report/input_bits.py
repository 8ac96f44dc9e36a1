"""How many bits of each input a network of PosteriorDense layers uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign._layer_walk import chain_layers
from codesign.errors import ConfigError
from codesign.layers import PosteriorDense
from codesign.layers.posterior.math import significant_bits
from codesign.network import Network


@dataclass(frozen=True)
class InputBits:
    """One input.

    Args:
        name: of the feature.
        significant_bits: what the learnt noise leaves of it, ``0.5 log2(1 + 3 E[x^2] / tau^2)``; of a prescribed
            format, its width.
        width, integer, fraction: bits of its format, in all, left and right of the binary point; None before the
            collapse.
        weights: of the first layer that use it, on a way to an output; without any, all bits are 0.
    """

    name: str
    significant_bits: float
    width: int | None
    integer: int | None
    fraction: int | None
    weights: int


@dataclass(frozen=True)
class InputBitsReport:
    """All inputs, in order; ``str`` gives a table.

    Args:
        inputs: one row each.
    """

    inputs: tuple[InputBits, ...]

    def __str__(self) -> str:
        rows = [("input", "significant bits", "width", "integer", "fraction", "weights")]
        for row in self.inputs:
            formats = ("-" if bits is None else str(bits) for bits in (row.width, row.integer, row.fraction))
            rows.append((row.name, f"{row.significant_bits:.1f}", *formats, str(row.weights)))
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)


@checked
def input_bits_report(model: keras.Model, names: Sequence[str] | None = None) -> InputBitsReport:
    """Return how many bits of each input a network uses, before or after its collapse.

    Args:
        model: chain whose first dense layer is a PosteriorDense.
        names: of the features, (n_in,); None calls them input 0, input 1, ...

    Raises:
        ConfigError: for another first layer, or another number of names.
        UnsupportedLayerError: for a model that no Network holds, or amid its collapse.

    Example:
        >>> from codesign import PosteriorDense, input_bits_report, keras
        >>> model = keras.Sequential([keras.Input((2,)), PosteriorDense(4)])
        >>> report = input_bits_report(model, names=["pt", "eta"])
        >>> [one.name for one in report.inputs]
        ['pt', 'eta']
    """
    network = Network.from_keras(model)
    first = _first_layer(model)
    names = [f"input {index}" for index in range(network.n_inputs)] if names is None else [str(name) for name in names]
    if len(names) != network.n_inputs:
        raise ConfigError(f"names: expected {network.n_inputs}, one for each input. Received: {len(names)}")
    weights = _live_weights(network)
    significant, formats = _significant_bits(first), _formats(network)
    rows = []
    for name, bits, parts, count in zip(names, significant, formats, weights):
        used = int(count > 0)
        rows.append(
            InputBits(name, float(bits) * used, *(None if part is None else part * used for part in parts), count)
        )
    return InputBitsReport(tuple(rows))


def _first_layer(model: keras.Model) -> PosteriorDense:
    first = next(layer for layer in chain_layers(model) if hasattr(layer, "kernel"))
    if not isinstance(first, PosteriorDense) or first.kernel.shape[0] != model.input_shape[-1]:
        raise ConfigError(
            f"model: expected a PosteriorDense as first dense layer, of all inputs. Received: layer '{first.name}', "
            f"{type(first).__name__}"
        )
    return first


def _significant_bits(layer: PosteriorDense) -> np.ndarray:
    if layer.input_precision is not None:
        return layer.input_bits
    return significant_bits(3 * layer.mean_square * tf.exp(-layer.log_tau2)).numpy()


def _formats(network: Network) -> list[tuple[int | None, int | None, int | None]]:
    source = network.input_precision
    if source is None:
        return [(None, None, None)] * network.n_inputs
    parts = (
        np.broadcast_to(part, network.n_inputs).tolist() for part in (source.width, source.integer, source.fraction)
    )
    return list(zip(*parts))


def _live_weights(network: Network) -> list[int]:
    """Return, for each input, the weights of the first layer behind which some output is reached."""
    live = np.ones(network.layers[-1].kernel.shape[1], bool)
    for layer in network.layers[:0:-1]:
        live = (layer.kernel[:, live] != 0).any(1)
    return (network.layers[0].kernel[:, live] != 0).sum(1).tolist()
