"""Tables of Parquet, Feather, HDF5 and ROOT files, through the process that opens them."""

import json
import os
import subprocess  # nosec B404  # this Python by a list of words, never by a shell
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import codesign
from codesign._untrusted import LARGEST_UNPACKED, read_arrays
from codesign.data.readers.opened import Opened
from codesign.data.readers.sources import Files
from codesign.data.readers.table import Table
from codesign.errors import DataError, EnvironmentSetupError
from codesign.extras import install_hint

_PACKAGES = {"parquet": "pyarrow", "feather": "pyarrow", "root": "uproot", "hdf5": "h5py"}
TITLES = {"parquet": "Parquet", "feather": "Feather", "root": "ROOT", "hdf5": "HDF5"}
_LARGEST_RATIO = 64  # of the values in memory and the bytes of the files
_TIMEOUT_S = 600.0  # and another for each MiB; of waiting, on a busy machine


def open_foreign(files: Files, form: str, argument: str) -> Opened:
    """Return the tables of files of one format, read when their columns are asked for.

    Args:
        form: parquet, feather, hdf5 or root.
        argument: that messages name.

    Raises:
        EnvironmentSetupError: without the package for the format.
        DataError: for a file that is damaged, or beyond the limits of its size.
    """
    package = _PACKAGES[form]
    if find_spec(package) is None:
        raise EnvironmentSetupError(
            f"{package}: expected the package for {TITLES[form]} files. It is missing: {install_hint(package)}"
        )
    n_bytes = sum(path.stat().st_size for path in files.paths)
    request = {
        "format": form,
        "files": [[str(path.absolute()), inside] for path, inside in zip(files.paths, files.inside)],
    }
    request["largest_bytes"] = max(LARGEST_UNPACKED, _LARGEST_RATIO * n_bytes)
    ask = _Process(files, form, argument, _TIMEOUT_S + n_bytes / 2**20)
    tables = tuple(_table(files, **one) for one in ask(request))

    def read(columns: Sequence[Sequence[str]]) -> Iterator[dict[str, np.ndarray]]:
        with TemporaryDirectory(prefix="codesign-") as target:
            ask({**request, "columns": [list(names) for names in columns], "target": target})
            for number, names in enumerate(columns):
                yield {name: _taken(Path(target, f"{number}-{index}.npy")) for index, name in enumerate(names)}

    return Opened(tables, read)


def _table(files: Files, file: int, shapes: dict[str, list[int]], **fields: object) -> Table:
    """Return the table that the process describes."""
    return Table(str(files.paths[file]), shapes={name: tuple(shape) for name, shape in shapes.items()}, **fields)


def _taken(path: Path) -> np.ndarray:
    values = read_arrays(path)["x"]
    path.unlink()
    return values


class _Process:
    """Asks the process, and says what it refuses."""

    def __init__(self, files: Files, form: str, argument: str, timeout_s: float) -> None:
        self._files, self._form, self._argument, self._timeout_s = files, form, argument, timeout_s

    def __call__(self, request: dict) -> list[dict]:
        """Return the descriptions of the tables."""
        root = str(Path(codesign.__file__).parents[1])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", "")))),
            "HDF5_PLUGIN_PRELOAD": "::",  # no code from plugin folders
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"), "1"),
        }
        command = [sys.executable, "-P", "-m", "codesign.data.readers.foreign.process"]
        try:
            finished = subprocess.run(  # nosec B603  # this Python; no shell
                command, input=json.dumps(request), text=True, capture_output=True, timeout=self._timeout_s,
                env=environment, check=False,
            )  # fmt: skip
            answer = json.loads(finished.stdout.splitlines()[-1])
        except (subprocess.TimeoutExpired, ValueError, IndexError):  # it crashed, or ran into a limit
            answer = {"refused": "damaged, or more memory or time than its size allows; write it again"}
        if "refused" in answer:
            index = answer.get("file", 0)
            which = self._files.paths[index]
            raise DataError(
                f"{self._argument}: expected a readable {TITLES[self._form]} file. Received: {which} "
                f"({answer['refused']})"
            )
        return answer["tables"]
