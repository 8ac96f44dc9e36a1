"""Front: what a search for designs has found."""

from collections.abc import Mapping
from dataclasses import dataclass

from codesign.fpga import Design, Picked
from codesign.methods.teaching import Taught
from codesign.metrics import Measured

_ROLES = ("smallest", "fastest", "best")


@dataclass(frozen=True, eq=False)
class Front:
    """Designs of all methods, measured on events held out of the training, and those to build.

    Args:
        designs: of each method those that none of its own beats, and those picked; each with its metrics and its
            estimated report.
        picked: the designs to build, within the budget.
        metric: name of what they were chosen by.
        teacher: who taught them; None if the labels did.
        teacher_metrics: what the teacher is worth on the events held out.
        history: of each training, the teacher's included: ``method``, ``label``, ``aim`` (adder cost, or None),
            ``cpu_s``, and ``epochs``: for each its ``stage``, ``epoch``, ``loss``, perhaps ``adder_cost``.

    Example:
        >>> from dataclasses import replace
        >>> from codesign import Budget, DenseLayer, Design, Front, Network, estimate, pick, quantize_network
        >>> network = Network.chain([DenseLayer("fc", [[0.7], [0.3]], [0.1])])
        >>> design = Design(quantize_network(network, [[1.0, 2.0]], weights=4, activations=6), accuracy=0.8)
        >>> design = replace(design, report=estimate(design))
        >>> front = Front((design,), pick([design], Budget(lut=100)))
        >>> front.picked.smallest is design, len(front.table().splitlines())
        (True, 2)
    """

    designs: tuple[Design, ...]
    picked: Picked
    metric: str = "accuracy"
    teacher: Taught | None = None
    teacher_metrics: Mapping[str, Measured] | None = None
    history: tuple[Mapping[str, object], ...] = ()

    def table(self) -> str:
        """Return one line for each design, the smallest first, and which were picked."""
        header = ("method", self.metric, "LUT", "FF", "latency ns", "picked")
        rows = [self._row(design) for design in sorted(self.designs, key=lambda one: one.report.lut)]
        widths = [max(map(len, column)) for column in zip(header, *rows)]
        lines = ("  ".join(text.ljust(width) for text, width in zip(row, widths)) for row in (header, *rows))
        return "\n".join(line.rstrip() for line in lines)

    def _row(self, design: Design) -> tuple[str, ...]:
        roles = [name for name in _ROLES if getattr(self.picked, name) is design]
        report = design.report
        costs = (f"{report.lut:,}", f"{report.ff:,}", f"{report.latency_ns:g}")
        return (design.method, str(design.measured(self.metric)), *costs, ", ".join(roles))
