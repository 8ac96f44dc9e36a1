"""Scripts around the top module: constraints and builds of Vivado and Quartus, and a Makefile that runs everything."""

from codesign.fpga.rtl.project import RtlProject
from codesign.fpga.rtl.templates import rendered
from codesign.fpga.rtl.top import pin_slices

_FILES = {
    "vivado.tcl": "vivado/build.tcl",
    "clock.xdc": "vivado/clock.xdc",
    "quartus.tcl": "quartus/build.tcl",
    "clock.sdc": "quartus/clock.sdc",
    "Makefile": "Makefile",
}
# What the scripts make: of the engineer's runs.
MADE = ("work", "vivado/out", "vivado/project", "quartus/out")


def write_scripts(project: RtlProject) -> None:
    """Write ``vivado/``, ``quartus/`` and the Makefile of a project with a top module.

    A part of another vendor is not in a script, which then asks for one.
    """
    is_amd = project.part.lower().startswith("xc")
    pins = (*project.interface.inputs, *project.interface.outputs)
    facts = {
        "name": project.top,
        "asked_part": project.part,
        "clock_ns": project.clock_period_ns,
        "latency": project.latency_cycles,
        "models": [model.as_posix() for model in project.models],
        "sources": [source.as_posix() for source in project.sources],
        "ports": [pin.port for _, pin, _ in pin_slices(pins)],
    }
    for template, place in _FILES.items():
        part = project.part if is_amd == (template == "vivado.tcl") else ""
        file = project.directory / place
        file.parent.mkdir(exist_ok=True)
        file.write_text(rendered(template, **facts, part=part))
