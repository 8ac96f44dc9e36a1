"""README.md of a built design: one page for an engineer who never saw codesign."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from codesign._version import __version__
from codesign.data.dataset import NOT_STATED, kind_text
from codesign.fpga import SOURCES, BuiltDesign
from codesign.fpga.rtl.pins import Pin
from codesign.handover.markdown import code_text, markdown_text
from codesign.handover.texts import rendered
from codesign.metrics.working_point import WorkingPoint
from codesign.network import Network
from codesign.network.ops import Table
from codesign.network.summary import size_text

_MOST_PORTS = 40  # of one page
_RESOURCES = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram_18k": "BRAM of 18 kb", "uram": "URAM"}


@dataclass(frozen=True)
class Origin:
    """Where a network comes from, for its README.

    Args:
        data: name of the data set that it was trained on.
        data_kind: how real these are, as :class:`codesign.Dataset` has it.
        command: that made it.
        working_points: thresholds for the firmware, from :func:`codesign.metrics.working_point`.
    """

    data: str = ""
    data_kind: str = NOT_STATED
    command: str = ""
    working_points: tuple[WorkingPoint, ...] = ()


def readme(built: BuiltDesign, origin: Origin) -> str:
    """Return the text of README.md.

    Args:
        built: from :func:`codesign.fpga.build_circuits`.
        origin: what it says of data and command.
    """
    interface, network = built.interface, built.design.network
    values = {
        "name": built.name,
        "what": f"{_what(network)}, {markdown_text(size_text(network))}, in fixed-point numbers: {_parts(network)}.",
        "data": f"Trained on {markdown_text(origin.data)}, {kind_text(origin.data_kind)}." if origin.data else "",
        "facts": list(_facts(built)),
        "rtl": built.rtl,
        "backend": markdown_text(built.backend),
        "clock_ns": built.design.clock_period_ns,
        "ports": [*_rows("in", interface.inputs, built), *_rows("out", interface.outputs, built)],
        "cuts": [_cut(point, built) for point in origin.working_points],
        "unused": _unused(interface.inputs),
        "n_vectors": f"{len(built.vectors.words):,}",
        "cpp": built.agreement.cpp_mismatches is not None,
        "words": interface.has_words,
        "version": __version__,
        "command": code_text(origin.command) if origin.command else "",
        "sha256": hashlib.sha256((built.directory / "network.json").read_bytes()).hexdigest(),
        "agreement": _agreement(built),
        "notes": [markdown_text(note) for note in built.notes],
    }
    return rendered("README.md", **values)


def _what(network: Network) -> str:
    return "A neural network" if network.layers else "A network of tables"


def _parts(network: Network) -> str:
    """How many weights there are, and how many tables."""
    tables = sum(len(node.op.keys) for node in network.nodes if isinstance(node.op, Table))
    said = [f"{network.n_weights} weights that are not 0"] if network.layers or not tables else []
    return ", ".join([*said, *([f"{tables} tables"] if tables else [])])


def _unused(pins: tuple[Pin, ...]) -> str:
    """Sentences on inputs, or bits of them, that nothing takes."""
    without = [markdown_text(pin.name) for pin in pins if not pin.width]
    said = f"Not needed, and without a port: {', '.join(without)}. " if without else ""
    return said + ("Bits that are not used may hold anything. " if any(pin.dropped > 0 for pin in pins) else "")


def _facts(built: BuiltDesign) -> Iterator[tuple[str, str, str]]:
    """Rows of what, how much, and who says so."""
    design, report = built.design, built.design.report
    yield "implementation", f"{design.implementation}, for {design.part}", ""
    yield "clock", f"{design.clock_period_ns:g} ns, {1000 / design.clock_period_ns:.6g} MHz", "asked for"
    if report is None:
        return
    found = {"latency": report.latency_cycles, "initiation interval": report.initiation_interval}
    keys = {"latency": "latency_cycles", "initiation interval": "initiation_interval"}
    for fact, clocks in found.items():
        if clocks is not None:
            time = f", {clocks * design.clock_period_ns:g} ns"
            unit = "clock" if clocks == 1 else "clocks"
            yield fact, f"{clocks} {unit}{time}", _source(report.sources[keys[fact]])
    for name, title in _RESOURCES.items():
        if getattr(report, name) is not None:
            yield title, f"{getattr(report, name):,}", _source(report.sources[name])
    if design.accuracy is not None:
        yield "accuracy", _measured(design.accuracy, design.accuracy_error), "events held out"
    for name, found in design.metrics.items():
        if name != "accuracy":
            yield markdown_text(name), _measured(found.value, found.error), "events held out"


def _measured(value: float, error: float | None) -> str:
    return f"{value:.4g}" if error is None else f"{value:.4g} ± {error:.2g}"


def _cut(point: WorkingPoint, built: BuiltDesign) -> dict:
    """One working point: what is compared with which integer."""
    outputs = built.interface.outputs
    if len(outputs) == 1:
        score = f"`{outputs[0].port}`" if point.label else f"minus `{outputs[0].port}`"
    else:
        others = [pin.port for pin in outputs]
        signal = others.pop(point.label)
        score = f"`{signal}` minus " + (f"`{others[0]}`" if len(others) == 1 else "the largest of the others")
    code = f"{point.threshold:g}" if point.code is None else f"{point.code} × 2^{-point.fraction}"
    efficiency, rate = point.efficiency, point.background_rate
    return {
        "score": f"{score} ≥ {code}",
        "rate": f"{_measured(rate.value, rate.error)} ({point.wanted_rate:g} asked for)",
        "efficiency": _measured(efficiency.value, efficiency.error),
    }


def _source(source: str) -> str:
    return f"{SOURCES[source]} ({source})"


def _rows(direction: str, pins: tuple[Pin, ...], built: BuiltDesign) -> Iterator[dict]:
    """Rows of the ports; of many the first, because the Verilog has all."""
    shown = [(place, pin) for place, pin in enumerate(pins) if pin.width]
    for place, pin in shown[:_MOST_PORTS]:
        used = f", bits {pin.width - 1} to {pin.dropped} are used" if pin.used else ", not used"
        step = (
            f"1 step is {pin.scale:g} in physical units, 2^{-pin.fraction} in the network's"
            if pin.scale is not None
            else f"value = code × 2^{-pin.fraction}"
        )
        text = f"{direction}put {place}, {markdown_text(pin.name)}: {step}{used if pin.dropped > 0 else ''}"
        sign = "signed" if pin.signed else "unsigned"
        row = {"port": pin.port, "place": f"{direction}put {place}", "bits": pin.width, "text": text}
        yield {**row, "format": f"{direction}, `{pin.format}`, {sign}"}
    more = len(shown) - _MOST_PORTS
    if more > 0:
        where = f": see `rtl/src/{built.name}.v`" if built.rtl else " alike, in the order of the features"
        yield {"port": "...", "place": "...", "bits": "", "format": direction, "text": f"{more} more{where}"}


def _agreement(built: BuiltDesign) -> str:
    found, events = built.agreement, f"{built.agreement.events:,} events"
    checks = {
        "the C simulation of hls4ml": found.csim_mismatches,
        "the Verilog": found.rtl_mismatches,
        "the C++": found.cpp_mismatches,
    }
    said = [f"{name} differs in {count:,}" for name, count in checks.items() if count is not None]
    return f"Of {events}, compared bit for bit with the emulation, {', '.join(said)}." if said else ""
