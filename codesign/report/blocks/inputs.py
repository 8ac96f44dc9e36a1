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
    sent = _sent(network.input_precision, network.n_inputs) if words is None else _words(words)
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
    parts = [np.broadcast_to(part, n_inputs) for part in (precision.signed, precision.width, precision.fraction)]
    return [_row(signed, width, 2.0**-fraction, width - fraction) for signed, width, fraction in zip(*parts)]


def _words(words: "Words") -> list[dict]:
    n = len(words.width)
    parts = [np.broadcast_to(part, n) for part in (words.signed, words.width, words.scale)]
    rows = []
    for signed, width, scale in zip(*parts):
        exponent = np.log2(scale)
        rows.append(_row(signed, width, scale, int(width + exponent) if exponent == np.round(exponent) else None))
    return rows


def _row(signed: bool, width: int, scale: float, integer: int | None) -> dict:
    """Format, range in physical units and bits of an input; `integer` is None where the step is no power of two."""
    width, kind = int(width), "" if signed else "u"
    low, high = (-(2 ** (width - 1)), 2 ** (width - 1) - 1) if signed and width else (0, 2**width - 1)
    text = f"ap_{kind}fixed<{width},{integer}>" if integer is not None else f"ap_{kind}int<{width}> x {scale:.6g}"
    return {"format": text, "low": float(low * scale), "high": float(high * scale), "bits_sent": width}


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
