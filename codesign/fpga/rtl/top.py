"""The top module: one documented port for each value of an event, valid bits that travel with them, and the core."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from codesign.fpga.rtl.identifiers import comment_text
from codesign.fpga.rtl.pins import Interface, Pin
from codesign.fpga.rtl.project import Port, RtlProject
from codesign.fpga.rtl.templates import rendered


def write_top(project: RtlProject, interface: Interface, name: str) -> RtlProject:
    """Write two modules around the core of a project, and return the project with them.

    ``<name>`` has one port for each value; ``<name>_bus`` has the same on two buses, the first value in the low bits.

    Args:
        project: from :func:`codesign.fpga.rtl.verilog.write_verilog`.
        interface: of the same network.
        name: an identifier of Verilog.
    """
    facts = {"name": name, "core": project.name, "latency": project.latency_cycles, "clock_ns": project.clock_period_ns}
    facts |= {"inputs": pin_slices(interface.inputs), "outputs": pin_slices(interface.outputs)}
    facts |= {"input_bits": bits(interface.inputs), "output_bits": bits(interface.outputs), "described": described}
    to_core = [] if not bits(project.inputs) else list(_to_core(interface.inputs, project.inputs))
    from_core = list(_from_core(interface.outputs, project.outputs))
    facts |= {"core_inputs": bits(project.inputs), "core_outputs": bits(project.outputs)}
    for module, assignments in ((name, []), (f"{name}_bus", to_core + from_core)):
        template = "top.v" if module == name else "bus.v"
        text = rendered(template, **facts, assignments=assignments)
        (project.directory / f"src/{module}.v").write_text(text)
    added = (project.sources[-1].with_name(f"{name}_bus.v"), project.sources[-1].with_name(f"{name}.v"))
    return replace(project, sources=(*project.sources, *added), interface=interface, top=name)


def bits(pins: Sequence[Pin] | Sequence[Port]) -> int:
    """Return the bits of all pins or ports side by side."""
    return sum(one.width for one in pins)


def pin_slices(pins: Sequence[Pin]) -> list[tuple[int, Pin, str]]:
    """Return (place, pin, "high:low") of the pins that have a port, the first in the low bits."""
    ends = accumulate(pin.width for pin in pins)
    return [(i, pin, f"{end - 1}:{end - pin.width}") for i, (pin, end) in enumerate(zip(pins, ends)) if pin.width]


def described(pin: Pin) -> str:
    """Return what stands behind a port, in ASCII: whose value it is, its type, its step, and the bits that count."""
    step = f"1 step is {pin.scale:g}" if pin.scale is not None else f"value = code * 2**{-pin.fraction}"
    unused = "" if pin.dropped <= 0 else f", bits {pin.width - 1}:{pin.dropped} are used" if pin.used else ", not used"
    return f"{comment_text(pin.name)}: {pin.format}, {step}{unused}"


def _to_core(pins: Sequence[Pin], ports: Sequence[Port]) -> Iterator[str]:
    """Assign the bits that are used of each word, or of its sign, to the input of the core."""
    ends = accumulate(port.width for port in ports)
    starts = accumulate((pin.width for pin in pins), initial=0)
    for pin, port, end, start in zip(pins, ports, ends, starts):
        if not port.width:
            continue
        high, low, zeros = start + pin.width - 1, start + max(pin.dropped, 0), max(-pin.dropped, 0)
        pad = port.width - (pin.width - pin.dropped)
        sign = f"x[{high}]" if pin.signed else "1'b0"
        parts = [f"{{{pad}{{{sign}}}}}"] if pad else []
        parts += [f"x[{high}:{low}]"] + ([f"{zeros}'d0"] if zeros else [])
        yield f"assign model_inp[{end - 1}:{end - port.width}] = {{{', '.join(parts)}}};"


def _from_core(pins: Sequence[Pin], ports: Sequence[Port]) -> Iterator[str]:
    """Assign the value of the core to each output, of as many bits as its type has."""
    ends = accumulate(port.width for port in ports)
    placed = list(zip(ports, ends))
    for place, pin, target in pin_slices(pins):
        port, end = placed[place]
        if not port.width:
            yield f"assign y[{target}] = {pin.width}'d0;"
            continue
        pad = pin.width - port.width - port.shift
        sign = f"model_out[{end - 1}]" if port.signed else "1'b0"
        parts = [f"{{{pad}{{{sign}}}}}"] if pad else []
        parts += [f"model_out[{end - 1}:{end - port.width}]"] + ([f"{port.shift}'d0"] if port.shift else [])
        yield f"assign y[{target}] = {{{', '.join(parts)}}};"
