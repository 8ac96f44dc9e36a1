"""Write what a firmware engineer needs beside the projects of a built design."""

from pathlib import Path

import numpy as np

from codesign._folders import claim, made_files
from codesign.fpga import BuiltDesign
from codesign.fpga.rtl.scripts import MADE
from codesign.handover.readme import Origin, readme


def write_handover(built: BuiltDesign, origin: Origin) -> None:
    """Write README.md, the C++ emulator and test events into the folder of a built design.

    Args:
        built: from :func:`codesign.fpga.build_circuits`.
        origin: what the README says of data and command.
    """
    with made_files(built.directory, argument="directory") as partial:
        if (built.directory / "hls4ml").is_dir():
            _write_hls4ml_events(built, partial / "hls4ml/tb_data")
        (partial / "README.md").write_text(readme(built, origin), encoding="utf-8")
    if built.rtl is not None:
        claim(built.directory, [f"rtl/{name}" for name in MADE], argument="directory")


def _write_hls4ml_events(built: BuiltDesign, folder: Path) -> None:
    """The files that hls4ml's own test bench reads: one event per line, values with spaces between."""
    folder.mkdir(parents=True)
    interface = built.interface
    inputs = interface.values(built.vectors.words)
    outputs = built.vectors.codes * np.exp2([-float(pin.fraction) for pin in interface.outputs])
    for name, values in (("tb_input_features", inputs), ("tb_output_predictions", outputs)):
        np.savetxt(folder / f"{name}.dat", values, fmt="%.17g")
