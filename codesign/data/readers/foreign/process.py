"""The process that opens a foreign table: ``python -P -m codesign.data.readers.foreign.process``.

libhdf5, Arrow and uproot can crash, loop or fill the memory on a damaged file. So files are opened only here, within
limits, and the caller reads plain arrays. The request comes as JSON on the standard input: ``format``, ``files``
(paths, and what is meant inside), ``largest_bytes`` in all, and for reading ``columns`` of each table and ``target``, a
folder.
"""

import json
import os
import resource
import sys
from pathlib import Path

import numpy as np

from codesign.data.readers.foreign.arrow import open_feather, open_parquet
from codesign.data.readers.foreign.root import open_root
from codesign.data.readers.table import Table
from codesign.errors import UnreadableError

_MEMORY_BYTES = 4 * 2**30
_CPU_SECONDS = 60
_BYTES_PER_SECOND = 2**20  # of the file; packed ones are slow


def _open_hdf5(path: str, inside: str) -> list[Table]:
    from codesign.data.readers.foreign.hdf5 import open_hdf5

    return open_hdf5(path, inside)


_OPEN = {"parquet": open_parquet, "feather": open_feather, "root": open_root, "hdf5": _open_hdf5}


def answer(request: dict) -> dict:
    """Return the tables of the files, and write their columns if the request names any."""
    tables, described, left = [], [], request["largest_bytes"]
    for index, (path, inside) in enumerate(request["files"]):
        try:
            found = _OPEN[request["format"]](path, inside)
            for table in found if "columns" in request else ():
                place = Path(request["target"], str(len(tables) + found.index(table)))
                left -= _write(table, request["columns"][len(tables) + found.index(table)], place, left)
        except UnreadableError as error:
            return {"refused": str(error), "file": index}
        except MemoryError:
            return {"refused": "more memory than a file of its size may take", "file": index}
        except Exception as error:  # h5py, PyArrow and uproot raise what they please for damage
            lines = str(error).splitlines() or [type(error).__name__]
            return {"refused": f"damaged or truncated: {lines[0]:.200}", "file": index}
        tables += found
        described += [{**_described(table), "file": index} for table in found]
    return {"tables": described}


def _described(table: Table) -> dict:
    fields = ("kinds", "shapes", "unreadable", "part", "labels")
    return {name: getattr(table, name) for name in fields}


def _write(table: Table, names: list[str], place: Path, left: int) -> int:
    """Write columns as ``place-0.npy``, ``place-1.npy``, ... and return their bytes."""
    written = 0
    for index, name in enumerate(names):
        values = table.read([name])[name]
        written += values.nbytes
        if written > left:
            raise UnreadableError("more values than a file of its size may hold")
        np.save(f"{place}-{index}.npy", values, allow_pickle=False)
    return written


def _limit_this_process(n_bytes: int) -> None:
    seconds = _CPU_SECONDS + n_bytes // _BYTES_PER_SECOND
    memory = _MEMORY_BYTES + 4 * n_bytes
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main() -> None:
    """Print the answer to the request as JSON."""
    request = json.load(sys.stdin)
    _limit_this_process(sum(os.stat(path).st_size for path, _ in request["files"]))
    print(json.dumps(answer(request)))


if __name__ == "__main__":
    main()
