"""What a project says of itself: io_type, part, clock, strategy, reuse factors, versions."""

import re
from collections.abc import Mapping

from codesign._printable import one_line
from codesign.read.hls4ml_project.layer import Walk
from codesign.read.hls4ml_project.project import Project

_KEYS = {
    "Backend": "backend",
    "Part": "part",
    "Device": "part",
    "XilinxPart": "part",
    "FPGAPart": "part",
    "Board": "board",
    "ClockPeriod": "clock_period_ns",
    "ClockUncertainty": "clock_uncertainty",
    "IOType": "io_type",
    "ProjectName": "project",
    "Stamp": "stamp",
}
_TCL = {
    "part": r"(?:set_part\s*\{?|set part\s+\"?)([\w.-]+)",
    "clock_period_ns": r"(?:create_clock -period|set clock_period)\s+([\d.]+)",
}
_OF_LAYERS = ("reuse_factor", "strategy", "io_type")  # by the structures of the layers
_STRATEGY = re.compile(r"^\s+Strategy:\s*(\w+)\s*$", re.MULTILINE | re.ASCII)
_LARGEST_CONFIG = 1_000_000


def about_project(walk: Walk, format_of: str) -> Mapping[str, str]:
    """Return what the project states, by word.

    Args:
        walk: with every call.
        format_of: the format's name.
    """
    found = {"format": format_of, **_of_tcl(walk.project), **_of_config(walk.project)}
    found.setdefault("project", walk.project.top.name)
    for word in _OF_LAYERS:
        stated = {
            str(call): str(call.config.value(word))
            for call in walk.top.calls
            if call.config is not None and call.config.has(word)
        }
        if stated:
            found[word] = _one_or_each(stated)
    return {name: one_line(value) for name, value in found.items()}


def _one_or_each(stated: Mapping[str, str]) -> str:
    """``latency``, or ``fc1: latency, fc2: resource`` where layers differ."""
    values = list(stated.values())
    return values[0] if len(set(values)) == 1 else ", ".join(f"{name}: {value}" for name, value in stated.items())


def _of_config(project: Project) -> dict[str, str]:
    """What hls4ml_config.yml says; its references to Python are never followed."""
    name = project.tree.find("hls4ml_config.yml", project.main)
    text = project.tree.read(name) if name else ""
    found = {}
    for line in text[:_LARGEST_CONFIG].splitlines():
        match = re.match(r"(\w+):\s*(\S[^#]*?)\s*$", line)
        if match and match[1] in _KEYS:
            found.setdefault(_KEYS[match[1]], match[2].strip("'\""))
    strategies = {word.lower() for word in _STRATEGY.findall(text[:_LARGEST_CONFIG])}
    if len(strategies) == 1:  # Intel's structures state none
        found["strategy"] = strategies.pop()
    return {key: value for key, value in found.items() if value not in ("null", "~")}


def _of_tcl(project: Project) -> dict[str, str]:
    found = {}
    for name in ("build_prj.tcl", "project.tcl"):
        place = project.tree.find(name, project.main)
        text = project.tree.read(place)[:_LARGEST_CONFIG] if place else ""
        for key, pattern in _TCL.items():
            match = re.search(pattern, text)
            if match:
                found[key] = match[1]
    return found
