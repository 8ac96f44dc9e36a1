"""LUTs into cells: two functions that together have five inputs at most share a LUT6_2, and adders take tables in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from codesign.fpga.rtl.luts.netlist import LUT_INPUTS, Chain, ChainBit, Lut, Mux, Netlist
from codesign.fpga.rtl.luts.truth import substituted

SHARED_INPUTS = 5  # of a LUT6_2
_WAITING_STAGES = 2  # for which the keys of a table may wait, where an adder takes it in


@dataclass(frozen=True, eq=False)
class Cells:
    """What of a netlist is built.

    Args:
        luts: signals of the LUTs by cell, one or two each; of two the first has O6.
        chains: numbers of the carry chains.
        muxes: signals of the multiplexers.
        chain_outputs: of each chain the outputs that are taken: signal, place, and whether it is the carry behind it.
        waits: for each signal that is registered, by how many clocks at most.
    """

    luts: tuple[tuple[int, ...], ...]
    chains: tuple[int, ...]
    muxes: tuple[int, ...]
    chain_outputs: dict[int, list[tuple[int, int, bool]]]
    waits: dict[int, int]

    @property
    def register_bits(self) -> int:
        """Flip-flops."""
        return sum(self.waits.values())


def into_cells(netlist: Netlist, outputs: Sequence[int], end: int) -> Cells:
    """Take tables into adders, and pair what shares a cell; the netlist's LUTs are changed in place.

    Args:
        netlist: complete.
        outputs: literals that go out.
        end: the stage at whose beginning they do.
    """
    _absorb(netlist, outputs)
    live = _live(netlist, outputs)
    luts = _paired(netlist, [one for one in live if isinstance(netlist.cells[one], Lut)], _direct(netlist, live))
    outputs_of: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    for one in live:
        if isinstance(cell := netlist.cells[one], ChainBit):
            outputs_of[cell.chain].append((one, cell.place, cell.is_carry))
    chains = sorted(outputs_of)
    muxes = tuple(one for one in live if isinstance(netlist.cells[one], Mux))
    return Cells(tuple(luts), tuple(chains), muxes, outputs_of, _waits(netlist, live, outputs, end))


def sources(netlist: Netlist, signal: int) -> tuple[int, ...]:
    """Return the signals of which one is made directly."""
    match netlist.cells[signal]:
        case Lut(inputs=inputs):
            return inputs
        case Mux(select=select, low=low, high=high):
            return select, low, high
        case ChainBit(chain=index):
            chain: Chain = netlist.chains[index]
            return tuple(one >> 1 for one in (*chain.s, *chain.d, chain.carry) if one >> 1)
        case _:
            return ()


def _live(netlist: Netlist, outputs: Iterable[int]) -> list[int]:
    """What the outputs are made of, in rising order."""
    waiting, found = [one >> 1 for one in outputs], set()
    while waiting:
        one = waiting.pop()
        if one and one not in found:
            found.add(one)
            waiting.extend(sources(netlist, one))
    return sorted(found)


def _absorb(netlist: Netlist, outputs: Sequence[int]) -> None:
    """Let a place of an adder make a bit of a table itself, where nothing else takes the bit."""
    live = _live(netlist, outputs)
    chains = {cell.chain for one in live if isinstance(cell := netlist.cells[one], ChainBit)}
    users = Counter(one >> 1 for one in outputs)
    for one in live:
        if not isinstance(netlist.cells[one], ChainBit):
            users.update(sources(netlist, one))
    for index in chains:
        chain = netlist.chains[index]
        users.update(one >> 1 for one in (*chain.s, *chain.d, chain.carry))
    busy = {cell.beside for one in live if isinstance(cell := netlist.cells[one], Lut) and cell.beside}
    for index in sorted(chains):
        chain = netlist.chains[index]
        d = list(chain.d)
        for place, s in enumerate(chain.s):
            if s >> 1 and s >> 1 not in busy:
                d[place] = _taken_in(netlist, s >> 1, d[place], users, chain.stage)
        netlist.chains[index] = replace(chain, d=tuple(d))


def _taken_in(netlist: Netlist, s: int, d: int, users: Counter, stage: int) -> int:
    """Put a function that the parity takes into it; returns what goes into the carry then."""
    lut: Lut = netlist.cells[s]
    for one in sorted(lut.inputs, reverse=True):
        inner = netlist.cells[one]
        other = [signal for signal in lut.inputs if signal != one]
        is_carried = d >> 1 == one
        if (
            not isinstance(inner, Lut)
            or inner.bound
            or users[one] > 1 + is_carried
            or stage - netlist.born[one] > _WAITING_STAGES
        ):
            continue
        if is_carried and not (len(other) == 1 and _is_plain_parity(lut)):
            continue
        signals, truth = substituted(lut.inputs, lut.truth, one, (inner.inputs, inner.truth))
        if len(signals) > LUT_INPUTS:
            continue
        netlist.cells[s] = Lut(tuple(signals), truth, 0, True)
        return 2 * other[0] if is_carried else d
    return d


def _is_plain_parity(lut: Lut) -> bool:
    """Whether it is ``a ^ b``, so that either of the two may go into the carry."""
    return len(lut.inputs) == 2 and lut.truth == 0b0110


def _direct(netlist: Netlist, live: Sequence[int]) -> set[int]:
    """LUTs in front of a sum that is taken in its own stage: it leaves by the pin that O5 would have."""
    found = set()
    for one in live:
        for source in sources(netlist, one):
            cell = netlist.cells[source]
            if isinstance(cell, ChainBit) and netlist.born[source] == netlist.born[one]:
                found.add(netlist.chains[cell.chain].s[cell.place] >> 1)
    return found


def _paired(netlist: Netlist, luts: Sequence[int], direct: set[int]) -> list[tuple[int, ...]]:
    """Cells of one or two LUTs: those that belong together, then as many as possible."""
    cells: list[tuple[int, ...]] = []
    beside = defaultdict(list)
    for one in luts:
        if netlist.cells[one].beside:
            beside[netlist.cells[one].beside].append(one)
    free = []
    for one in luts:
        lut = netlist.cells[one]
        if lut.bound and not lut.beside:
            mates = [m for m in beside[one] if _fit(netlist, one, m) or selecting_input(netlist, one, m) is not None]
            cells.append((one, *mates[:1]))
            free.extend(mate for mate in beside[one] if mate not in mates[:1])
        elif not lut.bound:
            free.append(one)
    groups = defaultdict(list)
    for one in free:
        groups[netlist.born[one]].append(one)
    for stage in {netlist.born[cell[0]] for cell in cells} - set(groups):
        groups[stage] = []
    hosts = [cell[0] for cell in cells if len(cell) == 1 and cell[0] not in direct]
    cells = [cell for cell in cells if len(cell) > 1 or cell[0] in direct]
    for stage, group in groups.items():
        cells.extend(_matched(netlist, group, [one for one in hosts if netlist.born[one] == stage]))
    return cells


def _fit(netlist: Netlist, first: int, second: int) -> bool:
    inputs = {*netlist.cells[first].inputs, *netlist.cells[second].inputs}
    return len(inputs) <= SHARED_INPUTS


def selecting_input(netlist: Netlist, first: int, second: int) -> int | None:
    """The sixth input of a LUT for which its other output is the first one at 0, where there is such an input."""
    whole, half = netlist.cells[first], netlist.cells[second]
    for one in set(whole.inputs) - set(half.inputs) if len(whole.inputs) == LUT_INPUTS else ():
        if substituted(whole.inputs, whole.truth, one, ((), 0)) == (half.inputs, half.truth):
            return one
    return None


def _matched(netlist: Netlist, luts: Sequence[int], hosts: Sequence[int]) -> list[tuple[int, ...]]:
    """Pair LUTs of one stage: first those of the same inputs, then the widest with the widest that fits.

    Args:
        netlist: of the LUTs.
        luts: that may have either output of a cell.
        hosts: LUTs in front of carry chains, whose sum lies in a register: O5 is left for another function.
    """
    alike = defaultdict(list)
    cells: list[tuple[int, ...]] = []
    for one in luts:
        if len(netlist.cells[one].inputs) > SHARED_INPUTS:
            cells.append((one,))
        else:
            alike[netlist.cells[one].inputs].append(one)
    single = []
    for group in alike.values():
        cells.extend(zip(group[::2], group[1::2]))
        single.extend(group[len(group) & ~1 :])
    for group in (list(hosts), single):
        group.sort(key=lambda one: -len(netlist.cells[one].inputs))
        single.sort(key=lambda one: -len(netlist.cells[one].inputs))
        while group:
            one = group.pop(0)
            mate = next((i for i, other in enumerate(single) if _fit(netlist, one, other)), None)
            cells.append((one,) if mate is None else (one, single.pop(mate)))
    return cells


def _waits(netlist: Netlist, live: Iterable[int], outputs: Iterable[int], end: int) -> dict[int, int]:
    """For each signal by how many clocks its latest user wants it later than it is made."""
    waits: Counter = Counter()

    def used(signal: int, stage: int) -> None:
        waits[signal] = max(waits[signal], stage - netlist.born[signal])

    for one in live:
        stage = netlist.born[one]
        for source in sources(netlist, one):
            used(source, stage)
    for one in outputs:
        if one >> 1:
            used(one >> 1, end)
    return {signal: wait for signal, wait in waits.items() if wait > 0}
