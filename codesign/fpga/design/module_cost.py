"""ModuleCost: what one module of a design costs, as a report lists it."""

from dataclasses import dataclass, fields

from codesign._arguments import check_type
from codesign._printable import printable
from codesign.errors import ReportError


@dataclass(frozen=True)
class ModuleCost:
    """What a layer, an instance or a kernel costs; None where the report does not say.

    Args:
        name: as the report prints it, control codes written out.
        source: who says it, as of a DesignReport; of a report's modules the report's own, where it is left out.
        lut, ff, dsp, bram_18k, uram: counts, of what is inside included.
        latency_cycles: worst case.
        initiation_interval: cycles between events.

    Raises:
        ReportError: for a value of another type.
    """

    name: str
    source: str = ""
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram_18k: int | None = None
    uram: int | None = None
    latency_cycles: int | None = None
    initiation_interval: int | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            check_type(getattr(self, one.name), one.type, f"modules: {one.name}", error=ReportError)
        object.__setattr__(self, "name", printable(self.name))
