"""A project's own C++, compiled and evaluated through hls4ml's bridge; oneAPI's with a SYCL that runs at once."""

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from codesign import Network
from codesign.read import read_file

_HERE = Path(__file__).parent
_TIMEOUT_S = 300


def compiled(folder: Path) -> Path:
    """Compile a project; the library's path.

    Args:
        folder: as hls4ml 1.3 writes it, with the headers of its types beside; of oneAPI the headers of its
            ``ac_types`` in ``firmware/ac_types``.
    """
    source = folder / "src" if (folder / "src").is_dir() else folder
    firmware, (bridge,) = source / "firmware", source.glob("*_bridge.cpp")
    include = [firmware / "ap_types", firmware / "ac_types", source, firmware]
    if source != folder:
        include.insert(0, _HERE)
        for path in (firmware / "weights").glob("*.h"):  # Intel's types alone can be constexpr
            path.write_text(path.read_text().replace("static constexpr", "static const"))
    library = folder / "oracle.so"
    options = ["-O0", "-fPIC", "-shared", "-std=c++17", "-w", "-fpermissive", "-fno-gnu-unique"]
    options += [f'-DWEIGHTS_DIR="{firmware.absolute()}/weights"', *(f"-I{path}" for path in include)]
    sources = [*firmware.glob("*.cpp"), bridge]
    subprocess.run(["g++", *options, *sources, "-o", library], check=True, capture_output=True, timeout=_TIMEOUT_S)
    return library


def evaluated(folder: Path, network: Network, x: np.ndarray) -> np.ndarray:
    """What the C++ gives of events, (n_events, n_outputs); in a process of its own, since assertions end it."""
    np.save(folder / "x.npy", x)
    library = compiled(folder)
    command = [sys.executable, "-m", "tests.read.hls4ml_project.oracle", str(folder), str(library)]
    subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT_S, cwd=_HERE.parents[2])
    return np.load(folder / "y.npy")


def _run(folder: Path, library: Path) -> None:
    network, x = read_file(folder).network, np.load(folder / "x.npy")
    name = re.search(r"void (\w+)_double\(", next(folder.glob("**/*_bridge.cpp")).read_text())[1]
    function = getattr(ctypes.CDLL(str(library.absolute())), f"{name}_double")
    values = network.input_layout.split(x)
    events = [np.ascontiguousarray(values[one.name].reshape(len(x), -1)) for one in network.inputs]
    outputs = [np.zeros((len(x), int(np.prod(shape)))) for shape in network.output_layout.shapes.values()]
    pointer = ctypes.POINTER(ctypes.c_double)
    for event in range(len(x)):
        function(*(array[event].ctypes.data_as(pointer) for array in (*events, *outputs)))
    np.save(folder / "y.npy", np.concatenate(outputs, 1))


if __name__ == "__main__":
    _run(Path(sys.argv[1]), Path(sys.argv[2]))
