"""What each input sends, and what the network takes of it, as data."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from codesign._arguments import checked
from codesign.errors import CodesignError, ConfigError
from codesign.fpga import Design, estimate
from codesign.network import FixedPoint
from codesign.network.input_bits import used_input_bits, without_last_bit

if TYPE_CHECKING:
    from codesign.data import Events, Words


@checked
def inputs_block(
    design: Design,
    features: Sequence[str],
    *,
    words: "Words | None" = None,
    last_bits: bool = True,
    test: "Events | None" = None,
) -> list[dict]:
    """Return the block ``inputs`` of report.json: each input's format, range, bits used of those sent.

    The cost of the last bit is the difference of two estimates: of the design, and of one whose input leaves out its
    lowest bit. Of an hls4ml design nobody can say: its estimate knows one type for all inputs.

    Args:
        design: its network needs every type.
        features: (n_inputs,) names.
        words: how the detector sends the inputs; without them, they are sent as the network takes them.
        last_bits: also estimate what the last bit of each input costs, in one trace of the network per input.
        test: events with labels, of a classification: the accuracy that is lost without that bit, too.

    Raises:
        ConfigError: for another number of names than of inputs.
    """
    network = design.network
    if len(features) != network.n_inputs:
        raise ConfigError(f"features: expected {network.n_inputs}, one for each input. Received: {len(features)}")
    used, weights = used_input_bits(network), _live_weights(design)
    if words is None:
        sent = _sent(network.input_precision, network.n_inputs)
    else:
        sent = _rows(words.formats, words.low.tolist(), words.high.tolist(), words.width.tolist())
    rows = []
    for index, (name, one) in enumerate(zip(features, sent)):
        bits = used[index] if weights[index] is None or weights[index] else 0
        rows.append({"name": str(name), **one, "bits_used": int(bits), "weights": weights[index]})
    if last_bits and design.implementation == "unrolled":
        whole = estimate(design).lut
        for index, row in enumerate(rows):
            row |= _last_bit(design, index, whole, test) if row["bits_used"] else {"last_bit_lut": 0}
    return rows


def _live_weights(design: Design) -> list[int | None]:
    """Weights of the first layer on a way to an output, for each input; None for a network that is no chain."""
    network = design.network
    if not network.is_chain:
        return [None] * network.n_inputs
    live = np.ones(network.layers[-1].kernel.shape[1], bool)
    for layer in network.layers[:0:-1]:
        live = (layer.kernel[:, live] != 0).any(1)
    return (network.layers[0].kernel[:, live] != 0).sum(1).tolist()


def _sent(precision: FixedPoint, n_inputs: int) -> list[dict]:
    """The network's own types, of each input."""
    parts = [np.broadcast_to(part, n_inputs) for part in (precision.signed, precision.width, precision.integer)]
    texts = [f"ap_{'' if signed else 'u'}fixed<{width},{integer}>" for signed, width, integer in zip(*parts)]
    ends = (np.broadcast_to(end, n_inputs).tolist() for end in (precision.low, precision.high))
    return _rows(texts, *ends, parts[1].tolist())


def _rows(texts: Sequence[str], low: list[float], high: list[float], bits: list[int]) -> list[dict]:
    return [dict(zip(("format", "low", "high", "bits_sent"), row)) for row in zip(texts, low, high, bits)]


def _last_bit(design: Design, index: int, whole: int, test: "Events | None") -> dict:
    """LUTs that the estimate saves where one input leaves out its lowest bit, and accuracy; None where none can say."""
    try:
        network = without_last_bit(design.network, index)
        found = {"last_bit_lut": whole - estimate(replace(design, network=network, report=None)).lut}
    except CodesignError:
        return {"last_bit_lut": None}
    if test is not None:
        right = [np.mean(_decided(one.emulate(test.x)) == test.y) for one in (design.network, network)]
        found["last_bit_accuracy"] = float(right[0] - right[1])
    return found


def _decided(outputs: np.ndarray) -> np.ndarray:
    return outputs.argmax(1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(int)
