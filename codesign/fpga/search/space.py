"""Space: what a search chooses from, a precision and a reuse factor for each layer on top of a grid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from codesign.fpga.design.design import Design
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.search.choices import Choices, Point, Value
from codesign.fpga.sweep.grid import Grid, HardwareSetting
from codesign.network import FixedPoint, Network, PrecisionChoice
from codesign.network.precision_choice import INPUTS, TRAINED, Width, constant_names, resolve_choice, typed_nodes

IMPLEMENTATION, LEVELS = "implementation", "adder_levels_per_stage"


@dataclass(frozen=True, eq=False)
class Space(Choices):
    """The choices of a design: widths of each layer, the implementation, and what lays it out.

    Args:
        branch, shared, layouts: as :class:`Choices`; the branch is the implementation.
        grid: that it was made from.
    """

    grid: Grid
    shared_alone_decide: ClassVar[bool] = True

    @classmethod
    def of(cls, network: Network, grid: Grid) -> Self:
        """Return the space of a network: each layer may have any width, and any reuse factor, that the grid lists.

        Raises:
            ConfigError, ReuseFactorError: for names of layers in the grid that the network does not have.
        """
        choices = list(grid.precision_choices(network))
        for choice in choices:
            resolve_choice(choice, network)
        shared = {f"weights.{name}": _widths(choices, "weights", name) for name in constant_names(network)}
        shared |= {f"activations.{name}": _widths(choices, "activations", name) for name in typed_nodes(network)}
        shared[INPUTS] = _sorted(_input_width(choice) for choice in choices)
        layouts: dict[str, dict[str, tuple[Value, ...]]] = {}
        for name in grid.implementations:
            layouts[name] = {LEVELS: tuple(sorted(grid.adder_levels_per_stage))} if name == "unrolled" else {}
            if name != "unrolled":
                layouts[name] = _factors(network, name, grid.reuse_factors[name])
        shared[IMPLEMENTATION] = tuple(grid.implementations)
        return cls(IMPLEMENTATION, shared, layouts, grid)

    def precision(self, point: Point) -> PrecisionChoice:
        """Return the widths of a point, one for all layers where they are alike."""
        values = dict(point)
        found = {}
        for kind in ("weights", "activations"):
            by_layer = {name.partition(".")[2]: one for name, one in point if name.startswith(f"{kind}.")}
            found[kind] = by_layer if len(set(by_layer.values())) > 1 else next(iter(by_layer.values()), values[INPUTS])
        inputs = values[INPUTS]
        return PrecisionChoice(**found, inputs=None if found["activations"] == inputs else inputs)

    def setting(self, point: Point) -> HardwareSetting:
        """Return the layout of a point, with one reuse factor where all layers have the same."""
        values, grid = dict(point), self.grid
        factors = {name.partition(".")[2]: one for name, one in point if name.startswith("reuse_factor.")}
        same = set(factors.values())
        factor = factors if len(same) > 1 else next(iter(same), 1)
        levels = values.get(LEVELS, Design.adder_levels_per_stage)
        layout = (values[IMPLEMENTATION], factor, levels)
        return HardwareSetting(*layout, grid.clock_period_ns, grid.part, grid.capacity)


def _widths(choices: Sequence[PrecisionChoice], kind: str, layer: str) -> tuple[Width, ...]:
    """What a layer can have: what the grid lists for all, or for it."""
    found = []
    for choice in choices:
        given = getattr(choice, kind)
        found.append(dict(given).get(layer) if isinstance(given, tuple) else given)
    return _sorted(one for one in found if one is not None)


def _input_width(choice: PrecisionChoice) -> Width:
    given = choice.activations if choice.inputs is None else choice.inputs
    return dict(given)[INPUTS] if isinstance(given, tuple) else given


def _sorted(widths: Iterator[Width]) -> tuple[Width, ...]:
    """Each once, from few bits to many."""
    return tuple(sorted(dict.fromkeys(widths), key=_bits))


def _bits(width: Width) -> float:
    if width == TRAINED:
        return float("inf")
    return width if isinstance(width, int) else float(FixedPoint.parse(width).envelope.width)


def _factors(network: Network, implementation: str, listed: Sequence) -> dict[str, tuple[int, ...]]:
    kernels = kernel_shapes(network)
    rows = [layer_reuse_factors(kernels, factor) for factor in listed]
    columns = zip(*rows)
    return {f"reuse_factor.{name}": tuple(sorted(set(column))) for name, column in zip(kernels, columns)}
