"""Rows of a table of measured designs, as what the estimate needs: layers, reuse factors, strategy, compiler, clock.

A cell holds one value for all layers or one for each, separated by semicolons; an empty one is unknown. Sizes may be
symbols, which say nothing: such a row is skipped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf, isfinite, log2

from codesign.fpga.design.reuse import nearest_reuse_factor
from codesign.fpga.estimate.hls4ml import STRATEGIES
from codesign.fpga.estimate.shape import counted_statistics, expected_statistics
from codesign.fpga.estimate.statistics import KNOWN, LayerStatistics
from codesign.fpga.estimate.toolchain import DSP_MODES, FAMILIES, Toolchain, part_family, part_speed_grade

DEFAULT_CLOCK_NS = 5.0
_COUNTS = ("nnz", "pow2", "c3", "wmax", "umul")
_MOST_WEIGHTS, _MOST_BITS = 10**7, 128  # of a layer; of a number: beyond, a cell means something else
_INFERRED_ACCUMULATORS_YEAR = 2023
_LAST_VIVADO_HLS = 2020  # year of its last version
_DEFAULT_WIDTH = 16  # ap_fixed<16,6>
_QUANTIZED_WIDTH = 7  # bits of weights that are called quantised and no more is said
_LEAST_QUANTIZED_INPUT = 4
_GUESSED_SPARSITY = {r"\bprun": 0.75, r"\bHGQ": 0.4}  # by a word in what is said of the weights
_STATED_SPARSITY = re.compile(
    r"\bprun\w*\D{0,20}(\d+(?:\.\d+)?)\s*%|(\d+(?:\.\d+)?)\s*%\W*(?:prun|spars)", re.IGNORECASE
)
_FIXED = re.compile(r"fixed<\s*(\d+)\s*,\s*(-?\d+|\?)")
_BITS = re.compile(r"(\d+)\s*-?bit|u?int<?\s*(\d+)|quantized_\w+\(\s*(\d+)")
_OTHER_STRATEGIES = {"da": "distributed_arithmetic", "resource_unrolled": "latency", "unrolled": "latency"}
_FUNCTIONS = ("sigmoid", "tanh", "elu", "selu", "softplus", "softsign", "relu", "softmax")
_LAST_SOFTMAX = ("softmax", "activ", "unrecorded", "")  # how tables write the usual row of ReLUs and a softmax


@dataclass(frozen=True)
class TruthRow:
    """One design.

    Args:
        id, family: as the table says.
        layers: in order.
        reuse_factors: one for each layer, as hls4ml takes them.
        strategy: ``latency``, ``resource``, ``resource_2019`` or ``distributed_arithmetic``.
        toolchain: compiler and part.
        clock_period_ns: the target.
        is_stream: whether layers are processes that hand each other words, hls4ml's io_stream.
    """

    id: str
    family: str
    layers: tuple[LayerStatistics, ...]
    reuse_factors: tuple[int, ...]
    strategy: str
    toolchain: Toolchain
    clock_period_ns: float
    is_stream: bool = False

    @property
    def known(self) -> str:
        """The least that is known of any layer: its weights, its sparsity, or its shape."""
        return max((layer.known for layer in self.layers), key=KNOWN.index)


def read_row(row: Mapping[str, str], known: str = "weights") -> TruthRow | None:
    """Return what a row says of a design, or None if its sizes are no numbers.

    Args:
        row: cells by column.
        known: what to use at most: ``weights``, ``sparsity`` or ``shape``.
    """
    sizes = row.get("layer_sizes", "").replace("?", "").split("-")
    if len(sizes) < 2 or not all(size.strip().isdecimal() for size in sizes):
        return None
    shapes = list(zip(map(int, sizes), map(int, sizes[1:])))
    if not all(0 < n_in * n_out <= _MOST_WEIGHTS for n_in, n_out in shapes):
        return None
    said = row.get("strategy", "").strip().lower()
    said = _OTHER_STRATEGIES.get(said, said)
    strategy = said if said in STRATEGIES else "latency"  # as hls4ml does
    wanted = [
        _whole(re.split(r"[|/]", value)[0], 1, most=_MOST_WEIGHTS) for value in _each(row, "reuse_factor", len(shapes))
    ]
    if strategy == "resource":
        wanted = [nearest_reuse_factor(*shape, factor) for shape, factor in zip(shapes, wanted)]
    layers = tuple(_layer(row, shapes, index, known) for index in range(len(shapes)))
    clock = _number(row.get("clock_target_ns"), 0.1, 1000) or DEFAULT_CLOCK_NS
    names = row.get("id", ""), row.get("family", "")
    is_stream = "stream" in row.get("io_type", "")
    return TruthRow(*names, layers, tuple(wanted), strategy, _toolchain(row), clock, is_stream)


def _layer(row: Mapping[str, str], shapes: list[tuple[int, int]], index: int, known: str) -> LayerStatistics:
    (n_in, n_out), count = shapes[index], len(shapes)
    widths, integer_bits = _widths(row, index, count, n_in)
    activation = _activation(row.get("activation", ""), index, count)
    counts = {
        name: _number(_each(row, f"w_{name}", count)[index], 0, _MOST_BITS if name == "wmax" else n_in * n_out)
        for name in _COUNTS
    }
    if known == "weights" and None not in counts.values():
        return counted_statistics((n_in, n_out), widths, counts, activation)
    return expected_statistics(
        (n_in, n_out), widths, integer_bits, _sparsity(row, counts["nnz"], shapes[index], known), activation
    )


def _sparsity(row: Mapping[str, str], nonzero: float | None, shape: tuple[int, int], known: str) -> float | None:
    """From the layer's own count, the design's, or a description."""
    if known != "shape" and nonzero is not None:
        return 1 - nonzero / (shape[0] * shape[1])
    zeros, products = (_total(row.get(name, "")) for name in ("n_zeros", "n_mults"))
    if known != "shape" and zeros is not None and products:
        return min(1.0, zeros / products)
    text = _said_of_weights(row)
    percent = _STATED_SPARSITY.search(text)
    if percent:
        return min(1.0, float(percent[1] or percent[2]) / 100)
    return next((share for word, share in _GUESSED_SPARSITY.items() if re.search(word, text, re.IGNORECASE)), None)


def _said_of_weights(row: Mapping[str, str]) -> str:
    """Return the texts that may say that weights are quantised or pruned."""
    return f"{row.get('weight_precision', '')} {row.get('note', '')}"


def _widths(row: Mapping[str, str], index: int, count: int, n_in: int) -> tuple[tuple[int, int, int, int], int | None]:
    """Return the widths of input, weights, accumulator and output, and the integer bits of the weights.

    hls4ml 1.0, of the time of Vitis HLS 2023 and later, gives quantised models accumulators that lose nothing.
    """
    text = _said_of_weights(row)
    is_quantized = "QKeras" in text or "HGQ" in text
    own = _each(row, "weight_precision", count)[index]
    fixed, bits = _FIXED.search(own), _BITS.search(own)
    weight = _whole(fixed[1] if fixed else _each(row, "weight_bits", count)[index], None)
    if weight is None:
        default = _QUANTIZED_WIDTH if is_quantized else _DEFAULT_WIDTH
        weight = _whole(bits and next(filter(None, bits.groups())), default)
    inputs = [_input_width(row, at, count, weight if is_quantized else None) for at in (index, index + 1)]
    accum_type = _FIXED.search(_each(row, "accum_precision", count)[index])
    stated = _whole(accum_type and accum_type[1], _DEFAULT_WIDTH)
    if is_quantized and _toolchain(row).is_vitis and _toolchain(row).year >= _INFERRED_ACCUMULATORS_YEAR:
        stated = inputs[0] + weight + ceil(log2(n_in)) + 1
    accum = _whole(_each(row, "layer_accum_bits", count)[index], stated)
    integer = int(fixed[2]) if fixed and fixed[2] != "?" else None
    return (inputs[0], weight, accum, inputs[1]), integer


def _input_width(row: Mapping[str, str], index: int, count: int, quantized: int | None) -> int:
    """Bits of what a layer takes; of a quantised network behind the first layer, those of the weights."""
    own = _whole(_each(row, "layer_input_bits", count)[min(index, count - 1)], None)
    if own is not None:
        return own
    fixed = _FIXED.search(row.get("input_precision", ""))
    first = _whole(row.get("input_bits"), _whole(fixed and fixed[1], _DEFAULT_WIDTH))
    return first if index == 0 or quantized is None else min(first, max(quantized, _LEAST_QUANTIZED_INPUT))


def _activation(text: str, index: int, count: int) -> str:
    """Return a layer's function, of one for each layer, or of that of hidden layers and that of the last one.

    A single word is that of the last layer; hidden ones have ReLUs, or sigmoids if that is the word.
    """
    words, is_last = [word.strip().rstrip("?") for word in text.split(";")], index == count - 1
    if len(words) in (2, count):
        words = words if len(words) == count else [words[0]] * (count - 1) + words[1:]
        return words[index] if words[index] in _FUNCTIONS else "linear"
    if text == "linear" or (is_last and text == "unrecorded"):
        return "linear"
    if is_last and count > 1 and ("softmax" in text or text in _LAST_SOFTMAX):
        return "softmax"
    if text == "sigmoid" or count == 1:
        return text if text in _FUNCTIONS else "linear"
    return "relu"


def _toolchain(row: Mapping[str, str]) -> Toolchain:
    said = (row.get("tool") or row.get("hls4ml_version", "")).strip().lower()
    version, family = row.get("tool_version", ""), row.get("part_family", "")
    unstated = Toolchain("vivado_hls", version)
    is_vitis = said.startswith("vitis") or (not said.startswith("vivado") and unstated.year > _LAST_VIVADO_HLS)
    return Toolchain(
        "vitis_hls" if is_vitis else "vivado_hls",
        version,
        family if family in FAMILIES else part_family(row.get("part", "")),
        dsp_mode if (dsp_mode := row.get("dsp_mode", "")) in DSP_MODES else "",
        part_speed_grade(row.get("part", "")),
    )


def _each(row: Mapping[str, str], column: str, count: int) -> list[str]:
    """Return one cell for each layer: the last one again where there are too few."""
    cells = [cell.strip() for cell in row.get(column, "").split(";")]
    return (cells + [cells[-1]] * count)[:count]


def _total(text: str) -> float | None:
    numbers = [_number(one) for one in text.split(";")]
    return None if None in numbers else sum(numbers)


def _whole(text: str | None, default: int | None, most: int = _MOST_BITS) -> int | None:
    number = _number(text, 1, most)
    return default if number is None else int(number)


def _number(text: str | None, least: float = 0, most: float = inf) -> float | None:
    """Return a number; what is none, or cannot be meant, is as unknown as an empty cell."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if least <= number <= most and isfinite(number) else None
