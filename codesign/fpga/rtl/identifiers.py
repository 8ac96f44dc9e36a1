"""Names of users as identifiers that Verilog, SystemVerilog and VHDL take, and as text within their comments."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

_LONGEST = 48
# Of Verilog-2005, SystemVerilog-2017 and VHDL-2008, which does not tell capitals and may use a design in Verilog.
KEYWORDS = frozenset(
    """
    abs accept_on access after alias all always always_comb always_ff always_latch and architecture array assert assign
    assume attribute automatic before begin bind bins binsof bit block body break buf buffer bufif0 bufif1 bus byte case
    casex casez cell chandle checker class clocking cmos component config configuration const constant constraint
    context continue cover covergroup coverpoint cross deassign default defparam design disable disconnect dist do
    downto edge else elsif end endcase endchecker endclass endclocking endconfig endfunction endgenerate endgroup
    endinterface endmodule endpackage endprimitive endprogram endproperty endsequence endspecify endtable endtask entity
    enum event eventually exit expect export extends extern fairness file final first_match for force foreach forever
    fork forkjoin function generate generic genvar global group guarded highz0 highz1 if iff ifnone ignore_bins
    illegal_bins implements implies import impure in incdir include inertial initial inout input inside instance int
    integer interconnect interface intersect is join join_any join_none label large let liblist library linkage literal
    local localparam logic longint loop macromodule map matches medium mod modport module nand negedge nettype new
    next nexttime nmos nor noshowcancelled not notif0 notif1 null of on open or others out output package packed
    parameter pmos port posedge postponed primitive priority procedure process program property protected pull0 pull1
    pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence range rcmos real
    realtime record ref reg register reject reject_on release rem repeat report restrict return rnmos rol ror rpmos
    rtran rtranif0 rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared select sequence severity
    shared shortint shortreal showcancelled signal signed sla sll small soft solve specify specparam sra srl static
    string strong strong0 strong1 struct subtype super supply0 supply1 sync_accept_on sync_reject_on table tagged task
    then this throughout time timeprecision timeunit to tran tranif0 tranif1 transport tri tri0 tri1 triand trior
    trireg type typedef unaffected unique unique0 units unsigned until until_with untyped use uwire var variable
    vectored virtual void vpkg vprop vunit wait wait_order wand weak weak0 weak1 when while wildcard wire with within
    wor xnor xor
    """.split()
)


def identifiers(
    names: Sequence[str], letter: str, taken: Collection[str] = (), *, prefixed: bool = False
) -> tuple[str, ...]:
    """Return an identifier for each name: its letters and digits, and what is needed to be legal and unique.

    Letters with accents lose them. A name without any letter or digit of ASCII is called by its place, and so are
    names that differ from others in nothing else than capitals, which VHDL does not tell.

    Args:
        names: anything.
        letter: what an identifier begins with whose name does not begin with a letter.
        taken: identifiers that are in use.
        prefixed: whether all begin with that letter.

    Example:
        >>> identifiers(["jet mass [GeV]", "reg", "2nd", "φ", "Reg"], "x", taken=["clk"])
        ('jet_mass_GeV', 'reg_x', 'x_2nd', 'x3', 'Reg_x_2')
    """
    used, found = {one.lower() for one in taken}, []
    for index, name in enumerate(names):
        base = _legal(str(name), letter, index, prefixed)
        unique = next(one for one in _numbered(base) if one.lower() not in used)
        used.add(unique.lower())
        found.append(unique)
    return tuple(found)


def comment_text(text: object) -> str:
    """Return a text in printable ASCII, quoted, for the middle of a one-line comment: no tool takes it as a command."""
    return ascii(str(text))


def _legal(name: str, letter: str, index: int, prefixed: bool) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    text = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:_LONGEST].strip("_")
    if not text:
        return f"{letter}{index}"
    if text[0].isdigit() or prefixed:
        return f"{letter}_{text}"
    return f"{text}_{letter}" if text.lower() in KEYWORDS else text


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1
