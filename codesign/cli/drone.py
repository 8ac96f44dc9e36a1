"""`codesign drone TEACHER --data X --out DIR`: a small network that imitates any model, as C++."""

import argparse
from typing import TYPE_CHECKING

from codesign.cli.early import check_events, check_exists
from codesign.cli.event_options import add_column_options, add_kind_option, load_given_events
from codesign.cli.input_shape import add_input_shape_option, input_shapes

if TYPE_CHECKING:
    from codesign.data import Dataset

_EXAMPLES = """examples:
  codesign drone teacher.keras --data b_decay --out build/drone
  codesign drone svm.skops --data events.npy --out build/drone
  codesign drone forest.joblib --trust-pickle --data events.npz --positive signal --max-units 24 --out build/drone
  codesign drone forest.skops --data 'jets-*.root' --features 'jet_*' --label flavour --out build/drone
  codesign drone boosted.ubj --data events.npz --units tables --max-lut 300 --out build/gates
  codesign drone boosted.ubj --data events.npz --probes 50000 --rule paper --out build/drone

TEACHER is a Keras model (.h5, .keras), ONNX (.onnx), a scikit-learn model (.skops), a Booster of XGBoost (.ubj, .json)
or LightGBM (.txt), or any other file that `codesign inspect` reads, such as an hls4ml project. Pickles (.joblib, .pkl)
and PyTorch's modules (.pt) can run any program when they are opened: with --trust-pickle, or after a question. Events
may have any shape, such as (n, 8, 8, 1): a teacher sees its own, the drone the features in a row. DATA is a sample
(b_decay, hbb, jets_hlf, quark_gluon), a .npz with x_train, y_train, x_test, y_test, or any table: .npy, .npz, CSV,
Parquet, Feather, HDF5, ROOT; of events alone a fifth is for testing. The drone, the student of this distillation,
learns from the teacher on the training events, without labels, which only give the AUC of both. Written are
drone.keras, drone.hpp (C++17, the weights and the standardisation inside), drone.json (lwtnn) with codesign_reader.hpp,
and fidelity.json; C++ and JSON are compared to the drone. With --units tables the drone is comparisons and six-input
tables within --max-lut, of 12-bit words; written are rtl/, cpp/ and README.md, proven on the test events, and
fidelity.json.
"""
_WRITES = ("drone.keras", "drone.hpp", "drone.json", "codesign_reader.hpp", "fidelity.json")


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "drone",
        help="train a small network that imitates any model, and write it as C++",
        description="Train a small network that imitates a model, write it as C++ and JSON, and check both.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("teacher", metavar="TEACHER", help="file of the model to imitate")
    parser.add_argument("--data", required=True, metavar="DATA", help="sample, or file of events: see below")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    _add_data_options(parser)
    _add_teacher_options(parser)
    _add_training_options(parser)
    parser.set_defaults(run=_run, early=_check, writes=_WRITES, other_names={"mean=..., std=...": "--standardize"})


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    """What the events are."""
    add_kind_option(parser)
    add_column_options(parser, "columns in the teacher's order; globs; !NAME leaves out")


def _add_teacher_options(parser: argparse.ArgumentParser) -> None:
    """What the teacher is."""
    parser.add_argument(
        "--trust-pickle", action="store_true", help="open a pickle, which runs what its writer put there"
    )
    parser.add_argument(
        "--positive", metavar="LABEL", help="class whose probability the drone gives: a label, or column 0 or 1"
    )
    add_input_shape_option(parser)
    parser.add_argument(
        "--output",
        choices=("probability", "logit", "value"),
        help="what the teacher gives (default: what its library says)",
    )
    parser.add_argument(
        "--standardize",
        metavar="FILE",
        help="the teacher was trained on (x - mean) / std: .npz or .json with both, or 'train': of DATA's training "
        "events",
    )
    parser.add_argument(
        "--force", action="store_true", help="imitate a teacher that is worse than chance on the labelled test events"
    )


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    """How the student, the drone, is trained."""
    parser.add_argument(
        "--hidden", type=int, nargs="+", default=[5], metavar="N", help="hidden units at first, per layer (default: 5)"
    )
    parser.add_argument("--activation", default="sigmoid", help="of hidden units (default: sigmoid)")
    parser.add_argument(
        "--max-units", type=int, default=16, metavar="N", help="hidden units of a layer, at most (default: 16)"
    )
    parser.add_argument(
        "--rule", default="validation", help="of growth: validation, paper or reference (default: validation)"
    )
    parser.add_argument(
        "--probes", type=int, default=0, metavar="N", help="events drawn around the training events, besides them"
    )
    parser.add_argument(
        "--units",
        choices=("dense", "tables"),
        default="dense",
        help="tables: comparisons and six-input tables for an FPGA, as Verilog and C++, instead (default: dense)",
    )
    parser.add_argument("--max-lut", type=float, default=1000, metavar="N", help="of tables (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)


def _check(options: argparse.Namespace) -> None:
    """Check what needs neither the teacher nor the events."""
    from codesign._arguments import check_range
    from codesign.drone.growth_rules import check_growth
    from codesign.errors import ConfigError

    if options.probes < 0:
        raise ConfigError(f"--probes: expected at least 0. Received: {options.probes}")
    check_growth(options.rule, options.hidden, options.max_units)
    check_range(options.max_lut, "max_lut", 1, 1_000_000)
    input_shapes(options)
    check_exists(options.teacher, "TEACHER", "the file of a model")
    if options.standardize not in (None, "train"):
        check_exists(options.standardize, "--standardize", "a .npz or .json with mean and std, or train")
    check_events(options.data)


def _run(options: argparse.Namespace) -> None:
    from codesign.distill import lock_drone_folder

    if options.units == "tables":
        return _train(options)
    with lock_drone_folder(options.out):  # a second run need not read the data to see the first
        _train(options)


def _train(options: argparse.Namespace) -> None:
    from codesign.distill import run_drone, run_table_drone
    from codesign.drone import as_teacher, load_teacher

    data = load_given_events(options)
    trusted = options.trust_pickle or _is_trusted(options.teacher)
    model = load_teacher(options.teacher, trust_pickle=trusted, input_shapes=input_shapes(options))
    inputs = {"event_shape": data.event_shape, **_standardisation(options.standardize, data)}
    teacher = as_teacher(model, positive=_label(options.positive), output=options.output, **inputs)
    if options.units == "tables":
        run_table_drone(teacher, data, options.out, max_lut=options.max_lut, seed=options.seed, force=options.force)
        return
    settings = {"hidden": tuple(options.hidden), "activation": options.activation, "max_units": options.max_units}
    settings |= {"rule": options.rule, "seed": options.seed, "force": options.force}
    run_drone(teacher, data, options.out, n_probes=options.probes, locked=True, **settings)


def _standardisation(source: str | None, data: "Dataset") -> dict:
    """Return the mean and std that the teacher was trained with."""
    from codesign.export.arrays import read_standardisation

    if source is None:
        return {}
    if source != "train":
        offset, scale = read_standardisation(source)
        return {"mean": -offset, "std": 1 / scale}
    return dict(zip(("mean", "std"), data.mean_and_std()))


def _is_trusted(path: str) -> bool:
    """Ask, where somebody is there to answer, before a file runs what its writer put there."""
    import sys

    from codesign.model_files import identify

    file = identify(path, what="teacher")
    if not file.runs_code or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(
        f"{path!r} is {file.description}. Open it all the same? Only if you trust who wrote it [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _label(text: str | None) -> object:
    """A label as it is written: a whole number where it is one."""
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return text
