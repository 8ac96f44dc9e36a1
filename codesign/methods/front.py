"""Front: what a search for designs has found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codesign.fpga import Design, Picked


@dataclass(frozen=True, eq=False)
class Front:
    """Designs of all methods, measured on events held out of the training, and those to build.

    Args:
        designs: that no other beats, and those picked; each with its estimated report.
        picked: the designs to build, within the budget.
        teacher: what taught them: ``name``, and its metric on the events held out; None without a teacher.
        history: of each training: ``method``, ``seed``, ``adder_cost`` aimed at, ``epochs`` (one mapping of numbers
            for each).
    """

    designs: tuple[Design, ...]
    picked: Picked
    teacher: Mapping[str, object] | None = None
    history: Sequence[Mapping[str, object]] = ()

    def table(self) -> str:
        """Return one line for each design, the smallest first."""
        header = ("method", "accuracy", "LUT", "FF", "latency ns", "picked")
        rows = [header, *(self._row(design) for design in sorted(self.designs, key=lambda one: one.report.lut))]
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows)

    def _row(self, design: Design) -> tuple[str, ...]:
        roles = [name for name in ("smallest", "fastest", "best") if getattr(self.picked, name, None) is design]
        report = design.report
        costs = (f"{report.lut:,}", f"{report.ff:,}", f"{report.latency_ns:g}")
        return (getattr(design, "method", ""), f"{design.accuracy:.4f}", *costs, ", ".join(roles))
