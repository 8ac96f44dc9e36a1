#!/usr/bin/env python3
"""A forest of XGBoost in gates: ours beside conifer's VHDL, both counted by Yosys.

    python benchmarks/boosted_gates.py --conifer ENV/bin/python [--rounds 100] [--depth 4] [--json PATH]

The environment has conifer 1.11, XGBoost, pandas and pybind11; GHDL (apt install ghdl) turns the VHDL into Verilog.
Both take the same inputs, ap_fixed<12,4>, and leaves of the same step, 2^-8: conifer's VHDL has one type for all. The
argmax is in neither. 100 rounds take about 25 minutes in Yosys for conifer's VHDL, and 2 for ours.
"""

import argparse
import os
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from result import goal, write_result

from codesign import FixedPoint, load_dataset
from codesign.cli.json_option import add_json_option
from codesign.data import Dataset
from codesign.fpga.rtl.yosys import parse_stat
from codesign.handover.forest import build_forest
from codesign.tools.find import require_tool

PRECISION = FixedPoint(12, 4, rounding="RND", overflow="SAT")
_STEP = 2.0**-8
_PEER = Path(__file__).parent / "peers/conifer_vhdl.py"
_SHARE = 0.7
_SYNTHESIS = """read_verilog top.v
hierarchy -check -top BDTTop
proc
setattr -set rom_style "logic" m:*
synth_xilinx -family xcup -nodsp -flatten -top BDTTop
tee -o stat.json stat -json
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conifer", required=True, metavar="PYTHON", help="interpreter that has conifer and XGBoost")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--rate", type=float, default=0.1)
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    data = _standardised(load_dataset("jets_hlf"))
    with tempfile.TemporaryDirectory() as directory:
        rows, found = _compare(options, data, Path(directory))
    goals = [
        goal("every sum within the bound of the leaf step", found["difference"], "<=", found["bound"]),
        goal("mismatches of RTL and C++", found["mismatches"], "<=", 0),
        goal("share of conifer's LUTs", rows[0]["lut"] / rows[1]["lut"], "<=", _SHARE),
    ]
    write_result("boosted_gates", data.kind, rows, goals, path=options.json, seeds=[0])


def _standardised(data: Dataset) -> Dataset:
    mean, std = data.mean_and_std()
    x_train, x_test = (PRECISION.quantize((x - mean) / std) for x in (data.x_train, data.x_test))
    return replace(data, x_train=x_train, x_test=x_test)


def _compare(options: argparse.Namespace, data: Dataset, folder: Path) -> tuple[list[dict], dict]:
    np.savez(folder / "events.npz", x_train=data.x_train, y_train=data.y_train, x_test=data.x_test)
    words = [options.conifer, str(_PEER), str(folder), "--precision", "ap_fixed<12,4>"]
    for name in ("rounds", "depth", "rate"):
        words += [f"--{name}", str(getattr(options, name))]
    _run(words, folder)
    said = np.load(folder / "conifer.npz")
    made = build_forest(
        folder / "forest.json",
        folder / "built",
        FixedPoint(12, 4),
        data.x_test,
        leaf_step=_STEP,
        yosys_time_limit_s=3000,
    )
    report, agreement = made.built.design.report, made.built.agreement
    sums = made.built.outputs[: len(data.x_test)]
    counts = {"lut": report.lut, "ff": report.ff, "cycles": report.latency_cycles}
    rows = [
        {"method": "codesign", **counts, "accuracy": _accuracy(sums, data)},
        {"method": "conifer 1.11, VHDL", **_count_vhdl(folder / "vhdl"), "accuracy": _accuracy(said["sums"], data)},
        {"method": "XGBoost itself", "accuracy": _accuracy(said["margins"], data)},
    ]
    mismatches = agreement.rtl_mismatches + agreement.cpp_mismatches
    difference = float(np.abs(sums - said["margins"]).max())
    return rows, {"difference": difference, "bound": made.error + 1e-4, "mismatches": mismatches}


def _count_vhdl(folder: Path) -> dict[str, int]:
    """Return what Yosys counts in conifer's VHDL, as GHDL turns it into Verilog; a shift register is a LUT."""
    firmware = folder / "firmware"
    arrays = sorted(path.name for path in firmware.glob("Arrays*.vhd"))
    order = ["Constants.vhd", "Types.vhd", *arrays, "Split.vhd", "Tree.vhd", "AddReduce.vhd", "BDT.vhd", "BDTTop.vhd"]
    _run(["ghdl", "-a", "--std=08", "--work=BDT", *order], firmware)
    _run(["ghdl", "--synth", "--std=08", "--work=BDT", "--out=verilog", "BDTTop"], firmware, folder / "top.v")
    (folder / "synthesis.ys").write_text(_SYNTHESIS)
    _run([*require_tool("yosys").command, "-s", "synthesis.ys"], folder, folder / "yosys.log")
    counts = parse_stat((folder / "stat.json").read_text())
    return {"lut": counts["lut"], "ff": counts["ff"]}


def _run(words: list[str], folder: Path, output: Path | None = None) -> None:
    """Run a program; the peer's tools are found beside its interpreter."""
    path = os.pathsep.join([str(Path(words[0]).parent), os.environ["PATH"]])
    settings = {"cwd": folder, "env": os.environ | {"PATH": path}, "capture_output": True, "text": True}
    found = subprocess.run(words, **settings)  # nosec B603  # the user's own Python, GHDL and Yosys
    if found.returncode:
        sys.exit(f"{words[0]} failed: {(found.stderr.strip().splitlines() or ['no message'])[-1]}")
    if output is not None:
        output.write_text(found.stdout)


def _accuracy(scores: np.ndarray, data: Dataset) -> float:
    return float((scores.argmax(1) == data.y_test).mean())


if __name__ == "__main__":
    main()
