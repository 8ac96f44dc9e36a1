"""`codesign forest FOREST --out DIR`: boosted trees in gates, bit for bit."""

import argparse
from typing import TYPE_CHECKING

from codesign.cli.early import check_events, check_exists
from codesign.cli.event_options import add_column_options, load_given_events

if TYPE_CHECKING:
    import numpy as np

    from codesign.data import Dataset
    from codesign.handover.forest import BuiltForest

_EXAMPLES = """examples:
  codesign forest boosted.json --precision 'ap_fixed<12,4>' --out build/bdt
  codesign forest boosted.ubj --data events.npz --out build/bdt               # the words found: 12 bits a feature
  codesign forest lgbm.txt --data 'jets-*.root' --label flavour --bits 10 --leaf-step 0.00390625 --out build/bdt

FOREST is a model of XGBoost (.json, .ubj), LightGBM (.txt) or scikit-learn (.skops), read without its library. Every
comparison becomes the integer at which the library's own flips, so that each event ends in the leaf that it ends in
there; leaves are rounded to --leaf-step, and what that can change is printed. The Verilog and the C++ are simulated on
events at the thresholds, and on those of --data, and the sums are compared with the library's own, where it is
installed. Written is what a firmware engineer needs: rtl/, cpp/, README.md. Inputs are in the units of the training;
branches of missing values are left out, because a fixed-point number is none.
"""


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "forest",
        help="write boosted trees of XGBoost, LightGBM or scikit-learn as Verilog and C++, bit for bit",
        description="Write a trained forest as Verilog and C++, prove both, and count LUTs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("forest", metavar="FOREST", help="file of the forest")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--precision", metavar="TYPE", help="of the inputs, such as 'ap_fixed<12,4>'; or --data")
    parser.add_argument(
        "--data", metavar="DATA", help="sample, or file of events, to prove on; finds the inputs' words"
    )
    parser.add_argument(
        "--bits", type=int, default=12, metavar="N", help="of each word that --data finds (default: 12)"
    )
    add_column_options(parser, "columns of DATA in the forest's order")
    parser.add_argument("--leaf-step", type=float, metavar="S", help="a power of two (default: chosen by a bound)")
    parser.add_argument("--clock-ns", type=float, default=5.0, metavar="NS", help="clock period (default: 5)")
    parser.add_argument("--part", default="xcvu13p-flga2577-2-e", help="of AMD (default: xcvu13p-flga2577-2-e)")
    parser.set_defaults(
        run=_run, early=_check, other_names={"model": "FOREST", "leaf_step": "--leaf-step", "directory": "--out"}
    )


def _check(options: argparse.Namespace) -> None:
    """Check what needs neither the forest nor the events."""
    from codesign.data.word_limits import check_bits
    from codesign.errors import ConfigError
    from codesign.forests.leaves import check_step
    from codesign.network import FixedPoint

    if options.precision is None and options.data is None:
        raise ConfigError("--precision, --data: expected the type of the inputs, or events to find it. Received: none")
    if options.precision is not None:
        FixedPoint.parse(options.precision)
    check_bits(options.bits)
    check_step(options.leaf_step)
    check_exists(options.forest, "FOREST", "the file of a forest")
    check_events(options.data)


def _run(options: argparse.Namespace) -> None:
    from codesign.data import Words
    from codesign.handover.forest import build_forest
    from codesign.handover.readme import Origin
    from codesign.network import FixedPoint

    data = None if options.data is None else load_given_events(options)
    if options.precision is not None:
        precision = FixedPoint.parse(options.precision)
    else:
        precision = Words.find(data.x_train, data.features, options.bits)
    built = build_forest(
        options.forest,
        options.out,
        precision,
        None if data is None else data.x_test,
        leaf_step=options.leaf_step,
        features=() if data is None else data.features,
        origin=Origin(command=f"codesign forest {options.forest}"),
        clock_period_ns=options.clock_ns,
        part=options.part,
    )
    _print(built, options.out)
    if data is not None:
        _print_accuracy(built, data)


def _print(made: "BuiltForest", out: str) -> None:
    from codesign.errors import AgreementError

    forest, built = made.forest, made.built
    network, report, agreement = built.design.network, built.design.report, built.agreement
    shapes = {name: shape[0] for name, shape in network.shapes.items()}
    shared = sum(size for name, size in shapes.items() if name.startswith("paths_"))
    print(f"{forest.name}: {len(forest.trees):,} trees, {forest.n_features} features, sums {forest.n_outputs}")
    print(f"gates: {shapes['comparisons']:,} comparisons, {shared:,} shared bits, {shapes['leaves']:,} tables")
    print(
        f"leaf step {made.leaf_step:g}: no sum farther than {made.error:.3g} from the forest's; largest difference "
        f"from {made.judge}: {made.largest_difference:.3g}"
    )
    counts = f"{report.lut:,} LUT, {report.ff:,} FF, {report.latency_cycles} cycles"
    print(f"{counts} of {built.design.clock_period_ns:g} ns (LUT from {report.sources['lut']})")
    for note in built.notes:
        print(f"note: {note}")
    proofs = {"RTL": agreement.rtl_mismatches, "C++": agreement.cpp_mismatches}
    ran = {name: count for name, count in proofs.items() if count is not None}
    print(f"{agreement.events:,} events, {sum(ran.values())} mismatches ({' and '.join(ran) or 'none was run'})")
    print(f"written: {out}")
    if sum(ran.values()):
        raise AgreementError(f"the gates are not the forest: {ran}")


def _print_accuracy(made: "BuiltForest", data: "Dataset") -> None:
    """Print the accuracy of both where the events have the forest's classes."""
    n_outputs = made.forest.n_outputs
    if data.n_classes != (2 if n_outputs == 1 else n_outputs) or data.n_classes < 2:
        return
    gates, forest = made.built.outputs[: len(data.x_test)], made.forest.margins(data.x_test)
    found = [float((_decisions(margins) == data.y_test).mean()) for margins in (forest, gates)]
    print(f"accuracy on {len(data.x_test):,} test events: forest {found[0]:.4f}, gates {found[1]:.4f}")


def _decisions(margins: "np.ndarray") -> "np.ndarray":
    return margins.argmax(1) if margins.shape[1] > 1 else (margins[:, 0] > 0).astype(int)
