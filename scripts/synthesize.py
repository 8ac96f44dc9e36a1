#!/usr/bin/env python3
"""Build the FPGA design of a project folder: `scripts/synthesize.py fpga_projects/jet_tagger [--out DIR] [--build]`.

The same as `codesign synthesize`. Run by a Python without the package, it hands over to the repository's .venv.
"""

import os
import sys
from pathlib import Path

try:
    from codesign.cli.main import main
except ModuleNotFoundError:
    python = Path(__file__).resolve().parent.parent / ".venv" / "bin" / "python"
    if not python.exists() or Path(sys.prefix) == python.parent.parent:
        sys.exit("codesign: the package is not installed; run `make install` in the repository first")
    os.execv(python, [str(python), *sys.argv])  # nosec B606  # the clone's own .venv

if __name__ == "__main__":
    sys.exit(main(["synthesize", *sys.argv[1:]]))
