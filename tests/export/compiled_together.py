"""Several networks in one C++ library, since a compiler's start and the header's own functions cost more than one."""

import ctypes

import numpy as np

from codesign.export import write_cpp
from codesign.export.cpp_library import compile_cpp

FLAGS = (
    "-std=c++17",
    "-O1",
    "-march=native",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Werror",
    "-shared",
    "-fPIC",
    "-fno-gnu-unique",
)
_FUNCTIONS = """#include "NAME.hpp"
extern "C" void NAME_event(const float* event, float* outputs) { NAME::predict(event, outputs); }
extern "C" void NAME_batch(const float* events, float* outputs, std::size_t n) { NAME::predict(events, outputs, n); }
"""


class CompiledTogether:
    """Networks by name, compiled at once."""

    def __init__(self, networks, folder, *, flags=FLAGS, sparse_density=None):
        self.networks = networks
        for name, network in networks.items():
            write_cpp(network, folder / f"{name}.hpp", name=name, sparse_density=sparse_density)
        (folder / "all.cpp").write_text("".join(_FUNCTIONS.replace("NAME", name) for name in self.networks))
        compile_cpp(folder / "all.cpp", folder / "all.so", flags=flags)
        self.library = ctypes.CDLL(str(folder / "all.so"))

    def predict(self, name, x):
        """Outputs of the batch, and of the events one by one, each (n_events, n_outputs)."""
        x = np.ascontiguousarray(x, np.float32)
        batch, event = (np.empty((len(x), self.networks[name].n_outputs), np.float32) for _ in range(2))
        pointer = ctypes.c_void_p
        getattr(self.library, f"{name}_batch")(
            pointer(x.ctypes.data), pointer(batch.ctypes.data), ctypes.c_size_t(len(x))
        )
        one = getattr(self.library, f"{name}_event")
        for row, result in zip(x, event):
            one(pointer(row.ctypes.data), pointer(result.ctypes.data))
        return batch, event
