"""Time an ONNX file of any network in ONNX Runtime."""

import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from codesign.cpu.catalogue import choose
from codesign.cpu.interleaved import Entry, time_interleaved
from codesign.cpu.shared_libraries import onnxruntime_program
from codesign.cpu.time_networks import BATCHES
from codesign.cpu.timing import Timing
from codesign.export.agreement import Reference


def time_onnx(
    path: str | PathLike,
    x: np.ndarray,
    outputs: np.ndarray,
    *,
    name: str = "network",
    batches: Sequence[int] = BATCHES,
    repeats: int = 15,
    min_time_s: float = 0.01,
) -> tuple[Timing, ...]:
    """Time the network of a file by ONNX Runtime's C API, one thread, as :func:`codesign.cpu.time_networks` does.

    Args:
        path: file with one input ``x``, (events, n_inputs), and one output ``y``, float32.
        x: (n_events, n_inputs) to evaluate, again and again for larger batches.
        outputs: (n_events, n_outputs), what the network gives, to compare with.

    Raises:
        EnvironmentSetupError: if onnx or onnxruntime is missing; it says what to install.
        ToolError: if ONNX Runtime refuses the file.
    """
    (runtime,) = choose(["onnxruntime"])
    with tempfile.TemporaryDirectory(prefix="codesign-cpu-") as folder:
        own = Path(folder, "0")
        own.mkdir()
        program = onnxruntime_program(Path(path), own)
        known = np.asarray(outputs)
        reference = Reference(lambda events: np.resize(known, (len(events), known.shape[1])))
        options = {"reference": reference, "n_outputs": known.shape[1], "folder": own}
        entry = Entry(name, runtime, program, np.asarray(x, np.float32), **options)
        options = {"repeats": repeats, "min_time_s": min_time_s, "progress": lambda _: None}
        return tuple(timing for batch in batches for timing in time_interleaved([entry], batch, **options))
