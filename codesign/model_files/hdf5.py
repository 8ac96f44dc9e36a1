"""HDF5 files, opened by a process of their own."""

import json
import os
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
from pathlib import Path

from codesign.errors import DataError
from codesign.model_files import hdf5_copy

_TIMEOUT_S = 60.0  # of waiting, on a busy machine; the process limits its own processor time


def copy_keras_hdf5(source: Path, target: Path) -> dict[str, object]:
    """Write a clean copy of a Keras HDF5 file; what :func:`codesign.model_files.hdf5_copy.copy_hdf5` returns.

    Raises:
        DataError: for a damaged file, or one that holds what Keras does not write.
    """
    command = [sys.executable, "-P", hdf5_copy.__file__, str(source), str(target)]
    environment = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "HDF5_PLUGIN_PRELOAD": "::",
    }  # no code from plugin folders
    try:
        finished = subprocess.run(  # nosec B603  # this Python; no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, env=environment, check=False
        )
        answer = json.loads(finished.stdout)
    except (subprocess.TimeoutExpired, ValueError):  # libhdf5 crashed, or ran into a limit
        raise DataError(
            "a damaged HDF5 file, or one that takes more memory or time than a model may; save it again"
        ) from None
    if "refused" in answer:
        raise DataError(f"an HDF5 file that is no Keras model as Keras writes it ({answer['refused']}); save it again")
    return answer
