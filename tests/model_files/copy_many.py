"""Copy mutated HDF5 files, one after another, in this process: SOURCE FIRST LAST; one line of JSON for each.

What the library does in a process for each file; a crash ends this process, and the test goes on behind it.
"""

import json
import signal
import sys
import tempfile
from pathlib import Path

import numpy as np

from codesign.model_files import hdf5_copy
from tests.mutations import mutated


def damaged(source: bytes, seed: int) -> bytes:
    """Damage anywhere, or mostly in the first 4 kB, where the structure is."""
    rng = np.random.default_rng(seed)
    if seed % 2:
        return mutated(source, rng)
    return mutated(source[:4096], rng) + source[4096:]


def main(source, first, last):
    content = Path(source).read_bytes()
    hdf5_copy.limit_this_process(2**40)
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder, "came.h5"), Path(folder, "copy.h5")
        for seed in range(int(first), int(last)):
            path.write_bytes(damaged(content, seed))
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.15)  # ends this process
            try:
                answer = hdf5_copy.copy_hdf5(str(path), str(target))
            except Exception as error:  # as in hdf5_copy.main
                answer = {"refused": str(error)}
            print(json.dumps({"seed": seed, **answer}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
