"""Whether a design is like those that the estimate was compared with, and which of their families is nearest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from codesign.fpga.estimate.fitted import fitted_numbers
from codesign.fpga.estimate.statistics import LayerStatistics
from codesign.fpga.estimate.toolchain import Toolchain

_NUMBERS = {
    "layers": "layers",
    "inputs": "inputs of a layer",
    "outputs": "outputs of a layer",
    "weights": "weights of a layer",
    "weight_bits": "bits of weights",
    "input_bits": "bits of a layer's inputs",
    "nonzero_percent": "% of weights that are not zero",
    "reuse_factor": "reuse factor",
}
_CHOICES = {"strategy": "strategy", "tool": "compiler", "part": "parts", "activation": "activation"}
_OTHER_CHOICE = 2.0  # as far away as a factor of four in a number
_EDGE = 1.05  # a number this factor beyond what was seen is still inside
_MOST_REASONS = 3


@dataclass(frozen=True)
class Familiar:
    """What the fit knows of designs like this one.

    Args:
        is_inside: whether one family holds designs on both sides of every fact of this one.
        family: the nearest one.
        why: what is outside of it, or that nothing is.
    """

    is_inside: bool
    family: str
    why: str


def nearest_family(
    layers: Sequence[LayerStatistics],
    reuse_factors: Sequence[int],
    strategy: str | Sequence[str],
    toolchain: Toolchain,
) -> Familiar:
    """Compare a design with the families that the estimate was fitted to.

    The distance is the sum over facts of log2 of the factor by which a number is outside of a family's, and 2 for a
    strategy, compiler, family of parts or activation that it does not have.

    Args:
        layers: in order.
        reuse_factors: one for each.
        strategy: of the design, or one for each layer.
        toolchain: compiler and part.

    Example:
        >>> from codesign.fpga.estimate.familiar import nearest_family
        >>> from codesign.fpga.estimate.shape import expected_statistics
        >>> from codesign.fpga.estimate.toolchain import Toolchain
        >>> wide = expected_statistics((4096, 64), (16, 8, 16, 16))
        >>> nearest_family([wide], [1], "latency", Toolchain("vitis_hls", "2021.1", "7series")).is_inside
        False
    """
    facts = design_facts(layers, reuse_factors, strategy, toolchain)
    found = [(_outside(facts, extent), name) for name, extent in fitted_numbers()["families"].items()]
    reasons, family = min(found, key=lambda one: sum(distance for distance, _ in one[0]))
    if not reasons:
        return Familiar(True, family, f"within what was measured in {family}")
    said = [text for _, text in sorted(reasons, key=lambda one: -one[0])[:_MOST_REASONS]]
    return Familiar(False, family, f"outside of {family}: {'; '.join(said)}")


def design_facts(
    layers: Sequence[LayerStatistics],
    reuse_factors: Sequence[int],
    strategy: str | Sequence[str],
    toolchain: Toolchain,
) -> dict[str, tuple]:
    """Return what designs are compared by: all values that occur in one, by the name of the fact."""
    return {
        "layers": (len(layers),),
        "inputs": tuple(layer.n_in for layer in layers),
        "outputs": tuple(layer.n_out for layer in layers),
        "weights": tuple(layer.n_weights for layer in layers),
        "weight_bits": tuple(layer.weight_width for layer in layers),
        "input_bits": tuple(layer.input_width for layer in layers),
        "nonzero_percent": tuple(
            round(100 * layer.nonzero / layer.n_weights, 1) for layer in layers if layer.known != "shape"
        ),
        "reuse_factor": tuple(reuse_factors),
        "strategy": (strategy,) if isinstance(strategy, str) else tuple(strategy),
        "tool": (toolchain.tool,),
        "part": (toolchain.family,),
        "activation": tuple(layer.activation for layer in layers),
    }


def extents(designs: Sequence[Mapping[str, tuple]]) -> dict[str, list]:
    """Return the smallest and the largest of each number of many designs' facts, and all choices."""
    found: dict[str, list] = {}
    for name in (*_NUMBERS, *_CHOICES):
        values = sorted({value for facts in designs for value in facts[name]})
        found[name] = values if name in _CHOICES else values[:1] + values[-1:]
    return found


def _outside(facts: Mapping[str, tuple], extent: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Return each fact that is outside of a family, its distance first."""
    reasons = []
    for name, said in _NUMBERS.items():
        if facts[name] and extent[name]:
            reasons.extend(_beyond(said, min(facts[name]), max(facts[name]), *extent[name]))
    for name, said in _CHOICES.items():
        others = [str(value) for value in dict.fromkeys(facts[name]) if value not in extent[name]]
        if others:
            has = ", ".join(extent[name]) or "none"
            reasons.append((_OTHER_CHOICE * len(others), f"{said} {', '.join(others)} where it has {has}"))
    return reasons


def _beyond(said: str, least: float, most: float, low: float, high: float) -> list[tuple[float, str]]:
    factor, value = max((low / max(least, 1e-9), least), (most / max(high, 1e-9), most))
    if factor <= _EDGE:
        return []
    seen = f"{low:,g}" if low == high else f"{low:,g} to {high:,g}"
    return [(min(10.0, log2(factor)), f"{value:,g} {said} where it has {seen}")]
