"""Run a vendor's HLS compiler on a written hls4ml project. Nothing here is needed for the open-tool path."""

import shutil
from pathlib import Path

from codesign.errors import ToolError
from codesign.tools.find import require_tool
from codesign.tools.run import run_tool

_COMMANDS = {
    "Vivado": ("vivado_hls", [["vivado_hls", "-f", "build_prj.tcl"]]),
    "Vitis": ("vitis-run", [["vitis-run", "--tcl", "build_prj.tcl", "--mode", "hls"]]),
    "Vitis up to 2024.1": ("vitis_hls", [["vitis_hls", "-f", "build_prj.tcl"]]),
    "Quartus": ("i++", [["make", "codesign-fpga"], ["./codesign-fpga"]]),
    "oneAPI": ("icpx", [["cmake", "-S", ".", "-B", "build"], ["make", "-C", "build", "report"]]),
    "Catapult": ("catapult", [["catapult", "-product", "ultra", "-shell", "-f", "build_prj.tcl"]]),
}
_STEPS = ("reset", "csim", "synth", "cosim", "validation", "export", "vsynth", "fifo_opt")


def run_vendor_tool(directory: Path, backend: str, *, time_limit_s: float = 7200.0) -> Path:
    """Compile the hls4ml project in `directory` and return that directory, which then holds the tool's reports.

    AMD's tools run C synthesis, and logic synthesis too if ``vivado`` is on the PATH.

    Raises:
        ToolError: if the tool is missing (it says what to install), fails, or runs out of time.
    """
    tool, commands = _tool_and_commands(backend)
    require_tool(tool)
    _choose_steps(directory, ("reset", "synth", "vsynth") if shutil.which("vivado") else ("reset", "synth"))
    for command in commands:
        run_tool(command, cwd=directory, log=directory / "vendor.log", timeout_s=time_limit_s)
    return directory


def require_vendor_tool(backend: str) -> None:
    """Check, before hours of work, that the backend's tool is there.

    Raises:
        ToolError: if it is missing.
    """
    require_tool(_tool_and_commands(backend)[0])


def _tool_and_commands(backend: str) -> tuple[str, list[list[str]]]:
    if backend == "Vitis" and not shutil.which("vitis-run") and shutil.which("vitis_hls"):
        backend = "Vitis up to 2024.1"
    return _COMMANDS[backend]


def _choose_steps(directory: Path, steps: tuple[str, ...]) -> None:
    """hls4ml's Tcl scripts read the steps to run from build_opt.tcl."""
    lines = "".join(f"    {step} {int(step in steps)}\n" for step in _STEPS)
    try:
        (directory / "build_opt.tcl").write_text(f"array set opt {{\n{lines}}}\n")
    except OSError as error:
        raise ToolError(
            f"directory: expected a written hls4ml project. Received: {directory} ({error.strerror})"
        ) from None
