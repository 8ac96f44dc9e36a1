#!/usr/bin/env python3
"""What one call of train_designs reaches on a packaged sample, on test events, and how long it takes.

    python benchmarks/best_designs.py jets_hlf --lut 2500 --min-accuracy 0.65
    python benchmarks/best_designs.py quark_gluon --lut 1500 --metric auc --teacher xgb.json

A teacher that does not exist is trained there by XGBoost, with the settings of `codesign reproduce quark_gluon`. LUTs
are estimated, and for the picks counted by Yosys, where it is installed.
"""

import argparse
import tempfile
import time
from pathlib import Path

from codesign import Budget, Dataset, Design, load_dataset, train_designs
from codesign.errors import ToolError
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.fpga.rtl.verilog import write_verilog
from codesign.fpga.rtl.yosys import synthesize_verilog
from codesign.metrics import find_metric


def main() -> None:
    options = arguments()
    data = load_dataset(options.sample)
    if options.teacher and not Path(options.teacher).exists():
        train_boosted(data, options.teacher)
    data = data.standardized() if options.standardised else data.in_words()
    floor = {} if options.min_accuracy is None else {"min_accuracy": options.min_accuracy}
    start = time.perf_counter()
    front = train_designs(
        data,
        Budget(lut=options.lut, **floor),
        teacher=options.teacher or "ensemble",
        metric=options.metric,
        seed=options.seed,
        jobs=options.jobs,
        directory=options.directory,
    )
    wall_s = time.perf_counter() - start
    cpu_s = sum(one["cpu_s"] for one in front.history)
    print(f"{options.sample}, {data.kind} data; {wall_s:.0f} s of wall time, {cpu_s:.0f} CPU s of training")
    print(front.table())
    names = dict.fromkeys((front.metric, "accuracy", "auc"))
    metrics = [find_metric(name, classes=data.classes, targets=data.targets, task=data.task) for name in names]
    said = front.teacher.scores(data.x_test)
    print("teacher, test events:", ", ".join(f"{one.name} {one.evaluate(said, data.y_test)}" for one in metrics))
    for role in ("smallest", "fastest", "best"):
        design = getattr(front.picked, role)
        outputs = design.network.emulate(data.x_test)
        found = ", ".join(f"{one.name} {one.evaluate(outputs, data.y_test)}" for one in metrics)
        print(f"{role}, test events: {found}; LUT {design.report.lut} estimated, {yosys_luts(design)} by Yosys")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", nargs="?", default="jets_hlf", help="of codesign.data.samples()")
    parser.add_argument("--lut", type=int, default=2500)
    parser.add_argument("--min-accuracy", type=float)
    parser.add_argument("--metric")
    parser.add_argument("--teacher", help="file of a teacher; without it an ensemble is trained")
    parser.add_argument("--standardised", action="store_true", help="in the place of words of 12 bits")
    parser.add_argument("--directory")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=-1)
    return parser.parse_args()


def train_boosted(data: Dataset, path: str) -> None:
    """Train trees on physical units, and save them."""
    import xgboost

    model = xgboost.XGBClassifier(
        n_estimators=300, max_depth=3, learning_rate=0.04, subsample=0.5, min_child_weight=20, random_state=0
    )
    model.fit(data.x_train, data.y_train)
    model.save_model(path)


def yosys_luts(design: Design) -> str:
    with tempfile.TemporaryDirectory() as folder:
        project = write_verilog(
            trace_circuit(design.network),
            Path(folder) / "rtl",
            adder_levels_per_stage=design.adder_levels_per_stage,
        )
        try:
            return str(synthesize_verilog(project).lut)
        except ToolError as error:
            return f"not counted ({error})"


if __name__ == "__main__":
    main()
