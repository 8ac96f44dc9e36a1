"""Grid: the precisions and the hardware settings of a sweep."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product

from codesign._arguments import check_range
from codesign.errors import ConfigError, PrecisionError, nearest
from codesign.fpga.design.design import CLOCK_NS, IMPLEMENTATIONS, LARGEST_COUNT, Design
from codesign.fpga.design.reuse import ReuseFactor
from codesign.network import FixedPoint, Network
from codesign.network.precision_choice import TRAINED, PrecisionChoice, Width
from codesign.network.types.fixed_point import MAX_WIDTH

_MOST_DESIGNS, _MOST_VALUES = 1_000_000, 1000

BITS = {"weights": (4, 5, 6, 7, 8), "activations": (5, 6, 7, 8, 10)}  # where nothing else is said
AUTO = "auto"


@dataclass(frozen=True)
class HardwareSetting:
    """How a network is laid out, whatever its precision: arguments of :class:`codesign.fpga.design.design.Design`."""

    implementation: str
    reuse_factor: ReuseFactor
    adder_levels_per_stage: int
    clock_period_ns: float
    part: str
    capacity: Mapping[str, int] | None = None

    def design(self, network: Network, precision: str = "") -> Design:
        """Return the design of a network in this setting."""
        return Design(network, precision=precision, **asdict(self))


@dataclass(frozen=True)
class Grid:
    """Every precision with every hardware setting.

    Args:
        weights, activations: bits, types such as ``ap_fixed<8,3>``, ``trained``, or a mapping from layers' names to
            these; see :class:`codesign.network.precision_choice.PrecisionChoice`. ``auto`` is ``trained`` for a network
            that has trained types, as a QKeras model has, or else 4 to 8 bits of weights and 5 to 10 of activations.
        inputs: the same for the inputs; None takes each choice's activations.
        reuse_factors: for the hls4ml implementations; a mapping gives each implementation its own. A factor is a number
            for all layers, or a mapping from layers' names to their own.
        implementations: some of ``hls4ml-latency``, ``hls4ml-resource``, ``unrolled``.
        adder_levels_per_stage: for ``unrolled``.
        clock_period_ns: target clock period.
        part: FPGA part.
        capacity: of a part that is not in the table; see :func:`codesign.fpga.find_part`.

    Raises:
        ConfigError: for an empty list, a value listed twice, an unknown implementation, or widths that are no type.

    Example:
        >>> from codesign import Grid
        >>> implementations = ("hls4ml-latency", "unrolled")
        >>> grid = Grid(weights=(4, 6), activations=(8,), implementations=implementations, reuse_factors=(1, 2))
    """

    weights: Sequence[Width | Mapping[str, Width]] | str = AUTO
    activations: Sequence[Width | Mapping[str, Width]] | str = AUTO
    inputs: Sequence[Width] | None = None
    reuse_factors: Sequence[ReuseFactor] | Mapping[str, Sequence[ReuseFactor]] = (1,)
    implementations: Sequence[str] = IMPLEMENTATIONS
    adder_levels_per_stage: Sequence[int] = (2, 3, 5)
    clock_period_ns: float = 5.0
    part: str = "xcvu13p-flga2577-2-e"
    capacity: Mapping[str, int] | None = None

    def __post_init__(self) -> None:
        for name in ("implementations", "weights", "activations", "inputs", "adder_levels_per_stage"):
            if name not in self._open_lists:
                object.__setattr__(self, name, _values(name, getattr(self, name)))
        for name in {"weights", "activations", "inputs"} - self._open_lists:
            for width in getattr(self, name):
                _check_width(name, width)
        for name in self.implementations:
            if name not in IMPLEMENTATIONS:
                hint = nearest(name, IMPLEMENTATIONS)
                raise ConfigError(f"implementations: expected {', '.join(IMPLEMENTATIONS)}. Received: {name}{hint}")
        object.__setattr__(self, "reuse_factors", self._reuse_factors_by_implementation())
        _check_counts("adder_levels_per_stage", self.adder_levels_per_stage)
        check_range(self.clock_period_ns, "clock_period_ns", *CLOCK_NS)
        if self.count > _MOST_DESIGNS:
            raise ConfigError(
                f"grid: expected at most {_MOST_DESIGNS:,} designs. Received: {self.count:,}; shorten its lists"
            )

    @property
    def count(self) -> int:
        """Number of designs, of a network without trained types."""
        return math.prod(map(len, self._lists(None))) * sum(1 for _ in self.hardware_settings())

    def precision_choices(self, network: Network | None = None) -> Iterator[PrecisionChoice]:
        """Yield what decides accuracy, for a network: of one that has trained types these are the default."""
        return (PrecisionChoice(*values) for values in product(*self._lists(network)))

    def with_bits(self) -> "Grid":
        """Return the grid with bits where widths were left to the default, of a network with trained types too."""
        return replace(self, **{name: bits for name, bits in BITS.items() if name in self._open_lists})

    def _lists(self, network: Network | None) -> list[tuple]:
        """The widths of weights, activations and inputs."""
        trained = network is not None and network.has_trained_types
        default = dict.fromkeys(BITS, (TRAINED,)) if trained else BITS
        default = {**default, "inputs": (None,)}
        return [one if name in self._open_lists else getattr(self, name) for name, one in default.items()]

    @property
    def _open_lists(self) -> set[str]:
        """The lists of widths that were left to the default."""
        lists = {"weights": self.weights, "activations": self.activations}
        auto = {name for name, one in lists.items() if isinstance(one, str) and one == AUTO}
        return auto | ({"inputs"} if self.inputs is None else set())

    def hardware_settings(self) -> Iterator[HardwareSetting]:
        """Yield what decides cost."""
        for name in self.implementations:
            unrolled = name == "unrolled"
            factors = (1,) if unrolled else self.reuse_factors[name]
            levels = self.adder_levels_per_stage if unrolled else (Design.adder_levels_per_stage,)
            for factor, level in product(factors, levels):
                yield HardwareSetting(name, factor, level, self.clock_period_ns, self.part, self.capacity)

    def _reuse_factors_by_implementation(self) -> dict[str, tuple[ReuseFactor, ...]]:
        folded = [name for name in self.implementations if name != "unrolled"]
        given = self.reuse_factors
        if not isinstance(given, Mapping):
            given = dict.fromkeys(folded, given)
        elif folded and not given:
            raise ConfigError("reuse_factors: expected factors of an implementation. Received: {}; leave it out for 1")
        for name in given:
            if name not in IMPLEMENTATIONS[:2]:
                cure = "; factors of layers stand in a list: [{fc1: 4, fc2: 2}]"
                raise ConfigError(f"reuse_factors: expected {' or '.join(IMPLEMENTATIONS[:2])}. Received: {name}{cure}")
        factors = {name: _values("reuse_factors", given.get(name, (1,))) for name in folded}
        for values in factors.values():
            for value in values:
                named = isinstance(value, Mapping)
                if named and not value:
                    raise ConfigError("reuse_factors: expected a factor of a layer, such as {fc1: 4}. Received: {}")
                _check_counts("reuse_factors", list(value.values()) if named else [value])
        return factors


def _values(name: str, values: object) -> tuple:
    """A list as a tuple; one value stands for a list of one."""
    several = isinstance(values, Sequence) and not isinstance(values, bytes)
    listed = (values,) if isinstance(values, (str, int, Mapping)) else tuple(values) if several else None
    if not listed:
        raise ConfigError(f"{name}: expected a list with at least one value. Received: {values!r}")
    if len(listed) > _MOST_VALUES:
        raise ConfigError(f"{name}: expected at most {_MOST_VALUES} values. Received: {len(listed)}")
    for value in listed:
        if listed.count(value) > 1:
            raise ConfigError(f"{name}: expected each value once. Received: {value} {listed.count(value)} times")
    return listed


def _check_counts(name: str, values: Sequence[object]) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_COUNT:
            raise ConfigError(
                f"{name}: expected whole numbers of at least 1, {LARGEST_COUNT:,} at most. Received: {value!r}"
            )


def _check_width(name: str, width: object) -> None:
    if width == TRAINED:
        return
    if isinstance(width, Mapping) and name != "inputs":
        _check_layer_widths(name, width)
        return
    if isinstance(width, str):
        try:
            FixedPoint.parse(width)
        except PrecisionError as error:
            raise ConfigError(f"{name}: {error}") from None
    elif isinstance(width, bool) or not isinstance(width, int) or not 2 <= width <= MAX_WIDTH:
        raise ConfigError(
            f"{name}: expected 2 to {MAX_WIDTH} bits, or a type such as ap_fixed<8,3>. Received: {width!r}"
        )


def _check_layer_widths(name: str, widths: Mapping[object, object]) -> None:
    if not widths:
        raise ConfigError(f"{name}: expected a width for each layer, such as {{fc1: 6, fc2: 4}}. Received: {{}}")
    for layer, width in widths.items():
        if not isinstance(layer, str) or isinstance(width, Mapping):
            raise ConfigError(
                f"{name}: expected the names of layers with a width each, such as {{fc1: 6, fc2: 4}}. "
                f"Received: {dict(widths)!r:.200}"
            )
        _check_width(f"{name}.{layer}", width)
