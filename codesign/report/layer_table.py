"""The layers of a design in the terminal, and their sum: by logic synthesis, and by the HLS compiler."""

from collections.abc import Callable, Sequence

from rich.console import Console

from codesign.fpga import Design, DesignReport
from codesign.fpga.estimate.by_layer import LayerEstimate
from codesign.report.table import print_table

_COUNTS = {"LUT": "lut", "FF": "ff", "DSP": "dsp", "BRAM 18k": "bram_18k"}
_SCHEDULE = {"cycles": "latency_cycles", "every": "initiation_interval"}
_CSYNTH = "csynth_"


def print_layers(design: Design, layers: Sequence[LayerEstimate], *, console: Console | None = None) -> None:
    """Print a row for each layer, their sum, and where the sum lies in 9 of 10 designs.

    Args:
        design: with its report.
        layers: of :func:`codesign.fpga.estimate.by_layer.estimate_layers`.
        console: to print to; None: standard output.
    """
    report = design.report
    ends = (("from", lambda name: _end(report, name, 0)), ("to", lambda name: _end(report, name, 1)))
    rows: list[tuple[str, Callable[[str], float | None]]] = [(one.name, _cell_of(one)) for one in layers]
    rows += [("sum", lambda name: _summed(report, name)), *(ends if report.intervals else ())]
    names = {**_COUNTS, **{f"{label} by csynth": _CSYNTH + name for label, name in _COUNTS.items()}, **_SCHEDULE}
    if not report.csynth:
        names = {label: name for label, name in names.items() if not name.startswith(_CSYNTH)}
    columns = {"layer": [name for name, _ in rows]}
    columns |= {label: [_text(cell(name)) for _, cell in rows] for label, name in names.items()}
    print_table(design.label, None, columns, console=console)


def _cell_of(one: LayerEstimate) -> Callable[[str], float | None]:
    """What a layer has by the name of a number; of an unrolled one only its LUTs and its stages are known."""
    if one.cost is None:
        known = {"lut": one.lut, "dsp": one.dsp, "bram_18k": one.bram_18k}
        return known.get
    cost = one.cost
    counts = {name: getattr(cost.vsynth, name) for name in _COUNTS.values()}
    counts |= {_CSYNTH + name: getattr(cost.csynth, name) for name in _COUNTS.values()}
    return (counts | {name: getattr(cost, name) for name in _SCHEDULE.values()}).get


def _summed(report: DesignReport, name: str) -> float | None:
    if name.startswith(_CSYNTH):
        return report.csynth.get(name.removeprefix(_CSYNTH))
    return getattr(report, name)


def _end(report: DesignReport, name: str, end: int) -> float | None:
    found = report.interval(name)
    return _summed(report, name) if found is None else found[end]


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"
