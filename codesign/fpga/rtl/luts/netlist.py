"""Netlist: functions of a few bits, multiplexers and carry chains, each in a stage of a pipeline."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from codesign.fpga.rtl.luts.truth import FALSE, TRUE, packed, plain, supported

LUT_INPUTS = 6


@dataclass(frozen=True)
class Wire:
    """A bit that comes in: of the inputs, or of a circuit in front.

    Args:
        source: 0 for the inputs, 1 for the circuit in front.
        bit: its place in the bus.
    """

    source: int
    bit: int


@dataclass(frozen=True)
class Lut:
    """A function of at most six signals.

    Args:
        inputs: signals, the first is the lowest bit of the index.
        truth: its table.
        beside: the LUT with which it shares a cell, as the majority of an adder of three does; 0: any.
        bound: whether its output has to be O6 of a cell: in front of a carry chain, or of a multiplexer.
    """

    inputs: tuple[int, ...]
    truth: int
    beside: int = 0
    bound: bool = False


@dataclass(frozen=True)
class Mux:
    """``high if select else low``, a MUXF7 of two LUTs or a MUXF8 of two MUXF7."""

    select: int
    low: int
    high: int
    cell: str


@dataclass(frozen=True)
class ChainBit:
    """An output of a carry chain: the sum at a place, or the carry behind the last place."""

    chain: int
    place: int
    is_carry: bool = False


@dataclass(frozen=True)
class Chain:
    """A carry chain: ``sum = s ^ c``, and the next carry is ``c if s else d``.

    Args:
        s: literals, FALSE, TRUE or that of a LUT which is there for this alone.
        d: literals, no complements.
        stage: in which it works.
        carry: literal of the first carry, no complement.
    """

    s: tuple[int, ...]
    d: tuple[int, ...]
    stage: int
    carry: int = FALSE


Cell = Wire | Lut | Mux | ChainBit | None


@dataclass(eq=False)
class Netlist:
    """Signals and where in the pipeline they are; signal 0 is the constant 0.

    Args:
        levels_per_stage: LUTs one behind the other between two registers, at most.
        thorough: whether several ways to add are to be tried.
        cells: what gives each signal.
        chains: the carry chains.
        times: (stage, levels in it) at which a signal may be taken.
        born: the stage in which it is made; it is registered on its way to later ones.
        depths: LUTs and carry chains on the longest way to a signal.
        owners: the node of the network for which each signal is made.
        owner: the node for which signals are made now.
    """

    levels_per_stage: int
    thorough: bool = True
    cells: list[Cell] = field(default_factory=lambda: [None])
    chains: list[Chain] = field(default_factory=list)
    times: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    born: list[int] = field(default_factory=lambda: [0])
    depths: list[int] = field(default_factory=lambda: [0])
    owners: list[str] = field(default_factory=lambda: [""])
    owner: str = ""
    _known: dict[tuple, int] = field(default_factory=dict)

    @contextmanager
    def owned(self, name: str) -> Iterator[None]:
        """Make signals for a node of the network."""
        before, self.owner = self.owner, name
        yield
        self.owner = before

    def wire(self, source: int, bit: int, stage: int = 0, depth: int = 0) -> int:
        """Return the literal of a bit that comes in, registered, in a stage."""
        key = (source, bit)
        if key not in self._known:
            self._known[key] = self._add(Wire(source, bit), (stage, 0), stage if source else -1, depth)
        return self._known[key]

    def function(self, literals: Sequence[int], values: np.ndarray) -> int:
        """Return the literal of a function of up to eight literals, (2**n,) bits."""
        signals, values = plain(literals, values)
        return self.function_of(signals, packed(values))

    def function_of(self, signals: Sequence[int], truth: int) -> int:
        """Return the literal of a function of distinct signals in rising order; equal ones are made once."""
        signals, truth = supported(signals, truth)
        if len(signals) < 2:
            return [FALSE, TRUE][truth] if not signals else 2 * signals[0] + (truth == 1)
        complement = truth ^ ((1 << (1 << len(signals))) - 1)
        if (signals, complement) in self._known:
            return self._known[signals, complement] ^ 1
        if (signals, truth) not in self._known:
            self._known[signals, truth] = self._made(signals, truth)
        return self._known[signals, truth]

    def lut(self, signals: Sequence[int], truth: int, stage: int, *, beside: int = 0) -> int:
        """Return the literal of a LUT in front of a carry chain, in a stage; no other function shares it.

        Args:
            signals, truth: the function.
            stage: of the chain.
            beside: see :class:`Lut`.
        """
        level, depth = self._latest(signals, stage)
        return self._add(Lut(tuple(signals), truth, beside, True), (stage, level + 1), stage, depth + 1)

    def chain(self, s: Sequence[int], d: Sequence[int], stage: int, carry: int = FALSE) -> tuple[list[int], int]:
        """Return the literals of a chain's sums, and of its last carry.

        Args:
            s, d, stage, carry: see :class:`Chain`.
        """
        level, depth = self._latest([one >> 1 for one in (*s, *d, carry) if one >> 1], stage)
        index, n = len(self.chains), len(s)
        self.chains.append(Chain(tuple(s), tuple(d), stage, carry))
        made = [self._add(ChainBit(index, i), (stage, level), stage, depth) for i in range(n)]
        return made, self._add(ChainBit(index, n - 1, True), (stage, level), stage, depth)

    def complement(self, signal: int) -> int:
        """Return the signal that is the complement of one: its LUT, where it has one, with the other values."""
        cell = self.cells[signal]
        if isinstance(cell, Lut):
            rest = (1 << (1 << len(cell.inputs))) - 1
            return self._placed(Lut(cell.inputs, cell.truth ^ rest), cell.inputs) >> 1
        return self._placed(Lut((signal,), 1), (signal,)) >> 1

    def size(self) -> tuple[int, int]:
        """Return how many signals and chains there are, for :meth:`cut`."""
        return len(self.cells), len(self.chains)

    def cut(self, size: tuple[int, int]) -> None:
        """Take away the chains that were added since, and the LUTs in front of them."""
        for kept in (self.cells, self.times, self.born, self.depths, self.owners):
            del kept[size[0] :]
        del self.chains[size[1] :]

    def ready(self, literal: int, levels: int = 1) -> int:
        """Return the first stage in which something of so many levels may take a literal."""
        stage, level = self.times[literal >> 1]
        return stage + (level > 0 and level + levels > self.levels_per_stage)

    def fits_beside(self, literal: int) -> bool:
        """Whether the LUT of an adder's place could hold this function beside another bit."""
        cell = self.cells[literal >> 1]
        return isinstance(cell, Lut) and not cell.bound and len(cell.inputs) < LUT_INPUTS

    def _made(self, signals: tuple[int, ...], truth: int) -> int:
        if len(signals) <= LUT_INPUTS:
            return self._placed(Lut(signals, truth), signals)
        halves = _halves(truth, len(signals))
        parts = [self._half(signals[:-1], part) for part in halves]
        if any(part is None for part in parts):
            literals = [2 * signals[-1], *(self.function_of(signals[:-1], part) for part in halves)]
            return self.function(literals, np.array([0, 0, 1, 0, 0, 1, 1, 1]))
        cell = "MUXF7" if len(signals) == LUT_INPUTS + 1 else "MUXF8"
        return self._placed(Mux(signals[-1], *parts, cell), [*parts, signals[-1]], levels=0)

    def _half(self, signals: tuple[int, ...], truth: int) -> int | None:
        """A signal at the pin of a multiplexer: a LUT of its own, or a multiplexer; None for a constant or a wire."""
        if len(signals) > LUT_INPUTS:
            parts = [self._half(signals[:-1], part) for part in _halves(truth, len(signals))]
            if any(part is None for part in parts):
                return None
            return self._placed(Mux(signals[-1], *parts, "MUXF7"), [*parts, signals[-1]], levels=0) >> 1
        needed, truth = supported(signals, truth)
        return None if len(needed) < 2 else self._placed(Lut(needed, truth, 0, True), needed) >> 1

    def _latest(self, signals: Sequence[int], stage: int) -> tuple[int, int]:
        """The highest level within a stage of what comes in, and the greatest depth."""
        levels = [self.times[one][1] for one in signals if self.times[one][0] == stage]
        return max(levels, default=0), max((self.depths[one] for one in signals), default=0)

    def _placed(self, cell: Cell, signals: Sequence[int], levels: int = 1) -> int:
        """Add a cell in the first stage that has room for its levels."""
        stage, level = max((self.times[one] for one in signals), default=(0, 0))
        if level + levels > self.levels_per_stage and level:
            stage, level = stage + 1, 0
        depth = max((self.depths[one] for one in signals), default=0) + levels
        return self._add(cell, (stage, level + levels), stage, depth)

    def _add(self, cell: Cell, time: tuple[int, int], born: int, depth: int) -> int:
        self.cells.append(cell)
        self.times.append(time)
        self.born.append(born)
        self.depths.append(depth)
        self.owners.append(self.owner)
        return 2 * (len(self.cells) - 1)


def _halves(truth: int, n: int) -> tuple[int, int]:
    """A function for the last of its n inputs at 0, and at 1."""
    half = 1 << (n - 1)
    return truth & ((1 << half) - 1), truth >> half
