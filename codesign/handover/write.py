"""Write what a firmware engineer needs beside the projects of a built design."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from codesign._folders import claim, made_files
from codesign.errors import PrecisionError, UnsupportedLayerError
from codesign.fpga import BuiltDesign
from codesign.fpga.rtl.scripts import MADE
from codesign.handover.emulator import WORK, emulator_mismatches, write_emulator
from codesign.handover.readme import Origin, readme
from codesign.network.layout import Events


def write_handover(built: BuiltDesign, x: Events, origin: Origin) -> BuiltDesign:
    """Write README.md, the C++ emulator and test events into the folder of a built design.

    Args:
        built: from :func:`codesign.fpga.build_circuits`.
        x: (n_events, n_inputs) events that it was built with.
        origin: what the README says of data and command.

    Returns:
        What was built, with what the comparison of the C++ found.

    Raises:
        ToolError: if g++ is missing, or fails.
    """
    with made_files(built.directory, argument="directory") as partial:
        if (built.directory / "hls4ml").is_dir():
            _write_hls4ml_events(built, partial / "hls4ml/tb_data")
        try:
            write_emulator(built, partial / "cpp")
            mismatches = emulator_mismatches(built, partial / f"cpp/{built.name}.hpp", x)
            built = replace(built, agreement=replace(built.agreement, cpp_mismatches=mismatches))
        except (PrecisionError, UnsupportedLayerError) as error:
            built = replace(built, notes=(*built.notes, f"{error}: no C++"))
        (partial / "README.md").write_text(readme(built, origin), encoding="utf-8")
    runs = [WORK] if built.rtl is None else [WORK, *(f"rtl/{name}" for name in MADE)]
    claim(built.directory, runs, argument="directory")
    return built


def _write_hls4ml_events(built: BuiltDesign, folder: Path) -> None:
    """Write the files that hls4ml's own test bench reads: one event per line, values with spaces between."""
    folder.mkdir(parents=True)
    interface = built.interface
    inputs = interface.values(built.vectors.words)
    outputs = built.vectors.codes * np.exp2([-float(pin.fraction) for pin in interface.outputs])
    for name, values in (("tb_input_features", inputs), ("tb_output_predictions", outputs)):
        np.savetxt(folder / f"{name}.dat", values, fmt="%.17g")
