#!/usr/bin/env python3
"""Fit what makes the hls4ml estimate trustworthy to tables of measured designs.

    python scripts/fit_estimator.py TRUTH.csv [TRUTH.csv ...] [--out PATH] [--check]

Writes codesign/fpga/estimate/fitted.json: half-widths of the 90 % intervals over families left out one at a time, with
constants of the closed forms that were refitted without them; what makes synthesis fail; which clocks were reached;
what each family of designs looks like; and where all of it is from. The same tables and the same closed forms give the
same file, in a minute.
With --check nothing is written, and the exit status is 1 if the file would change.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from codesign.errors import CodesignError
from codesign.fpga.estimate.familiar import design_facts, extents
from codesign.fpga.estimate.fit.clocks import fit_clocks
from codesign.fpga.estimate.fit.constants import STARTS, left_out_constants, left_out_designs
from codesign.fpga.estimate.fit.failures import fit_failures, read_builds
from codesign.fpga.estimate.fit.half_widths import fit_half_widths
from codesign.fpga.estimate.fit.measured import is_calibration, measured_designs, read_table, try_row, was_built

_OUT = Path(__file__).parent.parent / "codesign" / "fpga" / "estimate" / "fitted.json"


def fit(paths: Sequence[Path], starts: int = STARTS) -> dict:
    """Return the content of the data file."""
    tables = {path: read_table(path) for path in paths}
    rows = [row for table in tables.values() for row in table]
    return {
        "written_by": "scripts/fit_estimator.py",
        "tables": [
            {"name": path.name, "rows": len(table), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path, table in tables.items()
        ],
        "half_widths": fit_half_widths(
            left_out_designs(rows, left_out_constants(rows, starts)), measured_designs(rows)
        ),
        "failure": fit_failures(read_builds(rows)),
        "clock": fit_clocks(rows),
        "families": _families(rows),
    }


def _families(rows: Sequence[dict[str, str]]) -> dict[str, dict]:
    """Return the extents of each family of designs that the intervals rest on, with how many were built and failed."""
    facts: dict[str, list] = {}
    for cells in filter(is_calibration, rows):
        row = try_row(cells, "weights")
        if row is not None:
            found = design_facts(row.layers, row.reuse_factors, row.strategy, row.toolchain)
            facts.setdefault(row.family, []).append(found)
    failed = [row.get("family", "") for row in rows if not was_built(row)]
    return {
        name: {"designs": len(found), "failed": failed.count(name), **extents(found)}
        for name, found in sorted(facts.items())
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status.

    Raises:
        DataError: if a table cannot be read.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path, nargs="+", help="measured designs")
    parser.add_argument("--out", metavar="PATH", type=Path, default=_OUT, help="default: the package's own")
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    parser.add_argument("--starts", type=int, default=STARTS, help="draws of the constants to refit from")
    options = parser.parse_args(arguments)
    text = json.dumps(fit(options.truth, options.starts), indent=1) + "\n"
    if options.check:
        same = options.out.exists() and options.out.read_text() == text
        print(f"{options.out.name} {'is' if same else 'is not'} what these tables give")
        return 0 if same else 1
    options.out.write_text(text)
    print(f"wrote {options.out}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CodesignError as error:
        sys.exit(f"error: {error}")
