"""``cpp/`` of a built design: its integers as a C++ header, and a program that compares them with the test vectors."""

from pathlib import Path

import numpy as np

from codesign.export import write_cpp_integer
from codesign.export.cpp_integer.library import CompiledEmulator
from codesign.fpga import BuiltDesign
from codesign.handover.texts import rendered

WORK = "cpp/work"  # what `make test` makes


def write_emulator(built: BuiltDesign, folder: Path) -> None:
    """Write header, test program, its events, and a Makefile.

    Raises:
        PrecisionError, UnsupportedLayerError: for what the C++ lacks.
    """
    folder.mkdir()
    interface, vectors = built.interface, built.vectors
    write_cpp_integer(
        built.design.network,
        folder / f"{built.name}.hpp",
        namespace=built.name,
        input_names=[pin.port for pin in interface.inputs],
        output_names=[pin.port for pin in interface.outputs],
    )
    facts = {"name": built.name, "words": interface.has_words, "inputs": interface.inputs}
    facts["n_vectors"] = len(vectors.words)
    files = {"test.cpp": "test.cpp", "Makefile": "Makefile"}
    if interface.has_words:
        files["words.hpp"] = f"{built.name}_words.hpp"
    for template, name in files.items():
        (folder / name).write_text(rendered(template, **facts))
    np.savetxt(folder / "vectors.txt", np.concatenate([vectors.words, vectors.codes], 1), fmt="%d")


def emulator_mismatches(built: BuiltDesign, header: Path, x: np.ndarray) -> int:
    """Return in how many of the events, (n_events, n_inputs), the header differs from the emulation.

    Raises:
        ToolError: if g++ is missing, or fails.
    """
    network, interface = built.design.network, built.interface
    compiled = CompiledEmulator(network, namespace=built.name, header=header)
    found = compiled.emulate_codes(interface.codes(interface.encode(x)))
    expected = built.outputs * np.exp2(np.asarray(network.output_precision.fraction, float))
    return int((found != expected).any(1).sum())
