"""Verilog of a netlist: cells of AMD parts as they are to lie there, or tables and sums that any tool reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codesign.fpga.rtl.luts.cells import SHARED_INPUTS, Cells, selecting_input
from codesign.fpga.rtl.luts.netlist import Lut, Mux, Netlist, Wire
from codesign.fpga.rtl.luts.truth import TRUE, substituted

_SHIFT_REGISTER = 3  # registers in a row that tools make one of
_KEPT = '(* keep, shreg_extract = "no" *) '
CHAIN_CELLS = {"CARRY8": 8, "CARRY4": 4}


@dataclass(frozen=True, eq=False)
class Writer:
    """Writes statements.

    Args:
        netlist, cells: what is written.
        carry: ``CARRY8`` or ``CARRY4``; empty for parts of other vendors.
        buses: names of the buses that wires come from.
    """

    netlist: Netlist
    cells: Cells
    carry: str
    buses: Sequence[str] = ("model_inp", "front_out")

    def lines(self) -> Iterator[str]:
        """Yield the statements in any order; registers last."""
        for signal in self._wires():
            cell = self.netlist.cells[signal]
            yield f"wire n{signal} = {self.buses[cell.source]}[{cell.bit}];"
        for group in self.cells.luts:
            yield self._lut(group)
        for signal in self.cells.muxes:
            yield self._mux(signal, self.netlist.cells[signal])
        for index in self.cells.chains:
            yield from self._chain(index)
        yield from self._registers()

    def literal(self, literal: int, stage: int) -> str:
        """Return a literal as it is in a stage."""
        if literal >> 1 == 0:
            return f"1'b{literal & 1}"
        return f"{'~' if literal & 1 else ''}{self._name(literal >> 1, stage)}"

    def _wires(self) -> list[int]:
        """Bits that come in and are taken."""
        used = {signal for signal in self.cells.waits if isinstance(self.netlist.cells[signal], Wire)}
        stages = [(one, self.netlist.born[one]) for group in self.cells.luts for one in group]
        for one, _ in stages:
            used |= {i for i in self.netlist.cells[one].inputs if isinstance(self.netlist.cells[i], Wire)}
        return sorted(used)

    def _name(self, signal: int, stage: int) -> str:
        wait = stage - self.netlist.born[signal]
        return f"n{signal}_{wait}" if wait > 0 else f"n{signal}"

    def _lut(self, group: tuple[int, ...]) -> str:
        stage = self.netlist.born[group[0]]
        luts: list[Lut] = [self.netlist.cells[one] for one in group]
        if not self.carry:
            return " ".join(self._plain(one, lut, stage) for one, lut in zip(group, luts))
        declared = f"wire {', '.join(f'n{one}' for one in group)};"
        if len(group) == 1:
            n = len(luts[0].inputs)
            pins = "".join(f", .I{i}({self._name(one, stage)})" for i, one in enumerate(luts[0].inputs))
            init = f"{1 << n}'h{luts[0].truth:x}"
            return f"{declared} LUT{n} #(.INIT({init})) lut_{group[0]} (.O(n{group[0]}){pins});"
        inputs, select = sorted({one for lut in luts for one in lut.inputs}), None
        if len(inputs) > SHARED_INPUTS:
            select = selecting_input(self.netlist, *group)
            inputs.remove(select)
            luts[0] = Lut(*substituted(luts[0].inputs, luts[0].truth, select, ((), 1)))
        high, low = (_widened(lut, inputs) for lut in luts)
        names = [self._name(one, stage) for one in inputs] + ["1'b0"] * (SHARED_INPUTS - len(inputs))
        pins = "".join(f", .I{i}({name})" for i, name in enumerate(names))
        return (
            f"{declared} LUT6_2 #(.INIT(64'h{high << 32 | low:016x})) lut_{group[0]} "
            f"(.O6(n{group[0]}), .O5(n{group[1]}){pins}, .I5({self.literal(2 * select if select else TRUE, stage)}));"
        )

    def _plain(self, signal: int, lut: Lut, stage: int) -> str:
        size = 1 << len(lut.inputs)
        index = ", ".join(self._name(one, stage) for one in reversed(lut.inputs))
        return f"wire [{size - 1}:0] t{signal} = {size}'h{lut.truth:x}; wire n{signal} = t{signal}[{{{index}}}];"

    def _mux(self, signal: int, mux: Mux) -> str:
        stage = self.netlist.born[signal]
        select, low, high = (self._name(one, stage) for one in (mux.select, mux.low, mux.high))
        if not self.carry:
            return f"wire n{signal} = {select} ? {high} : {low};"
        pins = f".O(n{signal}), .I0({low}), .I1({high}), .S({select})"
        return f"wire n{signal}; {mux.cell} mux_{signal} ({pins});"

    def _chain(self, index: int) -> Iterator[str]:
        chain, n = self.netlist.chains[index], len(self.netlist.chains[index].s)
        s, d = ([self.literal(one, chain.stage) for one in side] for side in (chain.s, chain.d))
        size = CHAIN_CELLS.get(self.carry, 1)
        total = -(-n // size) * size
        s, d = (f"{{{', '.join(reversed(side + ['1' + chr(39) + 'b0'] * (total - n)))}}}" for side in (s, d))
        name = f"c{index}"
        yield f"wire [{total - 1}:0] {name}_s = {s}, {name}_d = {d}, {name}_o, {name}_c;"
        yield from self._carries(name, n, total, self.literal(chain.carry, chain.stage))
        for signal, place, is_carry in self.cells.chain_outputs[index]:
            yield f"wire n{signal} = {name}_{'c' if is_carry else 'o'}[{place}];"

    def _carries(self, name: str, n: int, total: int, first: str) -> Iterator[str]:
        if not self.carry:
            yield f"wire [{n}:0] {name}_t = {name}_d + ({name}_s ^ {name}_d) + {first};"
            yield f"assign {name}_o = {name}_t[{n - 1}:0];"
            yield f"assign {name}_c = {{{name}_t[{n}]{f', {n - 1}{chr(39)}d0' if n > 1 else ''}}};"
            return
        size, ends = CHAIN_CELLS[self.carry], {"CO": "c", "O": "o", "DI": "d", "S": "s"}
        for low in range(0, total, size):
            pins = ", ".join(f".{pin}({name}_{end}[{low + size - 1}:{low}])" for pin, end in ends.items())
            before = f"{name}_c[{low - 1}]" if low else "1'b0" if self.carry == "CARRY4" else first
            more = f".CYINIT({'1' + chr(39) + 'b0' if low else first})" if self.carry == "CARRY4" else ".CI_TOP(1'b0)"
            yield f"{self.carry} carry_{name[1:]}_{low} ({pins}, .CI({before}), {more});"

    def _registers(self) -> Iterator[str]:
        """Delays as flip-flops: a shift register would take a LUT."""
        rows = []
        for signal, wait in sorted(self.cells.waits.items()):
            names = [f"n{signal}", *(f"n{signal}_{i + 1}" for i in range(wait))]
            yield f"{_KEPT if wait >= _SHIFT_REGISTER else ''}reg {', '.join(names[1:])};"
            rows.extend(f"    {later} <= {earlier};" for earlier, later in zip(names, names[1:]))
        if rows:
            yield "\n".join(["always @(posedge clk) begin", *rows, "end"])


def _widened(lut: Lut, inputs: Sequence[int]) -> int:
    """The table of a LUT by the inputs of a LUT6_2."""
    truth = 0
    place = [inputs.index(one) for one in lut.inputs]
    for entry in range(1 << SHARED_INPUTS):
        index = sum((entry >> where & 1) << i for i, where in enumerate(place))
        truth |= (lut.truth >> index & 1) << entry
    return truth
