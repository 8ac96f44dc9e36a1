"""How many bits of each input a network uses, of those that are sent, and what the last one costs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign._layer_walk import chain_layers
from codesign.data import Events, Words
from codesign.errors import ConfigError
from codesign.fpga import Design
from codesign.layers import PosteriorDense
from codesign.layers.posterior.math import significant_bits
from codesign.network import Network
from codesign.report.blocks.inputs import inputs_block


@dataclass(frozen=True)
class InputBits:
    """One input.

    Args:
        name: of the feature.
        significant_bits: what the learnt noise leaves of it, ``0.5 log2(1 + 3 E[x^2] / tau^2)``; of a prescribed
            format, its width; None of a Network, which knows no noise.
        width, integer, fraction: bits of its format, in all, left and right of the binary point; None before the
            collapse.
        weights: of the first layer that use it, on a way to an output; without any, all bits are 0; None in a graph.
        sent: the format in which it comes; None before the collapse, as all that follows.
        bits_sent: bits of that.
        low, high: the smallest and the largest value that can come, in physical units if words say so.
        last_bit_lut: LUTs (estimate) that the last bit costs; None where there is no estimate.
        last_bit_accuracy: accuracy that would be lost without that bit; None unless there are events to measure it on.
    """

    name: str
    significant_bits: float | None
    width: int | None
    integer: int | None
    fraction: int | None
    weights: int | None
    sent: str | None = None
    bits_sent: int | None = None
    low: float | None = None
    high: float | None = None
    last_bit_lut: int | None = None
    last_bit_accuracy: float | None = None

    def as_dict(self) -> dict[str, object]:
        """Return names, numbers and None, as JSON has them."""
        return asdict(self)


@dataclass(frozen=True)
class InputBitsReport:
    """All inputs, in order; ``str`` gives a table.

    Args:
        inputs: one row each.
    """

    inputs: tuple[InputBits, ...]

    def __str__(self) -> str:
        columns = []
        for name, (title, form, is_always) in _COLUMNS.items():
            values = [getattr(row, name) for row in self.inputs]
            if is_always or any(value is not None for value in values):
                columns.append([title, *("-" if value is None else format(value, form) for value in values)])
        widths = [max(map(len, column)) for column in columns]
        rows = [[row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in zip(*columns)]
        return "\n".join("  ".join(row) for row in rows)


_COLUMNS = {  # title, format, and whether it is there in every table
    "name": ("input", "", True),
    "sent": ("sent", "", False),
    "low": ("low", ".4g", False),
    "high": ("high", ".4g", False),
    "bits_sent": ("bits sent", "", False),
    "significant_bits": ("significant bits", ".1f", False),
    "width": ("width", "", True),
    "integer": ("integer", "", True),
    "fraction": ("fraction", "", True),
    "weights": ("weights", "", False),
    "last_bit_lut": ("LUTs of last bit", "", False),
    "last_bit_accuracy": ("accuracy of last bit", ".4f", False),
}


@checked
def input_bits_report(
    model: keras.Model | Network,
    names: Sequence[str] | None = None,
    *,
    words: Words | None = None,
    test: Events | None = None,
) -> InputBitsReport:
    """Return how many bits of each input a network uses, before or after its collapse.

    Args:
        model: chain whose first dense layer is a PosteriorDense; or a Network with types, of which the report says
            what is sent, what is used of it, and what the last bit costs.
        names: of the features, (n_in,); None takes those of the words, or calls them input 0, input 1, ...
        words: of a Network, what a detector sends; None: the types of its inputs.
        test: of a Network, events with labels: what the last bit of each input is worth is measured on them.

    Raises:
        ConfigError: for another first layer, or another number of names; for words or events of a model.
        UnsupportedLayerError: for a model that no Network holds, or amid its collapse.

    Example:
        >>> from codesign import PosteriorDense, input_bits_report, keras
        >>> model = keras.Sequential([keras.Input((2,)), PosteriorDense(4)])
        >>> report = input_bits_report(model, names=["pt", "eta"])
        >>> [one.name for one in report.inputs]
        ['pt', 'eta']
    """
    network = model if isinstance(model, Network) else Network.from_keras(model)
    if names is None:
        names = [f"input {index}" for index in range(network.n_inputs)] if words is None else words.features
    names = [str(name) for name in names]
    if len(names) != network.n_inputs:
        raise ConfigError(f"names: expected {network.n_inputs}, one for each input. Received: {len(names)}")
    if isinstance(model, Network):
        return InputBitsReport(tuple(_network_rows(network, names, words, test)))
    if words is not None or test is not None:
        raise ConfigError("words, test: expected a Network with them. Received: a model; Network.from_keras reads it")
    weights = _live_weights(network)
    significant, formats = _significant_bits(_first_layer(model)), _formats(network)
    rows = []
    for name, bits, parts, count in zip(names, significant, formats, weights):
        used = int(count > 0)
        rows.append(
            InputBits(name, float(bits) * used, *(None if part is None else part * used for part in parts), count)
        )
    return InputBitsReport(tuple(rows))


def _network_rows(
    network: Network, names: Sequence[str], words: Words | None, test: Events | None
) -> Iterator[InputBits]:
    integers = np.broadcast_to(network.input_precision.integer, network.n_inputs).tolist()
    for row, integer in zip(inputs_block(Design(network), names, words=words, test=test), integers):
        width = row["bits_used"]
        formats = (width, integer, width - integer) if width else (0, 0, 0)
        costs = {name: row.get(name) for name in ("low", "high", "bits_sent", "last_bit_lut", "last_bit_accuracy")}
        yield InputBits(row["name"], None, *formats, row["weights"], row["format"], **costs)


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
