"""Generated C++, compiled here and called from Python: to check a header, and to use it without writing C++."""

import ctypes
import shutil
import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.errors import DataError, ToolError
from codesign.export.agreement import compare
from codesign.export.cpp import write_cpp
from codesign.export.load import load_source
from codesign.network import Network
from codesign.tools.run import run_tool

COMPILER_FLAGS = ("-std=c++17", "-O3", "-march=native")
_TIMEOUT_S = 300
# Weights are inline variables: without these, two libraries of one name in one process share the weights of the first.
LIBRARY_FLAGS = ("-shared", "-fPIC", "-fvisibility=hidden", "-fno-gnu-unique")
_WRAPPER = """#include "network.hpp"
extern "C" __attribute__((visibility("default"))) void predict_event(const float* event, float* outputs) {
  NAME::predict(event, outputs);
}
extern "C" __attribute__((visibility("default"))) void predict_batch(const float* events, float* outputs, std::size_t
n) {
  NAME::predict(events, outputs, n);
}
"""


class CompiledNetwork:
    """A network as generated C++ in a shared library, loaded into this process.

    Args:
        network: what to compile.
        name: of its namespace.
        flags: of the compiler; by default those that the header asks for.
        sparse_density: as in :func:`codesign.export.write_cpp`.
        header: that was written of it already; None: a new one.

    Raises:
        ToolError: if g++ is missing, fails, or is not finished in five minutes.
    """

    def __init__(
        self,
        network: Network,
        *,
        name: str = "network",
        flags: Sequence[str] = COMPILER_FLAGS,
        sparse_density: float | None = None,
        header: str | PathLike | None = None,
    ) -> None:
        self.network = network
        with tempfile.TemporaryDirectory() as folder:
            if header is None:
                write_cpp(network, Path(folder, "network.hpp"), name=name, sparse_density=sparse_density)
            else:
                shutil.copyfile(header, Path(folder, "network.hpp"))
            Path(folder, "network.cpp").write_text(_WRAPPER.replace("NAME", name))
            compile_cpp(Path(folder, "network.cpp"), Path(folder, "network.so"), flags=(*flags, *LIBRARY_FLAGS))
            library = ctypes.CDLL(str(Path(folder, "network.so")))
        self._event, self._batch = library.predict_event, library.predict_batch
        self._event.restype = self._batch.restype = None
        self._batch.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
        self._event.argtypes = self._batch.argtypes[:2]

    def predict(self, x: np.ndarray, *, one_by_one: bool = False) -> np.ndarray:
        """Evaluate x, (n_events, n_inputs), to (n_events, n_outputs) float32.

        Args:
            one_by_one: by the function for one event instead of that for batches.

        Raises:
            DataError: for a wrong shape.
        """
        with np.errstate(over="ignore"):
            x = np.ascontiguousarray(x, np.float32)
        if x.ndim != 2 or x.shape[1] != self.network.n_inputs:
            raise DataError(f"x: expected shape (n_events, {self.network.n_inputs}). Received: {x.shape}")
        outputs = np.empty((len(x), self.network.n_outputs), np.float32)
        if not one_by_one:
            self._batch(x.ctypes.data, outputs.ctypes.data, len(x))
            return outputs
        for row, result in zip(x, outputs):
            self._event(row.ctypes.data, result.ctypes.data)
        return outputs


def check_cpp(model: object, x: np.ndarray) -> float:
    """Return the largest difference between generated C++ and a model on x, over both functions.

    Differences are relative to outputs above 1; events are left out on which rounding errors may change a quantizer's
    step.

    Args:
        model: whatever :func:`codesign.export.load_network` reads.

    Raises:
        AgreementError: if they differ by more than the rounding errors of single precision.
        DataError: for a wrong shape, no events, or events that are not finite in float32.
        ToolError: if g++ is missing, or fails.
    """
    with np.errstate(over="ignore"):
        x = np.asarray(x, np.float32)
    if not x.size or not np.isfinite(x).all():
        raise DataError(f"x: expected events, finite in float32. Received: shape {x.shape}, with NaN or inf, or empty")
    source = load_source(model)
    compiled = CompiledNetwork(source.network)
    outputs = [compiled.predict(x, one_by_one=way) for way in (False, True)]
    return max(compare(source.network, x, found, "C++", source.reference).difference for found in outputs)


def compile_cpp(source: Path, target: Path, *, flags: Sequence[str] = COMPILER_FLAGS) -> None:
    """Compile one C++ file by g++.

    Raises:
        ToolError: if g++ is missing, fails, or is not finished in five minutes.
    """
    compiler = shutil.which("g++")
    if compiler is None:
        raise ToolError(
            "g++ is not installed (it is for: generated C++): install GCC 10 or later, for example with apt install g++"
        )
    command = [compiler, *flags, str(source.resolve()), "-o", str(target.resolve())]
    run_tool(command, cwd=target.parent, log=target.with_suffix(".log"), timeout_s=_TIMEOUT_S)
